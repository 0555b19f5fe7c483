package flows

import (
	"strings"

	"github.com/weirflow/weir/fault"
)

// wording says changes in one language.
type wording struct {
	parts map[string]string
	// whole parts that came or went; entries of a part that did or changed.
	added, removed, set, unset, changed, moved, allMoved string
}

var wordings = map[fault.Lang]wording{
	fault.English: {
		parts: map[string]string{"flow": "flow", "schedule": "schedule", "policy": "policy", "notify": "notify", "parameter": "parameter",
			"service": "service", "node": "node", "connection": "connection", "group": "group", "label": "label", "layout": "layout"},
		added: "{what} added ({new})", removed: "{what} removed ({old})",
		set: "{what}: {key} set to {new}", unset: "{what}: {key} removed (was {old})",
		changed: "{what}: {key} {old} -> {new}", moved: "{what}: moved {old} -> {new}", allMoved: "{what}: {new} moved",
	},
	fault.Korean: {
		parts: map[string]string{"flow": "플로", "schedule": "일정", "policy": "정책", "notify": "알림", "parameter": "매개변수",
			"service": "서비스", "node": "노드", "connection": "연결", "group": "그룹", "label": "라벨", "layout": "배치"},
		added: "{what} 추가됨 ({new})", removed: "{what} 삭제됨 ({old})",
		set: "{what}: {key} 값을 {new}(으)로 지정", unset: "{what}: {key} 삭제됨 (이전 값 {old})",
		changed: "{what}: {key} {old} -> {new}", moved: "{what}: 위치 이동 {old} -> {new}", allMoved: "{what}: {new}개 이동",
	},
}

// Text says the change in words, such as: node csv: delimiter "," -> ";".
func (c Change) Text(lang fault.Lang) string {
	w, ok := wordings[lang]
	if !ok {
		w = wordings[fault.English]
	}
	what := w.parts[c.Part]
	if c.Name != "" {
		what += " " + c.Name
	}
	t := w.changed
	switch {
	case c.Part == "layout" && c.Name == "":
		t = w.allMoved
	case c.Part == "layout" && c.Kind == Changed:
		t = w.moved
	case c.Kind == Added && c.Key == "" && c.New == "":
		t = strings.TrimSuffix(w.added, " ({new})")
	case c.Kind == Removed && c.Key == "" && c.Old == "":
		t = strings.TrimSuffix(w.removed, " ({old})")
	case c.Kind == Added && c.Key == "":
		t = w.added
	case c.Kind == Removed && c.Key == "":
		t = w.removed
	case c.Kind == Added:
		t = w.set
	case c.Kind == Removed:
		t = w.unset
	}
	return strings.NewReplacer("{what}", what, "{key}", c.Key, "{old}", c.Old, "{new}", c.New).Replace(t)
}

// String returns the English text.
func (c Change) String() string { return c.Text(fault.English) }
