package ga4

import (
	"testing"

	"github.com/weirflow/weir/processors"
)

func TestTheColumnsThatVerifyLearnsAreThoseOfTheRun(t *testing.T) {
	s := serve(t, company())
	set := actions("metrics", []string{"eventCount", "totalRevenue"}, "types", map[string]string{"totalRevenue": "decimal"})
	before := node(t, s, set)
	shaper := before.Processor().(processors.Shaper)
	if out, err := shaper.Shape(t.Context(), before.Env(), nil); out != nil || err != nil {
		t.Errorf("before Verify: %v, %v", out, err)
	}
	if name, err := failed(t, before.Verify()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	spent := s.Stats().Tokens
	out, err := shaper.Shape(t.Context(), before.Env(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Stats().Tokens - spent; n != 0 {
		t.Errorf("%d tokens for the columns", n)
	}
	r := node(t, s, set).Run()
	for _, f := range r.Output(success) {
		if have := r.SchemaOf(f); out[success] == nil || !have.Equal(out[success]) {
			t.Errorf("told %v, came %s", out[success], have)
		}
	}
	if len(r.Output(success)) == 0 {
		t.Error("nothing came")
	}
}
