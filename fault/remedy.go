package fault

import (
	"maps"
	"regexp"
)

// Remedy returns what can be done, in a language: the last sentence of the text of
// the note's code, or of its cause where that of the note is one sentence alone.
// What is put in for names does not move the border between sentences.
func (n *Note) Remedy(lang Lang) string {
	for ; n != nil; n = n.Cause {
		e, ok := catalogue()[n.Code]
		if !ok {
			continue
		}
		t := e.English
		if lang == Korean {
			t = e.Korean
		}
		at := border.FindAllStringIndex(t, -1)
		if len(at) == 0 {
			continue
		}
		args := maps.Clone(n.Args)
		for name, part := range n.Parts {
			if args == nil {
				args = Args{}
			}
			args[name] = part.Text(lang)
		}
		return fill(t[at[len(at)-1][1]:], args)
	}
	return ""
}

// border stands between two sentences: not within "...", behind a lone sign, or
// behind the number of an item.
var border = regexp.MustCompile(`(?:[^.\d\s]|\S\d)[.?!]["')]* `)
