package engine

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/weirflow/weir/runs"
)

// pass lets the bubble's time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (b *bench) enable(catchUp int) {
	b.t.Helper()
	err := b.store.UpdateSchedule(context.Background(), b.flow, func(st *runs.FlowStatus) error {
		st.Enabled, st.Since, st.CatchUp = true, b.now(), catchUp
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.engine.Changed(b.flow)
	synctest.Wait()
}

// slots returns the slots that have runs, oldest first, with their states.
func (b *bench) slots() []string {
	b.t.Helper()
	list, err := b.store.Runs(b.flow, 100, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("%s %s", r.Slot, r.State))
	}
	slices.Reverse(out)
	return out
}

func (b *bench) wantSlots(want ...string) {
	b.t.Helper()
	if got := b.slots(); !slices.Equal(got, want) {
		b.t.Errorf("runs are %q, want %q", got, want)
	}
}

const daily = `"schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul"},`

// The bubble begins on 2000-01-01 00:00 UTC, which is 09:00 in Seoul.

func TestSlotFiresAtItsTimeOnTheNextDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		b.publish(daily, 1)
		b.enable(0)
		pass(20*time.Hour + 59*time.Minute) // 05:59 in Seoul
		b.wantSlots()
		pass(2 * time.Minute)
		b.wantSlots("2000-01-01 SUCCESS")
		r, err := b.store.Runs(b.flow, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := r[0].Start.UTC().Format(time.RFC3339); got != "1999-12-31T15:00:00Z" || r[0].Date != "2000-01-01" {
			t.Errorf("the slot begins %s with date %s, want Seoul's midnight and local date", got, r[0].Date)
		}
		pass(24 * time.Hour)
		b.wantSlots("2000-01-01 SUCCESS", "2000-01-02 SUCCESS")
		b.close()
	})
}

func TestCatchUpMakesTheAskedSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		b.publish(daily, 1)
		b.enable(3)
		pass(time.Minute)
		b.wantSlots("1999-12-29 SUCCESS", "1999-12-30 SUCCESS", "1999-12-31 SUCCESS")
		pass(time.Hour)
		b.wantSlots("1999-12-29 SUCCESS", "1999-12-30 SUCCESS", "1999-12-31 SUCCESS")
		b.close()
	})
}

func TestMissedSlotsFollowThePolicy(t *testing.T) {
	for _, c := range []struct {
		policy string
		want   []string
	}{
		{"last", []string{"2000-01-04 SUCCESS"}},
		{"all", []string{"2000-01-01 SUCCESS", "2000-01-02 SUCCESS", "2000-01-03 SUCCESS", "2000-01-04 SUCCESS"}},
		{"none", nil},
	} {
		t.Run(c.policy, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, true)
				b.publish(fmt.Sprintf(`"schedule": {"every": "day", "at": "06:00", "zone": "Asia/Seoul", "missed": %q},`, c.policy), 1)
				b.enable(0)
				b.close() // the server is down for four due times
				pass(4 * 24 * time.Hour)
				b.open(true)
				pass(time.Minute)
				b.wantSlots(c.want...)
				b.close()
			})
		})
	}
}

func TestClockSetBackFiresNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		var back atomic.Int64
		b.close()
		b.now = func() time.Time { return time.Now().Add(-time.Duration(back.Load())) }
		b.open(true)
		b.publish(daily, 1)
		b.enable(0)
		pass(22 * time.Hour)
		b.wantSlots("2000-01-01 SUCCESS")
		back.Store(int64(12 * time.Hour)) // now before the due time again
		b.engine.Changed(b.flow)
		pass(13 * time.Hour) // and past it a second time
		b.wantSlots("2000-01-01 SUCCESS")
		b.close()
	})
}

func TestPausedFlowKeepsScheduledRunsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		b.publish(daily, 1)
		b.enable(0)
		set := func(paused bool) {
			if err := b.store.UpdateSchedule(context.Background(), b.flow, func(st *runs.FlowStatus) error {
				st.Paused = paused
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			b.engine.Changed(b.flow)
		}
		set(true)
		pass(22 * time.Hour)
		b.wantSlots("2000-01-01 QUEUED")
		set(false)
		pass(time.Minute)
		b.wantSlots("2000-01-01 SUCCESS")
		b.close()
	})
}

func TestOneRunOfAFlowAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish("", 1)
		let := make(chan struct{})
		b.on("sink", func(ctx context.Context, nth int, _ string) error {
			if nth == 1 {
				<-let
			}
			return nil
		})
		start := func(slot string) *runs.Run {
			r, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Slot: slot, Kind: "manual", By: "test"})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		first, second := start("1999-12-30"), start("1999-12-31")
		synctest.Wait()
		b.wantSlots("1999-12-30 RUNNING", "1999-12-31 QUEUED")
		close(let)
		b.wait(first.Number)
		b.wait(second.Number)
		b.wantSlots("1999-12-30 SUCCESS", "1999-12-31 SUCCESS")
		b.close()
	})
}

func TestSlotInTheFutureIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, false)
		b.publish(daily, 1)
		_, err := b.engine.Start(context.Background(), Start{Flow: b.flow, Slot: "2000-01-01", Kind: "manual"})
		if err == nil {
			t.Fatal("a slot that has not ended was accepted")
		}
		b.wantSlots()
		b.close()
	})
}

// A slot that a person ran already, or that a crash kept from being noted as
// handled, is not run again by the schedule.
func TestScheduleLeavesASlotThatHasARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, true)
		b.publish(daily, 1)
		b.enable(0)
		pass(16 * time.Hour) // 2000-01-02 01:00 in Seoul: the slot has ended and is not due
		if r := b.run(); r.Slot != "2000-01-01" || r.State != runs.Success {
			t.Fatalf("by hand: %s %s", r.Slot, r.State)
		}
		pass(8 * time.Hour)
		b.wantSlots("2000-01-01 SUCCESS")
		pass(24 * time.Hour)
		b.wantSlots("2000-01-01 SUCCESS", "2000-01-02 SUCCESS")
		b.close()
	})
}
