package runs

import (
	"encoding/json"

	"github.com/weirflow/weir/fault"
)

// Warnings are notes for a run's page, to be shown in any language.
type Warnings []*fault.Note

// UnmarshalJSON reads notes, and the texts that stood in their place in runs of
// earlier versions.
func (w *Warnings) UnmarshalJSON(b []byte) error {
	var all []json.RawMessage
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*w = nil
	for _, one := range all {
		n := new(fault.Note)
		into := any(n)
		if len(one) > 0 && one[0] == '"' {
			into = &n.Words
		}
		if err := json.Unmarshal(one, into); err != nil {
			return err
		}
		*w = append(*w, n)
	}
	return nil
}

// Texts renders the warnings in a language.
func (w Warnings) Texts(lang fault.Lang) []string {
	var out []string
	for _, n := range w {
		out = append(out, n.Text(lang))
	}
	return out
}

// has tells whether a warning is there already, be it as a text.
func (w Warnings) has(n *fault.Note) bool {
	text := n.Text(fault.English)
	for _, have := range w {
		if have.Text(fault.English) == text {
			return true
		}
	}
	return false
}
