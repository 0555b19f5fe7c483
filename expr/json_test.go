package expr

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

const shop = `{"name":"Weir","n":12345678901234567890,"price":6.10,"open":true,"none":null,"tags":[],
 "items":[{"id":1,"kind":"a","cost":{"v":5}},{"id":2,"kind":"b","cost":{"v":15}},{"id":3,"kind":"b"}],"a b":{"x.y":"한글<&>"}}`

func TestJSONPath(t *testing.T) {
	env := testEnv(map[string]string{"j": shop, "p": "$.name"})
	var cases [][2]string
	for _, c := range [][2]string{
		{"$.name", "Weir"}, {"name", "Weir"}, {"$['name']", "Weir"}, {`$["a b"]['x.y']`, "한글<&>"}, {"$.price", "6.10"},
		{"$.n", "12345678901234567890"}, {"$.open", "true"}, {"$.none", ""}, {"$.missing", ""}, {"$.name.deeper", ""}, {"$.tags", "[]"},
		{"$.tags[0]", ""}, {"$.items[0]", `{"id":1,"kind":"a","cost":{"v":5}}`}, {"$.items[-1].id", "3"}, {"$.items[0,2].id", "[1,3]"},
		{"$.items[1:].id", "[2,3]"}, {"$.items[:1].id", "1"}, {"$.items[::2].id", "[1,3]"}, {"$.items[*].id", "[1,2,3]"}, {"$.items[7]", ""},
		{"$..v", "[5,15]"}, {"$..id", "[1,2,3]"}, {"$.items[?(@.kind == 'b')].id", "[2,3]"}, {`$.items[?(@.kind=="a")].id`, "1"},
		{"$.items[?(@.cost.v > 5)].id", "2"}, {"$.items[?(@.cost)].id", "[1,2]"}, {"$.items[?(!@.cost)].id", "3"},
		{"$.items[?(@.kind == 'b' && @.id <= 2 || @.id == 1)].id", "[1,2]"}, {"$.items[?((@.id >= 2) && @.kind != 'a')].id", "[2,3]"},
		{"$.items[?(@.kind == $.items[0].kind)].id", "1"}, {"$..[?(@.v)].v", "[5,15]"}, {"$.items[?(@.id == 9)]", "[]"}, {"$['a b']['x.y','z']", "한글<&>"},
		{"$.*", `["Weir",12345678901234567890,6.10,true,null,[],[{"id":1,"kind":"a","cost":{"v":5}},{"id":2,"kind":"b","cost":{"v":15}},{"id":3,"kind":"b"}],{"x.y":"한글<&>"}]`},
	} {
		quoted := "'" + strings.ReplaceAll(c[0], "'", `\'`) + "'"
		cases = append(cases, [2]string{"${j:jsonPath(" + quoted + ")}", c[1]})
	}
	check(t, env, append(cases, [2]string{"${j:jsonPath(${p})}", "Weir"}))
}

func TestChangingJSON(t *testing.T) {
	env := testEnv(map[string]string{"j": `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`, "five": "5"})
	check(t, env, [][2]string{
		{"${j:jsonPathDelete('$.b')}", `{"a":[1,{"c":"x"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathDelete('$.a[0,1]')}", `{"b":1,"a":[3],"o":{"k":"v"}}`},
		{"${j:jsonPathDelete('$.a[?(@.c == \\'x\\')]')}", `{"b":1,"a":[1,3],"o":{"k":"v"}}`},
		{"${j:jsonPathDelete('$.nope.x')}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathSet('$.b', 2.5)}", `{"b":2.5,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathSet('$.a[1].c', 'q\"<')}", `{"b":1,"a":[1,{"c":"q\"<"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathSet('$.o[?(@.k)]', true)}", `{"b":1,"a":[1,{"c":"x"},3],"o":true}`},
		{"${j:jsonPathSet('$.nope', 1)}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathSet('$.b', null)}", `{"b":null,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`},
		{"${j:jsonPathAdd('$.a', ${five:toNumber()})}", `{"b":1,"a":[1,{"c":"x"},3,5],"o":{"k":"v"}}`},
		{"${j:jsonPathPut('$', 'new', ${five})}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"},"new":"5"}`},
		{"${j:jsonPathPut('$.o', 'k', false):jsonPathPut('$.a[1]', 'd', 7)}", `{"b":1,"a":[1,{"c":"x","d":7},3],"o":{"k":false}}`},
	})
	for src, code := range map[string]string{
		"${j:jsonPathAdd('$.b', 1)}": "expr_json_path", "${j:jsonPathPut('$.a', 'k', 1)}": "expr_json_path", "${j:jsonPathSet('$', 1)}": "expr_json_path",
		"${j:jsonPath(${five:prepend('[')})}": "expr_json_path", "${five:append('}'):jsonPath('$.a')}": "expr_json", "${missing:jsonPath('$.a')}": "expr_json",
		"${literal('[1] 2'):jsonPath('$')}": "expr_json", "${deep:jsonPath('$')}": "expr_json", "${wide:jsonPath('$..*..*..*..*..[?(@..*..*)]')}": "expr_json_path",
	} {
		env := testEnv(map[string]string{"j": `{"b":1,"a":[]}`, "five": "5", "wide": strings.Repeat("[", 150) + "1" + strings.Repeat("]", 150), "deep": strings.Repeat("[", 300) + strings.Repeat("]", 300)})
		if _, err := mustParse(t, src).Eval(env); fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %s", src, err, code)
		}
	}
	for _, bad := range []string{"$..", "$.", "$[", "$[]", "$['a'", "$['a", "$[?", "$[?(@.a ==)]", "$[?(@.a", "$[::0]", "$[1:2:3:4]", "$.a.length()", "$x", "$[?(" + strings.Repeat("(", 99) + "@)]", "$[?(" + strings.Repeat("!", 99) + "@)]"} {
		if p, err := compilePath(bad); err == nil {
			t.Errorf("compilePath(%q) = %+v", bad, p)
		}
	}
}

func FuzzJSONPath(f *testing.F) {
	f.Add("$.items[?(@.cost.v > 5 || !@.x)]..id", shop)
	f.Add("$['a b',\"c\"][0,-1][1:2:1].*", `[{"a":[1,2]}]`)
	f.Fuzz(func(t *testing.T, src, doc string) {
		if len(src) > 512 || len(doc) > 2048 {
			t.Skip("longer than is worth the time")
		}
		v, err := readJSON(doc)
		if err != nil {
			return
		}
		// Written and read again, a document is the same.
		var one, two strings.Builder
		writeJSON(&one, v)
		again, err := readJSON(one.String())
		if err != nil {
			t.Fatalf("%q is written as %q: %v", doc, one.String(), err)
		}
		writeJSON(&two, again)
		if one.String() != two.String() {
			t.Fatalf("%q, written again: %q", one.String(), two.String())
		}
		p, err := compilePath(src)
		if err != nil {
			return
		}
		at, err := p.find(v, &scope{doc: v, left: maxVisits})
		if err == nil && p.one && len(at) > 1 {
			t.Fatalf("%q leads to %d places", src, len(at))
		}
	})
}
