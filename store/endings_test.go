package store

import (
	"context"
	"testing"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// TestEndingsOutliveACrash ends two runs, crashes, and finds both ends until they
// are settled.
func TestEndingsOutliveACrash(t *testing.T) {
	dir := t.TempDir()
	s := openStore(t, dir, testOptions())
	v := publish(t, s, "users", chainPlan(1))
	var want []flowfile.RunID
	for range 2 {
		r := startRun(t, s, "users", v)
		commit(t, s, &flowfile.Delivery{Flow: "users", Run: r.Number,
			Order: &flowfile.Order{Kind: flowfile.OrderCancel, At: at, By: "test"}})
		want = append(want, r.Number)
	}
	select {
	case <-s.Ended():
	default:
		t.Error("nobody was woken")
	}
	if err := crash(s); err != nil {
		t.Fatal(err)
	}
	s = openStore(t, dir, testOptions())
	defer closeStore(t, s)
	one, err := s.Endings(Ending{}, 1)
	if err != nil || len(one) != 1 || one[0].Run != want[0] || one[0].State != runs.Cancelled || one[0].Flow != "users" {
		t.Fatalf("first ending %+v, %v", one, err)
	}
	if err := s.SettleEndings(context.Background(), one); err != nil {
		t.Fatal(err)
	}
	rest, err := s.Endings(Ending{}, 10)
	if err != nil || len(rest) != 1 || rest[0].Run != want[1] {
		t.Errorf("the rest %+v, %v", rest, err)
	}
}
