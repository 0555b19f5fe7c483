package processors

import (
	"context"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

type smoke struct{ path Expr }

func (c *smoke) Define(s *Spec) {
	s.Describe("Smoke", "Does nothing.")
	s.Input("", "Any.", WholeRun)
	s.Expr(&c.path, "path", "Where the file goes.", Required)
	s.Output("success", "The same.")
}
func (c *smoke) Process(context.Context, *flowfile.Session) error { return nil }

func TestSmoke(t *testing.T) {
	Register(func() Processor { return &smoke{} })
	c, ps := Build("Smoke", nil, BuildEnv{Runs: true})
	if c == nil || len(ps) != 1 || ps[0].Fault.Code != "setting_missing" {
		t.Fatal(c, ps)
	}
}
