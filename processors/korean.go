package processors

import (
	"bytes"
	_ "embed" // the words that kinds share
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
)

// koreanWords are the Korean texts of kinds, each under the English that it
// translates: an English text that changes wants its Korean anew.
type koreanWords struct {
	// Labels are those of properties by key, or by KIND.key where one kind's
	// differs.
	Labels map[string]string `json:"labels"`
	// Tags are the words to find a kind by.
	Tags map[string]string `json:"tags"`
	// Texts are the sentences, and the words of patterns.
	Texts map[string]string `json:"texts"`
}

//go:embed korean.json
var sharedKorean []byte

var korean = koreanWords{Labels: map[string]string{}, Tags: map[string]string{}, Texts: map[string]string{}}

var _ = Korean(sharedKorean)

// Korean adds Korean texts of kinds, from JSON of the form
//
//	{"labels": {"key": "…"}, "tags": {"word": "…"}, "texts": {"An English sentence.": "…"}}
//
// Labels go by the property's key, or by KIND.key. What has no Korean is shown in
// English. A package calls it from a variable, as in
//
//	var _ = processors.Korean(korean) // embedded from korean.json
//
// so that the texts are there before init registers the kinds. It panics on what
// is malformed or translated already; the result is nothing to use.
func Korean(file []byte) struct{} {
	var w koreanWords
	d := json.NewDecoder(bytes.NewReader(file))
	d.DisallowUnknownFields()
	if err := d.Decode(&w); err != nil {
		panic(fmt.Sprintf("processors: korean texts: %v", err))
	}
	registry.Lock()
	defer registry.Unlock()
	for _, part := range []struct{ to, from map[string]string }{{korean.Labels, w.Labels}, {korean.Tags, w.Tags}, {korean.Texts, w.Texts}} {
		for english, text := range part.from {
			if _, twice := part.to[english]; twice || text == "" {
				panic(fmt.Sprintf("processors: %q is translated twice or by nothing", english))
			}
			part.to[english] = text
		}
	}
	return struct{}{}
}

// entryOf pairs an English text with its Korean, or with itself.
func entryOf(words map[string]string, english, key string) fault.Entry {
	registry.RLock()
	defer registry.RUnlock()
	if text, ok := words[key]; ok {
		return fault.Entry{English: english, Korean: text}
	}
	return fault.Entry{English: english, Korean: english}
}

func both(english string) fault.Entry { return entryOf(korean.Texts, english, english) }

func bothTags(tags []string) []fault.Entry {
	var out []fault.Entry
	for _, tag := range tags {
		out = append(out, entryOf(korean.Tags, tag, tag))
	}
	return out
}

func bothLabels(kind, key string) fault.Entry {
	own := kind + "." + key
	if e := entryOf(korean.Labels, label(key), own); e.Korean != e.English {
		return e
	}
	return entryOf(korean.Labels, label(key), key)
}

// Untranslated returns what the registered kinds say without Korean, and the
// Korean texts that no kind uses, each as "text ...", "tag ..." or "label ...".
func Untranslated() (missing, unused []string) {
	used := map[string]bool{}
	for _, info := range append(Kinds(), ServiceKinds()...) {
		for _, english := range info.texts() {
			used["text "+english] = true
		}
		for _, tag := range info.Tags {
			used["tag "+tag.English] = true
		}
		for _, p := range info.Properties {
			if own := info.Kind + "." + p.Key; korean.Labels[own] != "" {
				used["label "+own] = true
				continue
			}
			used["label "+p.Key] = true
		}
	}
	have := map[string]bool{}
	for sort, words := range map[string]map[string]string{"text ": korean.Texts, "tag ": korean.Tags, "label ": korean.Labels} {
		for english := range words {
			have[sort+english] = true
		}
	}
	return without(used, have), without(have, used)
}

// without returns what is in a and not in b, sorted.
func without(a, b map[string]bool) []string {
	var out []string
	for k := range a {
		if !b[k] {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out
}

// texts are the English sentences of a kind, and the words of its patterns.
func (i *Info) texts() []string {
	out := []string{i.Doc.English}
	if i.Effects != nil {
		out = append(out, i.Effects.English)
	}
	for _, in := range i.Inputs {
		out = append(out, in.Doc.English)
	}
	for _, o := range i.Outputs {
		out = append(out, o.Doc.English)
	}
	for _, p := range i.Properties {
		out = append(out, p.Doc.English)
		if p.patternOf.English != "" {
			out = append(out, p.patternOf.English)
		}
		for _, c := range p.Choices {
			out = append(out, c.Doc.English)
		}
	}
	for _, n := range i.Needs {
		out = append(out, n.Why.English)
	}
	return out
}
