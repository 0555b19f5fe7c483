package runs_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

func TestLaws(t *testing.T) {
	type ledger map[flowfile.Class]flowfile.Tally
	nr := func(n, rows int64) flowfile.Tally { return flowfile.Tally{N: n, Rows: rows} }
	unknown := flowfile.Tally{N: 1, Unknown: 1}
	const in, read, out = flowfile.In, flowfile.Read, flowfile.Out
	const filtered, rejected, committed, cloned, used = flowfile.Filtered, flowfile.Rejected, flowfile.Committed, flowfile.Cloned, flowfile.Used
	for _, c := range []struct {
		name string
		law  runs.Law
		l    ledger
		want string // the breach in words, or the verdict
	}{
		{"source", runs.LawSource, ledger{read: nr(0, 9), out: nr(2, 6), filtered: nr(1, 1), rejected: nr(1, 2)}, runs.Balanced},
		{"source that lost a row", runs.LawSource, ledger{read: nr(0, 9), out: nr(2, 8)}, "n, law source: 9 rows expected, 8 counted"},
		{"source that made a row", runs.LawSource, ledger{read: nr(0, 9), out: nr(2, 10)}, "n, law source: 9 rows expected, 10 counted"},
		{"source of unknown rows", runs.LawSource, ledger{out: unknown}, runs.Unaccounted},
		{"map", runs.LawMap, ledger{in: nr(3, 9), out: nr(2, 6), rejected: nr(1, 3)}, runs.Balanced},
		{"map that lost a file", runs.LawMap, ledger{in: nr(3, 9), out: nr(2, 9)}, "n, law map: 3 flowfiles expected, 2 counted"},
		{"map that lost a row", runs.LawMap, ledger{in: nr(3, 9), out: nr(3, 8)}, "n, law map: 9 rows expected, 8 counted"},
		{"map of unknown rows", runs.LawMap, ledger{in: unknown, out: unknown}, runs.Unaccounted},
		{"map that lost a file of unknown rows", runs.LawMap, ledger{in: unknown}, "n, law map: 1 flowfiles expected, 0 counted"},
		{"filter", runs.LawFilter, ledger{in: nr(3, 9), cloned: nr(1, 2), out: nr(2, 6), filtered: nr(1, 3), rejected: nr(1, 2)}, runs.Balanced},
		{"filter without its clone", runs.LawFilter, ledger{in: nr(3, 9), out: nr(4, 9)}, "n, law filter: 3 flowfiles expected, 4 counted"},
		{"filter that lost a row", runs.LawFilter, ledger{in: nr(1, 9), out: nr(1, 8)}, "n, law filter: 9 rows expected, 8 counted"},
		{"split", runs.LawSplit, ledger{in: nr(1, 9), out: nr(9, 9)}, runs.Balanced},
		{"split that lost a row", runs.LawSplit, ledger{in: nr(1, 9), out: nr(8, 8)}, "n, law split: 9 rows expected, 8 counted"},
		{"merge", runs.LawMerge, ledger{in: nr(9, 9), out: nr(1, 8), rejected: nr(1, 1)}, runs.Balanced},
		{"merge that made a row", runs.LawMerge, ledger{in: nr(9, 9), out: nr(1, 10)}, "n, law merge: 9 rows expected, 10 counted"},
		{"sink", runs.LawSink, ledger{in: nr(9, 9), committed: nr(1, 8), rejected: nr(1, 1), out: nr(1, 99)}, runs.Balanced},
		{"sink that lost a row", runs.LawSink, ledger{in: nr(9, 9), committed: nr(1, 8)}, "n, law sink: 9 rows expected, 8 counted"},
		{"sink of unknown rows", runs.LawSink, ledger{in: unknown, committed: nr(1, 8)}, runs.Unaccounted},
		{"join", runs.LawJoin, ledger{in: nr(9, 9), used: nr(0, 7), filtered: nr(1, 1), rejected: nr(1, 1), out: nr(1, 99)}, runs.Balanced},
		{"join that lost a row", runs.LawJoin, ledger{in: nr(9, 9), used: nr(0, 8), out: nr(1, 99)}, "n, law join: 9 rows expected, 8 counted"},
		{"no law", runs.LawNone, ledger{in: nr(9, 9), out: nr(1, 1)}, runs.Balanced},
		{"no law, unknown rows", runs.LawNone, ledger{out: unknown}, runs.Unaccounted},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, err := plan(nodes{"n": {Kind: runs.Map, Law: c.law}}).Compile()
			if err != nil {
				t.Fatal(err)
			}
			var l runs.NodeLedger
			for k, v := range c.l {
				l[k] = v
			}
			r := &runs.Run{Ledger: map[string]*runs.NodeLedger{"n": &l}}
			breaches, verdict := runs.Balance(r, g)
			got := verdict
			if len(breaches) > 0 {
				got = breaches[0].String()
				if verdict != runs.BalanceBroken {
					t.Errorf("verdict %s over %v", verdict, breaches)
				}
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			row := runs.Table(r, g)[0]
			if (row.Verdict == runs.BalanceBroken) != (len(breaches) > 0) || (row.Verdict == runs.Unaccounted) != (verdict == runs.Unaccounted) {
				t.Errorf("the table says %s", row.Verdict)
			}
		})
	}
}

