package bigquery

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/flowfile"
)

const (
	sumA = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	sumB = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
)

func TestDecide(t *testing.T) {
	at := time.Date(2026, 11, 21, 6, 0, 0, 0, time.UTC)
	const here, there = "p.d.t$20261120", "p.d.typo$20261120"
	a := intent{Destination: here, SHA256: sumA, at: at}
	b := intent{Destination: here, SHA256: sumB, at: at.Add(time.Minute)}
	old := intent{Destination: there, SHA256: sumA, at: at}
	job := func(state jobState, sum, destination string) found {
		return found{state: state, label: labelOf(sum), destination: destination, created: at.Add(time.Second)}
	}
	before := job(jobDone, sumA, here)
	before.created = at.Add(-time.Hour)
	unknown := job(jobDone, sumA, here)
	unknown.created = time.Time{}
	for _, c := range []struct {
		name string
		same []intent
		job  found
		want verdict
	}{
		{"nothing was ever intended", nil, found{}, send},
		{"killed between the intent and the job", []intent{a}, found{}, send},
		{"killed while it ran", []intent{a}, job(jobRunning, sumA, here), adopt},
		{"killed after it was done", []intent{a}, job(jobDone, sumA, here), adopt},
		{"the upload of the first of two intents came through", []intent{a, b}, job(jobDone, sumA, here), adopt},
		{"that of the second did", []intent{a, b}, job(jobDone, sumB, here), adopt},
		{"it failed", []intent{a}, job(jobFailed, sumA, here), next},
		{"it failed, and the table was corrected since", []intent{old}, job(jobFailed, sumA, there), next},
		{"never sent, and the table was corrected since", []intent{old}, found{}, next},
		{"it loaded another table", []intent{old}, job(jobDone, sumA, there), refuse},
		{"it loads another table", []intent{a}, job(jobRunning, sumA, there), refuse},
		{"it loaded other data", []intent{a}, job(jobDone, sumB, here), refuse},
		{"it is no load job of ours", []intent{a}, found{state: jobDone, created: at}, refuse},
		{"it was made before the store knew of it", []intent{a}, before, next},
		{"it does not say when it was made", []intent{a}, unknown, adopt},
		{"there is a job that nobody intended", nil, job(jobDone, sumA, here), refuse},
	} {
		if got := decide(c.same, c.job, here); got != c.want {
			t.Errorf("%s: verdict %d, want %d", c.name, got, c.want)
		}
	}
}

func TestJobIdentity(t *testing.T) {
	i := identity{store: "abcdefgh23456723", flow: "calback-daily", node: "to_bigquery", slot: "2026-11-20T05+09:00", generation: 3}
	if got, want := i.job(2), "weir_abcdefgh23456723_calback-daily_to-bigquery_2026-11-20T05-09-00_3_2"; got != want {
		t.Errorf("job id %q, want %q", got, want)
	}
	if ok, _ := regexp.MatchString(`^[A-Za-z0-9_-]+$`, identity{"가 나", "흐름", "n.1", "2026-W47", 1}.job(1)); !ok {
		t.Error("an id holds what BigQuery does not take")
	}
	// No two nodes share an id by where one part ends and the next begins.
	x := identity{store: "s", flow: "a_b", node: "c", slot: "2026-11", generation: 1}
	y := identity{store: "s", flow: "a", node: "b_c", slot: "2026-11", generation: 1}
	if x.job(1) == y.job(1) {
		t.Errorf("two nodes share the id %s", x.job(1))
	}
	z := x
	z.store = "t"
	if x.job(1) == z.job(1) {
		t.Error("two stores share an id")
	}
}

func TestLabelHoldsTheWholeChecksum(t *testing.T) {
	ok := regexp.MustCompile(`^[a-z2-7]{52}$`)
	if a, b := labelOf(sumA), labelOf(sumB); !ok.MatchString(a) || !ok.MatchString(b) || a == b {
		t.Errorf("labels %q, %q", a, b)
	}
	if labelOf("no sum") != "" {
		t.Error("what is no checksum has a label")
	}
}

func TestIntentsAreReadBack(t *testing.T) {
	want := intent{Job: "weir_x_1", Try: 2, Project: "p", Location: "US", Destination: "p.d.t$1", Format: formatNDJSON, SHA256: sumA, Bytes: 9, Rows: 8, Rejected: 1}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	want.at = time.Unix(7, 0)
	got, err := intents([]flowfile.Intent{{Key: want.Job, Payload: b, At: want.at}})
	if err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("intents %+v, %v", got, err)
	}
	if _, err := intents([]flowfile.Intent{{Key: "k", Payload: []byte("{")}}); err == nil || !strings.Contains(err.Error(), "k") {
		t.Errorf("a broken intent: %v", err)
	}
}
