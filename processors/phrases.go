package processors

import "github.com/weirflow/weir/fault"

// phrase holds the words of the reference that stand round those of the kinds;
// %s and %d stand for values, in the same order in both languages.
var phrase = struct {
	inputs, outputs, properties, needs, tags                       fault.Entry
	inputHead, outputHead, propertyHead, needHead, kindHead        fault.Entry
	eachEntry, eachEntryDoc, eachKey, eachKeyDoc                   fault.Entry
	service, source, wholeRun, sink, effects, single               fault.Entry
	verifies, infers                                               fault.Entry
	waits, waitsFail, waitsSkip, optional                          fault.Entry
	between, least, most, form, whileSet, whileIs, or, example     fault.Entry
	required, byDefault, serviceOf, forward, filter, reject, value fault.Entry
	on                                                             fault.Entry
}{
	inputs:     fault.Entry{English: "Inputs", Korean: "입력"},
	outputs:    fault.Entry{English: "Outputs", Korean: "출력"},
	properties: fault.Entry{English: "Properties", Korean: "속성"},
	needs:      fault.Entry{English: "Needs", Korean: "필요한 것"},
	tags:       fault.Entry{English: "Tags: %s.", Korean: "태그: %s."},

	inputHead:    fault.Entry{English: "input | takes", Korean: "입력 | 받는 것"},
	outputHead:   fault.Entry{English: "output | class | gets", Korean: "출력 | 분류 | 나가는 것"},
	propertyHead: fault.Entry{English: "property | type | default | meaning", Korean: "속성 | 타입 | 기본값 | 뜻"},
	needHead:     fault.Entry{English: "what | value | on | why", Korean: "종류 | 값 | 대상 | 이유"},
	kindHead:     fault.Entry{English: "kind | what it does", Korean: "종류 | 하는 일"},

	eachEntry:    fault.Entry{English: "each entry of %s", Korean: "%s의 각 항목"},
	eachEntryDoc: fault.Entry{English: "The same, under its own name.", Korean: "같은 것을 각자의 이름으로 받습니다."},
	eachKey:      fault.Entry{English: "each key of %s", Korean: "%s의 각 이름"},
	eachKeyDoc:   fault.Entry{English: "What its entry chose.", Korean: "해당 항목이 고른 것입니다."},

	service:  fault.Entry{English: "A service: the nodes of a flow share it by name.", Korean: "서비스입니다. 플로의 노드들이 이름으로 함께 씁니다."},
	source:   fault.Entry{English: "A source: it has no input.", Korean: "소스이므로 입력이 없습니다."},
	wholeRun: fault.Entry{English: "It works on a whole run at once, when all of its data has arrived.", Korean: "실행의 데이터가 모두 도착하면 전체를 한 번에 처리합니다."},
	sink:     fault.Entry{English: "It ends data.", Korean: "데이터가 여기서 끝납니다."},
	effects:  fault.Entry{English: "Outside Weir: %s", Korean: "Weir 밖에서: %s"},
	single:   fault.Entry{English: "It runs in one task at a time.", Korean: "한 번에 한 작업만 실행합니다."},
	verifies: fault.Entry{English: "Its settings are tried against the world before each run.", Korean: "실행 전마다 설정을 실제로 시험해 봅니다."},
	infers:   fault.Entry{English: "`weir flow infer` can find its schema.", Korean: "`weir flow infer`로 스키마를 찾을 수 있습니다."},

	waits:     fault.Entry{English: " It waits for the whole run.", Korean: " 실행 전체를 기다립니다."},
	waitsFail: fault.Entry{English: " It waits for the whole run and fails when nothing arrived.", Korean: " 실행 전체를 기다리고, 도착한 것이 없으면 실패합니다."},
	waitsSkip: fault.Entry{English: " It waits for the whole run and is skipped when nothing arrived.", Korean: " 실행 전체를 기다리고, 도착한 것이 없으면 건너뜁니다."},
	optional:  fault.Entry{English: " It may stay unconnected.", Korean: " 연결하지 않아도 됩니다."},

	between:  fault.Entry{English: " From %s to %s.", Korean: " %s부터 %s까지입니다."},
	least:    fault.Entry{English: " At least %s.", Korean: " %s 이상입니다."},
	most:     fault.Entry{English: " At most %s.", Korean: " %s 이하입니다."},
	form:     fault.Entry{English: " It must be %s.", Korean: " 형식: %s."},
	whileSet: fault.Entry{English: " Only while %s is set.", Korean: " %s 속성을 설정했을 때만 씁니다."},
	whileIs:  fault.Entry{English: " Only while %s is %s.", Korean: " %s 값이 %s일 때만 씁니다."},
	or:       fault.Entry{English: " or ", Korean: " 또는 "},
	example:  fault.Entry{English: " For example %s.", Korean: " 예: %s."},

	required:  fault.Entry{English: "required", Korean: "필수"},
	byDefault: fault.Entry{English: "default %s", Korean: "기본값 %s"},
	serviceOf: fault.Entry{English: "service of kind %s", Korean: "%s 서비스"},
	forward:   fault.Entry{English: "forward", Korean: "전달"},
	filter:    fault.Entry{English: "filter", Korean: "걸러짐"},
	reject:    fault.Entry{English: "reject", Korean: "거부됨"},
	value:     fault.Entry{English: "the value of %s", Korean: "%s의 값"},
	on:        fault.Entry{English: "%s on %s", Korean: "%s, 대상 %s"},
}
