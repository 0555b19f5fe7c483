package firestore

import (
	"encoding/json"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func TestTheColumnsAreThoseOfTheRun(t *testing.T) {
	s := serve(t, company(10))
	for _, set := range []settings{
		reading(),
		reading("metadata", []string{"__id", "__read_time"}, "on_drift", overflowDrift, "schema", json.RawMessage(`[["uid","string"]]`)),
		reading("schema", json.RawMessage(`[["uid","int64"]]`)),
	} {
		r := node(t, s, set).Run()
		billed := s.Stats().Billed
		out, err := r.Processor().(processors.Shaper).Shape(t.Context(), r.Env(), nil)
		if err != nil || s.Stats().Billed != billed {
			t.Fatalf("%d documents, %v", s.Stats().Billed-billed, err)
		}
		came := 0
		for _, o := range []flowfile.Relationship{success, rejected} {
			for _, f := range r.Output(string(o)) {
				came++
				if have := r.SchemaOf(f); out[o] == nil || !have.Equal(out[o]) {
					t.Errorf("%s: told %v, came %s", o, out[o], have)
				}
			}
		}
		if came == 0 {
			t.Error("nothing came")
		}
	}
}
