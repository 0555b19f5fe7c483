package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/runs"
)

// testService is a service that tries itself; its nodes are testUsers.
type testService struct{ Fail bool }

func (p *testService) Define(s *processors.Spec) {
	s.Describe("TestService", "Stands for a service.")
	s.Bool(&p.Fail, "fail", "Whether it cannot be opened.")
}

func (p *testService) Open(ctx context.Context, env processors.Env) (any, error) {
	if p.Fail {
		return nil, fault.New("internal", "what", "no key").Permanent()
	}
	return env.Node, knobs(env.Flow).strike(ctx, "open", env.Node)
}

func (p *testService) Close(context.Context) error { return nil }

func (p *testService) Verify(ctx context.Context, env processors.Env) []processors.Step {
	if err := knobs(env.Flow).strike(ctx, "service", env.Node); err != nil {
		return []processors.Step{processors.Failed(fault.New("Ask"), err)}
	}
	return []processors.Step{processors.Passed(fault.New("Ask"), fault.New(env.Services[env.Node].(string)))}
}

type testUser struct{ service processors.ServiceRef }

func (p *testUser) Define(s *processors.Spec) {
	s.Describe("TestUser", "Uses a service.")
	s.Service(&p.service, "service", "TestService", "The service.", processors.Required)
	s.Output("success", "Nothing.")
}

func (p *testUser) Process(_ context.Context, s *flowfile.Session) error { s.Done(); return nil }

func (p *testUser) Verify(ctx context.Context, env processors.Env) []processors.Step {
	if err := knobs(env.Flow).strike(ctx, "user", env.Node); err != nil {
		return []processors.Step{processors.Failed(fault.New("Use"), err)}
	}
	return []processors.Step{processors.Passed(fault.New("Use"), fault.New(env.Run.Date)), processors.Skipped(fault.New("Look"), fault.New("no need"))}
}

func init() {
	processors.RegisterService(func() processors.Service { return &testService{} })
	processors.Register(func() processors.Processor { return &testUser{} })
}

const served = `{
  "weir": 1, "id": "%s", "mode": "runs", "policy": {"retries": 0},
  "services": {"one": {"kind": "TestService"}, "two": {"kind": "TestService", "settings": {"fail": %t}}},
  "nodes": {
    "z-first": {"kind": "TestUser", "settings": {"service": "one"}},
    "y-other": {"kind": "TestUser", "settings": {"service": "two"}},
    "mid": {"kind": "TestMap"},
    "end": {"kind": "TestSink"}
  },
  "connections": {
    "a": {"from": "z-first", "output": "success", "to": "mid"},
    "b": {"from": "y-other", "output": "success", "to": "mid"},
    "c": {"from": "mid", "output": "success", "to": "end"}
  }
}`

func (b *bench) verify(fail bool) Checks {
	b.t.Helper()
	f, problems := flows.Check(fmt.Appendf(nil, served, b.flow, fail))
	if len(problems) > 0 {
		b.t.Fatal(problems)
	}
	c, err := b.engine.Verify(b.t.Context(), f, Verification{Slot: "1999-12-30"})
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

func lines(cs Checks) string {
	var out []string
	for _, c := range cs {
		line := c.Node + ": " + c.Name.Error() + " " + string(c.State)
		if c.Note != nil {
			line += " " + c.Note.Error()
		}
		if c.Fault != nil {
			line += " " + fault.CodeOf(c.Fault)
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func TestVerifyAsksServicesThenNodesInTheDirectionOfTheFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		const want = `one: Open the service ok
one: Ask ok one
two: Open the service ok
two: Ask ok two
y-other: Use ok 1999-12-30
y-other: Look skipped no need
z-first: Use ok 1999-12-30
z-first: Look skipped no need
mid: Bind the settings ok`
		for range 5 { // each in an order of its own
			got := b.verify(false)
			if lines(got) != want || got.Err() != nil {
				t.Fatalf("got\n%s\nwant\n%s", lines(got), want)
			}
		}
		got := b.verify(true)
		if want := `one: Open the service ok
one: Ask ok one
two: Open the service failed internal
y-other: Try the settings skipped The service two could not be opened.
z-first: Use ok 1999-12-30`; !strings.HasPrefix(lines(got), want) {
			t.Errorf("with a service that does not open:\n%s", lines(got))
		}
		if err := got.Err(); fault.CodeOf(err) != "internal" || !strings.HasPrefix(err.Error(), "two: Open the service: ") {
			t.Errorf("verdict: %v", err)
		} else if ko := fault.Text(err, fault.Korean); !strings.HasPrefix(ko, "two: 서비스 열기: Weir 내부") {
			t.Errorf("verdict in Korean: %s", ko)
		}
		b.close()
	})
}

func TestVerifyOutlivesKindsThatHangOrPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		free := make(chan struct{})
		b.on("user", func(_ context.Context, _ int, node string) error {
			if node == "z-first" {
				<-free // whatever its context says
			}
			return nil
		})
		b.on("service", func(ctx context.Context, _ int, name string) error {
			if name == "one" {
				<-ctx.Done()
				return ctx.Err()
			}
			panic("nobody home")
		})
		began := time.Now()
		got := b.verify(false)
		soon(t, began, 2*verifyTimeout+2*verifyGrace)
		const want = `one: Open the service ok
one: Ask failed preflight_timeout
two: Open the service ok
two: Try the settings failed processor_panic
y-other: Use ok 1999-12-30
y-other: Look skipped no need
z-first: Try the settings failed preflight_timeout
mid: Bind the settings ok`
		if lines(got) != want {
			t.Errorf("got\n%s\nwant\n%s", lines(got), want)
		}
		close(free)
		b.close()
	})
}