func TestEdgeLaw(t *testing.T) {
	g, err := simple().Compile()
	if err != nil {
		t.Fatal(err)
	}
	one := flowfile.Tally{N: 1, Rows: 2}
	whole := runs.Queue{Entered: flowfile.Tally{N: 6, Rows: 12}, Left: one, Expired: one, Dropped: one, Parked: one, Discarded: one, Queued: one}
	if b, v := runs.Balance(&runs.Run{Queues: map[string]*runs.Queue{"src-map": &whole}}, g); v != runs.Balanced {
		t.Errorf("a whole edge is %s: %v", v, b)
	}
	fields := reflect.ValueOf(&whole).Elem()
	for i := range fields.NumField() {
		for _, less := range []flowfile.Tally{{N: 1}, {Rows: 1}} {
			q := whole
			reflect.ValueOf(&q).Elem().Field(i).Addr().Interface().(*flowfile.Tally).Minus(less)
			b, v := runs.Balance(&runs.Run{Queues: map[string]*runs.Queue{"src-map": &q}}, g)
			if v != runs.BalanceBroken || len(b) != 1 || b[0].Conn != "src-map" || !strings.Contains(b[0].String(), "connection src-map, law edge") {
				t.Errorf("%s less %+v: %s %v", fields.Type().Field(i).Name, less, v, b)
			}
		}
	}
}

func TestTableFollowsTheFlow(t *testing.T) {
	w := busy(t)
	g, err := plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "slow": aSource}, "src map", "map sink", "slow sink").Compile()
	w.must(err)
	var order []string
	for _, row := range runs.Table(w.run(), g) {
		order = append(order, row.Node)
		if row.Node == "map" && (row.In.Rows != 1 || row.Out.Rows != 1 || row.Parked.N != 2 || row.Queued.N != 1 || row.Verdict != runs.Balanced) {
			t.Errorf("map: %+v", row)
		}
		if row.Node == "slow" && row.Act != runs.ActReady {
			t.Errorf("slow: %+v", row)
		}
	}
	if got := strings.Join(order, " "); got != "slow src map sink" && got != "slow src sink map" {
		t.Errorf("order %s", got)
	}
}

func TestWhyListsExactlyWhatIsMissing(t *testing.T) {
	say := func(w *world, p *runs.Plan) string {
		t.Helper()
		g, err := p.Compile()
		w.must(err)
		var lines []string
		for _, b := range runs.Why(w.run(), g, w.now) {
			raw, err := json.Marshal(b)
			w.must(err)
			var read runs.Blocker
			w.must(json.Unmarshal(raw, &read))
			if read.Text(fault.English) != b.Text(fault.English) {
				t.Errorf("read back from %s: %s", raw, read.Text(fault.English))
			}
			lines = append(lines, b.Text(fault.English))
			if ko := b.Text(fault.Korean); ko == b.Text(fault.English) || ko == "" {
				t.Errorf("no Korean text: %s", ko)
			}
		}
		return strings.Join(lines, "\n")
	}
	want := func(w *world, p *runs.Plan, lines ...string) {
		t.Helper()
		if got := say(w, p); got != strings.Join(lines, "\n") {
			t.Errorf("why:\n%s\nwant:\n%s", got, strings.Join(lines, "\n"))
		}
	}
	p := plan(nodes{"src": aSource, "map": aMap, "sink": aSink, "slow": aSource}, "src map", "map sink", "slow sink")
	w := newWorld(t, p)
	w.must(w.create("2026-11-21", "manual"))
	w.n = w.eff.Run
	want(w, p, "The run is queued and waits to be admitted.")

	w = busy(t)
	w.begin("slow")
	since := w.now.Add(-time.Second).Format(time.RFC3339)
	want(w, p,
		"Node slow is at work since "+since+" (try 1).",
		"1 FlowFiles on connection src-map wait for node map.",
		"2 FlowFiles of connection src-map are parked before node map. Retry or discard them.",
		"Node sink waits for node slow, connection src-map (3).")
	w.fail("slow", false)
	want(w, p,
		"Node slow tries again at "+w.act("slow").NotBefore.Format(time.RFC3339)+", because: it broke",
		"1 FlowFiles on connection src-map wait for node map.",
		"2 FlowFiles of connection src-map are parked before node map. Retry or discard them.",
		"Node sink waits for node slow, connection src-map (3).")
	w.begin("slow")
	w.fail("slow", true)
	w.pass("map", "src-map", "map-sink", flowfile.Out)
	want(w, p,
		"Node slow failed: it broke",
		"2 FlowFiles of connection src-map are parked before node map. Retry or discard them.",
		"Node sink is blocked: Node sink cannot fire because node slow failed. Mend it and resume the run.")
	w.must(w.order(flowfile.OrderDiscard, nil))
	w.must(w.resume(nil))
	w.emit("slow", "slow-sink")
	want(w, p, "Node sink is ready to begin.")
	w.fire("sink", 5)
	want(w, p, "The run has all its data; its balance is being checked.")
	w.finish()
	want(w, p, "")
}

