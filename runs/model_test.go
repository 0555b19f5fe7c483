package runs_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/runs/runstest"
)

// soak multiplies the number of schedules by WEIR_SOAK.
func soak(n int) int {
	if k, err := strconv.Atoi(os.Getenv("WEIR_SOAK")); err == nil && k > 0 {
		return n * k
	}
	return n
}

func TestRandomSchedules(t *testing.T) {
	var sum runstest.Report
	ended := map[runs.State]int{}
	n := soak(2000)
	for seed := range n {
		rep, err := runstest.Play(runstest.NewMapStore(), runstest.Options{Seed: uint64(seed), Crashes: seed%4 > 0, Listing: seed%10 == 0})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		for _, v := range rep.Violations {
			t.Errorf("seed %d: %s", seed, v)
		}
		if t.Failed() {
			return
		}
		sum.Commits += rep.Commits
		sum.Crashes += rep.Crashes
		sum.Refused += rep.Refused
		sum.Resumes += rep.Resumes
		sum.Stuck += rep.Stuck
		for s, k := range rep.Ended {
			ended[s] += k
		}
	}
	t.Logf("%d schedules, %d commits, %d crashes, %d stale sessions refused, %d resumes, %d stuck observations, ended %v",
		n, sum.Commits, sum.Crashes, sum.Refused, sum.Resumes, sum.Stuck, ended)
	// A model that never gets to the hard places proves nothing.
	for _, s := range []runs.State{runs.Success, runs.Partial, runs.Failed, runs.Cancelled, runs.Superseded} {
		if ended[s] == 0 {
			t.Errorf("no run ended %s", s)
		}
	}
	if sum.Crashes < n || sum.Refused == 0 || sum.Resumes < n/4 {
		t.Errorf("too little happened: %+v", sum)
	}
}
