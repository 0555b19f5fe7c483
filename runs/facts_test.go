package runs

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirflow/weir/flowfile"
)

func TestFactsAreReplacedAndBounded(t *testing.T) {
	r := &Run{}
	if r.tell(nil, nil) {
		t.Error("nothing told is a change")
	}
	if _, yes := r.Provisional(); yes {
		t.Error("a run without facts is provisional")
	}
	r.tell([]flowfile.Fact{{Node: "a", Name: "reads", Value: "1"}, {Node: "a", Name: "reads", Value: "2"}}, nil)
	if got := r.Facts["a"]["reads"]; got != "2" {
		t.Errorf("reads = %q", got)
	}
	for i := range 2 * mostFacts {
		r.tell([]flowfile.Fact{{Node: "a", Name: fmt.Sprint(i), Value: "x"}}, nil)
	}
	if n := len(r.Facts["a"]); n != mostFacts {
		t.Errorf("%d facts kept", n)
	}
	r.tell([]flowfile.Fact{{Node: "a", Name: "reads", Value: strings.Repeat("회", longestFact)}}, nil)
	if got := r.Facts["a"]["reads"]; len(got) > longestFact+3 || !utf8.ValidString(got) {
		t.Errorf("a long value became %d bytes, valid %t", len(got), utf8.ValidString(got))
	}
	r.tell([]flowfile.Fact{{Node: "b", Name: flowfile.Provisional, Value: "2026-11-24"}}, nil)
	if until, yes := r.Provisional(); !yes || until != "2026-11-24" {
		t.Errorf("provisional until %q, %t", until, yes)
	}
}

func TestWitnessesAreReplacedAndBounded(t *testing.T) {
	r := &Run{}
	if !r.tell(nil, []flowfile.Witness{{Node: "a", Who: "GA4", Rows: 1}, {Node: "b", Who: "GA4", Rows: 2}, {Node: "a", Who: "GA4", Rows: 3}}) {
		t.Error("a witness is no change")
	}
	if len(r.Witnesses) != 2 || r.Witnesses[0].Rows != 3 {
		t.Errorf("witnesses %+v", r.Witnesses)
	}
	for i := range 2 * mostWitnesses {
		r.witness(flowfile.Witness{Node: "a", Who: fmt.Sprint(i)})
	}
	if len(r.Witnesses) != mostWitnesses+1 {
		t.Errorf("%d witnesses kept", len(r.Witnesses))
	}
}
