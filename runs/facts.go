package runs

import (
	"strings"

	"github.com/weirflow/weir/flowfile"
)

// The run is read and written whole at each commit, so what nodes tell of
// themselves is bounded: beyond these it is cut or left out.
const (
	mostFacts     = 40 // of each node
	mostWitnesses = 8  // of each node
	longestFact   = 1024
)

// tell keeps the facts and witnesses of a session.
func (r *Run) tell(facts []flowfile.Fact, witnesses []flowfile.Witness) (changed bool) {
	for _, f := range facts {
		of := r.Facts[f.Node]
		if _, known := of[f.Name]; !known && len(of) >= mostFacts {
			continue
		}
		if of == nil {
			if r.Facts == nil {
				r.Facts = map[string]map[string]string{}
			}
			of = map[string]string{}
			r.Facts[f.Node] = of
		}
		if len(f.Value) > longestFact {
			f.Value = strings.ToValidUTF8(f.Value[:longestFact], "") + "…"
		}
		of[f.Name], changed = f.Value, true
	}
	for _, w := range witnesses {
		changed = r.witness(w) || changed
	}
	return changed
}

// witness keeps a count, in the place of an earlier one of the same witness.
func (r *Run) witness(w flowfile.Witness) bool {
	n := 0
	for i, have := range r.Witnesses {
		if have.Node != w.Node {
			continue
		}
		if have.Who == w.Who {
			r.Witnesses[i] = w
			return true
		}
		n++
	}
	if n >= mostWitnesses {
		return false
	}
	r.Witnesses = append(r.Witnesses, w)
	return true
}

// Provisional reports whether a source may still revise what the run read, and
// until when, as the first such node tells it.
func (r *Run) Provisional() (until string, yes bool) {
	for _, node := range sortedKeys(r.Facts) {
		if until, yes = r.Facts[node][flowfile.Provisional]; yes {
			return until, true
		}
	}
	return "", false
}
