package runs_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/runs/runstest"
)

// control plays schedules against a broken protocol and fails when they do not
// show damage of one of the kinds. TestRandomSchedules plays the same schedules
// against the sound one and sees nothing, so the damage comes from the break.
func control(t *testing.T, compile func(*runs.Plan) (*runs.Graph, error), sabotage runstest.Sabotage, kinds ...string) {
	t.Helper()
	n, bad := soak(100), 0
	seen := map[string]int{}
	for seed := range n {
		store := runstest.NewMapStore()
		store.Compile = compile
		rep, err := runstest.Play(store, runstest.Options{Seed: uint64(seed), Crashes: seed%2 == 0, Sabotage: sabotage})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		hit := false
		for _, v := range rep.Violations {
			kind, _, _ := strings.Cut(v, ":")
			seen[kind]++
			for _, k := range kinds {
				hit = hit || k == kind
			}
		}
		if hit {
			bad++
		}
	}
	t.Logf("%d of %d schedules show the damage (%v)", bad, n, seen)
	if bad*20 < n {
		t.Errorf("the broken protocol passes: %d of %d schedules show %v", bad, n, kinds)
	}
}

func TestControlCountAtCheckout(t *testing.T) {
	control(t, runs.CompileBroken(runs.Unguarded), runstest.CountAtCheckout, "late")
}

func TestControlTokenBeforeLastOutput(t *testing.T) {
	control(t, runs.CompileBroken(runs.Unguarded), runstest.EarlyToken, "late", "token")
}

func TestControlInputsLookIdle(t *testing.T) {
	control(t, runs.CompileBroken(runs.IdleInputs), runstest.NoSabotage, "late")
}

func TestControlResumeAfterGateFired(t *testing.T) {
	control(t, runs.CompileBroken(runs.SettledGates), runstest.NoSabotage, "late")
}

func TestControlNaiveStuck(t *testing.T) {
	control(t, runs.CompileBroken(runs.NaiveStuck), runstest.NoSabotage, "stuck")
}

// The guards are what refuses the two protocols that sessions could break.
func TestControlGuardsRefuse(t *testing.T) {
	control(t, nil, runstest.CountAtCheckout, "refused")
	control(t, nil, runstest.EarlyToken, "refused")
}