// The fault that trying again does not mend is the one to tell.
func TestVerdictPrefersWhatStays(t *testing.T) {
	passes, stays := errors.New("no answer"), fault.New("internal", "what", "no right").Permanent()
	a, b, d := fault.New("a"), fault.New("b"), fault.New("c")
	for _, c := range []struct {
		steps []processors.Step
		want  error
	}{
		{[]processors.Step{processors.Passed(a, nil), processors.Skipped(b, nil)}, nil},
		{[]processors.Step{processors.Failed(a, passes)}, passes},
		{[]processors.Step{processors.Failed(a, passes), processors.Failed(b, stays), processors.Failed(d, passes)}, stays},
	} {
		var cs Checks
		for _, s := range c.steps {
			cs = append(cs, Check{Node: "n", Step: s})
		}
		if err := cs.Err(); !errors.Is(err, c.want) || (c.want == nil) != (err == nil) {
			t.Errorf("%v: %v, want %v", c.steps, err, c.want)
		}
	}
}

func TestVerifyTellsSettingsThatAreNotGood(t *testing.T) {
	b := newBench(t, false)
	f, err := flows.Parse(fmt.Appendf(nil, served, b.flow, false))
	if err != nil {
		t.Fatal(err)
	}
	n := f.Nodes["y-other"]
	n.Settings = nil
	f.Nodes["y-other"] = n
	got, err := b.engine.Verify(t.Context(), f, Verification{})
	if err != nil || !strings.HasPrefix(lines(got), "y-other: Bind the settings failed setting_missing\nend: Try the settings skipped") {
		t.Errorf("%v\n%s", err, lines(got))
	}
	if _, err := b.engine.Verify(t.Context(), f, Verification{Slot: "yesterday"}); fault.CodeOf(err) != "slot_bad_date" && err == nil {
		t.Errorf("a slot that there is not: %v", err)
	}
}

func TestVerifyAsksOneNodeWithItsServicesAlone(t *testing.T) {
	b := newBench(t, false)
	f, err := flows.Parse(fmt.Appendf(nil, served, b.flow, true))
	if err != nil {
		t.Fatal(err)
	}
	var asked sync.Map
	for _, point := range []string{"open", "service", "user"} {
		b.on(point, func(_ context.Context, _ int, name string) error { asked.Store(point+" "+name, true); return nil })
	}
	for _, c := range []struct {
		v    Verification
		want string
	}{
		{Verification{Node: "z-first", Slot: "1999-12-30"}, "one: Open the service ok\none: Ask ok one\nz-first: Use ok 1999-12-30\nz-first: Look skipped no need"},
		{Verification{Service: "one"}, "one: Open the service ok\none: Ask ok one"},
		{Verification{Node: "mid"}, "mid: Bind the settings ok"},
	} {
		got, err := b.engine.Verify(t.Context(), f, c.v)
		if err != nil || lines(got) != c.want {
			t.Errorf("%+v: %v\n%s", c.v, err, lines(got))
		}
	}
	asked.Range(func(k, _ any) bool {
		if k := k.(string); strings.HasSuffix(k, " two") || strings.HasSuffix(k, " y-other") {
			t.Errorf("%s was asked", k)
		}
		return true
	})
}

// A run whose preflight is not answered says at once whom it waits for.
func TestPreflightUnderWayIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(`"policy": {"retries": 0},`, 1)
		b.on("verify", func(ctx context.Context, _ int, _ string) error {
			<-ctx.Done()
			return ctx.Err()
		})
		r, err := b.engine.Start(t.Context(), Start{Flow: b.flow, Kind: "manual", By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		pass(3 * time.Second)
		got, ok := b.engine.Trouble(b.flow, r.Number)
		f := fault.As(got.Fault)
		if !ok || f.Code != "preflight_under_way" || f.Args["nodes"] != "end" || f.Args["for"] != "3s" || !got.Until.IsZero() {
			t.Errorf("trouble after 3 seconds: %+v, %v", got, ok)
		}
		began := time.Now()
		if r := b.wait(r.Number); r.State != runs.Failed || r.Code != "preflight_timeout" || !strings.HasPrefix(r.Why, "end: Look around: ") {
			t.Errorf("run ended %s: %s", r.State, r.Why)
		}
		soon(t, began, verifyTimeout)
		b.close()
	})
}