// filled is a run in which every field has a value.
func filled(t *testing.T) *runs.Run {
	w := busy(t)
	r := w.run().Clone()
	r.Params, r.AsOf = map[string]string{"a": "b"}, map[string]time.Time{"gcp": noon}
	r.Warnings, r.Receipts = runs.Warnings{{Words: "w"}}, []flowfile.Receipt{{Node: "n", Key: "k", Rows: 1, Bytes: 2}}
	r.MoreReceipts = map[string]flowfile.Tally{"n": {N: 1}}
	r.States, r.Breaches = map[string][]byte{"n": []byte("s")}, []runs.Breach{{Node: "n", Law: "map"}}
	r.Accepted = map[string]flowfile.Tally{"n": {N: 1}}
	r.Facts, r.Witnesses = map[string]map[string]string{"n": {"reads": "1"}}, []flowfile.Witness{{Node: "n", Who: "CSV", Rows: 1}}
	r.Date, r.Zone, r.Start, r.End, r.Finished, r.RetryDelay = "2026-11-21", "Asia/Seoul", noon, noon, noon, time.Minute
	r.Code, r.Why, r.Balance, r.AcceptRejects, r.Sealed = "c", "w", "b", true, true
	r.Note, r.Acts["slow"].Note = fault.NoteOf(fault.New("c", "a", "b").Because(errors.New("x"))), fault.NoteOf(errors.New("y"))
	r.Acts["slow"].Pending = []flowfile.Intent{{Key: "k", Payload: []byte("p"), At: noon}}
	v := reflect.ValueOf(r).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("field %s is empty: fill it here, and see that Clone copies it", v.Type().Field(i).Name)
		}
	}
	return r
}

func TestRunSurvivesJSON(t *testing.T) {
	r := filled(t)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back runs.Run
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, &back) {
		t.Errorf("read back %+v\nfrom %s", back, b)
	}
	if strings.Contains(string(b), "dropped_user") || !strings.Contains(string(b), `"in":{"n":1,"rows":1,"bytes":0}`) {
		t.Errorf("ledger is written as %s", b)
	}
	var l runs.NodeLedger
	if err := json.Unmarshal([]byte(`{"vanished":{"n":1}}`), &l); err == nil {
		t.Error("an unknown class was dropped silently")
	}
}

func TestCloneSharesNothingThatChanges(t *testing.T) {
	r := filled(t)
	before, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	c := r.Clone()
	if !reflect.DeepEqual(r, c) {
		t.Fatal("the clone differs")
	}
	c.FlowVersions[0], c.Warnings[0], c.Receipts[0].Rows, c.Breaches[0].Want = 9, nil, 9, 9
	c.Params["a"], c.AsOf["gcp"], c.States["n"] = "x", time.Time{}, nil
	c.Accepted["n"], c.MoreReceipts["n"] = flowfile.Tally{}, flowfile.Tally{}
	c.Facts["n"]["reads"], c.Facts["m"], c.Witnesses[0].Rows = "9", nil, 9
	c.Acts["slow"].State, c.Acts["slow"].Pending[0].Key = runs.ActDone, "x"
	c.Queues["src-map"].Queued.N = 99
	c.Ledger["map"][flowfile.In].N = 99
	after, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Errorf("changing the clone changed the run:\n%s\n%s", before, after)
	}
}

func TestRecount(t *testing.T) {
	r := busy(t).run().Clone()
	queued, parked := map[string]flowfile.Tally{}, map[string]flowfile.Tally{}
	for c, q := range r.Queues {
		queued[c], parked[c] = q.Queued, q.Parked
	}
	if wrong := r.Recount(queued, parked); wrong != nil {
		t.Errorf("right counters called wrong: %v", wrong)
	}
	r.Queues["src-map"].Queued.N++
	delete(r.Queues, "map-sink")
	if wrong := r.Recount(queued, parked); strings.Join(wrong, " ") != "map-sink src-map" {
		t.Errorf("wrong counters: %v", wrong)
	}
	if wrong := r.Recount(queued, parked); wrong != nil {
		t.Errorf("still wrong: %v", wrong)
	}
}
