package runs_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// books are the counts of a run that has moved all its data.
type books struct {
	r *runs.Run
	p *runs.Plan
}

func newBooks(p *runs.Plan) *books {
	return &books{&runs.Run{Ledger: map[string]*runs.NodeLedger{}, Queues: map[string]*runs.Queue{}}, p}
}

func (b *books) count(node string, c flowfile.Class, rows int64) *books {
	l := b.r.Ledger[node]
	if l == nil {
		l = &runs.NodeLedger{}
		b.r.Ledger[node] = l
	}
	l[c].N, l[c].Rows = l[c].N+1, l[c].Rows+rows
	return b
}

// source reads rows, of which some are left out, and sends the rest on each of
// its connections of class Out.
func (b *books) source(node string, read, rejected int64) *books {
	return b.count(node, flowfile.Read, read).count(node, flowfile.Rejected, rejected).out(node, read-rejected)
}

func (b *books) out(node string, rows int64) *books {
	b.count(node, flowfile.Out, rows)
	for conn, c := range b.p.Conns {
		if c.From == node && c.Class == flowfile.Out {
			b.carry(conn, rows)
		}
	}
	return b
}

// carry moves rows over a connection into its node.
func (b *books) carry(conn string, rows int64) *books {
	b.r.Queues[conn] = &runs.Queue{Entered: flowfile.Tally{N: 1, Rows: rows}, Left: flowfile.Tally{N: 1, Rows: rows}}
	return b.count(b.p.Conns[conn].To, flowfile.In, rows)
}

func (b *books) sink(node string, rows int64, who ...string) *books {
	b.count(node, flowfile.Committed, rows)
	for _, w := range who {
		b.witness(node, w, rows)
	}
	return b
}

func (b *books) witness(node, who string, rows int64) *books {
	b.r.Witnesses = append(b.r.Witnesses, flowfile.Witness{Node: node, Who: who, Rows: rows})
	return b
}

func (b *books) lines(t *testing.T) string {
	t.Helper()
	g, err := b.p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, l := range runs.Reconcile(b.r, g) {
		out = append(out, l.Text(fault.English))
	}
	return strings.Join(out, "\n")
}

var (
	aMerge  = runs.PlanNode{Kind: runs.Map, Law: runs.LawMerge}
	aFilter = runs.PlanNode{Kind: runs.Map, Law: runs.LawFilter}
	aJoin   = runs.PlanNode{Kind: runs.Gate, Law: runs.LawJoin}
)

// daily is the shape of a daily job: two sources with their raw files, a join,
// and three sinks of what it makes.
func daily() *runs.Plan {
	return plan(nodes{"users": aSource, "events": aSource, "raw": aSink, "tidy": aMap, "pack": aMerge, "join": aJoin,
		"csv": aSink, "bq": aSink, "duck": aSink},
		"users raw", "users tidy", "tidy pack", "pack join left", "events join right", "join csv", "join bq", "join duck")
}

func TestReconcile(t *testing.T) {
	shape := func() *books { // balanced: 30,240 users, 1,000 events, 15,021 rows
		return newBooks(daily()).source("users", 30240, 0).out("tidy", 30240).out("pack", 30240).source("events", 1000, 0).
			count("join", flowfile.Used, 31240).out("join", 15021).sink("raw", 30240, "CSV").
			witness("users", "Firestore", 30240).witness("events", "GA4", 1000)
	}
	for _, c := range []struct {
		name string
		b    *books
		want string
	}{
		{"all agree", shape().sink("csv", 15021, "CSV").sink("bq", 15021, "BigQuery").sink("duck", 15021, "DuckDB"),
			"GA4 1,000 = events 1,000\nFirestore 30,240 = CSV 30,240\nBigQuery 15,021 = CSV 15,021 = DuckDB 15,021"},
		{"a sink that names no witness", shape().sink("csv", 15021, "CSV").sink("bq", 15021).sink("duck", 15021),
			"GA4 1,000 = events 1,000\nFirestore 30,240 = CSV 30,240\nbq 15,021 = CSV 15,021 = duck 15,021"},
		{"two witnesses of one sink", shape().sink("csv", 15021).sink("bq", 15021, "BigQuery", "the table").sink("duck", 15021),
			"GA4 1,000 = events 1,000\nFirestore 30,240 = CSV 30,240\nBigQuery 15,021 = the table 15,021 = csv 15,021 = duck 15,021"},
		{"a sink whose file holds fewer", shape().sink("csv", 15021).witness("csv", "CSV", 15020).sink("bq", 15021, "BigQuery").sink("duck", 15021, "DuckDB"),
			"GA4 1,000 = events 1,000\nFirestore 30,240 = CSV 30,240\nBigQuery 15,021 != CSV 15,020 != DuckDB 15,021"},
		{"a source that counts more than it gave", shape().sink("csv", 15021).sink("bq", 15021).sink("duck", 15021).witness("users", "console", 30241),
			"GA4 1,000 = events 1,000\nFirestore 30,240 != console 30,241 != CSV 30,240\nbq 15,021 = csv 15,021 = duck 15,021"},
		{"a count that only the run's own differs from", shape().sink("csv", 15021).sink("bq", 15021).sink("duck", 15021).witness("events", "log", 7),
			"GA4 1,000 != log 7\nFirestore 30,240 = CSV 30,240\nbq 15,021 = csv 15,021 = duck 15,021"},
		{"rejects explain the rest", newBooks(plan(nodes{"src": aSource, "bad": aSink, "map": aMap, "csv": aSink}, "src map", "map csv", "!src bad")).
			source("src", 100, 10).carry("src-bad", 10).sink("bad", 10, "CSV").count("map", flowfile.Rejected, 5).count("map", flowfile.Out, 85).
			carry("map-csv", 85).count("csv", flowfile.Rejected, 1).sink("csv", 84, "CSV").witness("src", "Firestore", 100),
			"Firestore 100 (10 rejected) = CSV 84 (6 rejected)\nCSV 10 = bad 10"},
		{"rejects do not explain all", newBooks(plan(nodes{"src": aSource, "csv": aSink}, "src csv")).
			source("src", 100, 10).sink("csv", 90, "CSV").witness("src", "Firestore", 101),
			"Firestore 101 (10 rejected) != CSV 90"},
		{"routes are no one population", newBooks(plan(nodes{"src": aSource, "route": aFilter, "a": aSink, "b": aSink}, "src route", "route a", "route b")).
			source("src", 100, 0).count("route", flowfile.Out, 100).carry("route-a", 60).carry("route-b", 40).sink("a", 60, "CSV").sink("b", 40, "CSV").
			witness("src", "Firestore", 100), "Firestore 100 = src 100\nCSV 40 = b 40\nCSV 60 = a 60"},
		{"several sources into one file", newBooks(plan(nodes{"a": aSource, "b": aSource, "csv": aSink, "raw": aSink}, "a csv", "b csv", "a raw", "b raw")).
			source("a", 60, 0).source("b", 40, 0).sink("csv", 100, "CSV").sink("raw", 100, "copy"),
			"CSV 100 = copy 100"},
		{"ways that meet again", newBooks(plan(nodes{"src": aSource, "x": aMap, "y": aMap, "csv": aSink}, "src x", "src y", "x csv", "y csv")).
			source("src", 10, 0).out("x", 10).out("y", 10).sink("csv", 20, "CSV").witness("src", "Firestore", 10), "Firestore 10 = src 10"},
		{"nothing ran", newBooks(daily()), ""},
	} {
		if got := c.b.lines(t); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	lost := newBooks(plan(nodes{"src": aSource, "csv": aSink}, "src csv")).source("src", 100, 0).sink("csv", 70, "CSV").witness("src", "Firestore", 100)
	lost.r.Queues["src-csv"].Discarded = flowfile.Tally{N: 1, Rows: 30}
	if got := lost.lines(t); got != "Firestore 100 = CSV 70 (30 lost)" {
		t.Errorf("rows that a person gave up: %s", got)
	}
	lost.r.Ledger["csv"][flowfile.In].Unknown = 1
	if got := lost.lines(t); got != "Firestore 100 = src 100" {
		t.Errorf("rows that are not known: %s", got)
	}
}

func TestReconcileInKorean(t *testing.T) {
	b := newBooks(plan(nodes{"src": aSource, "csv": aSink}, "src csv")).source("src", 1234567, 10).sink("csv", 1234557, "CSV").witness("src", "Firestore", 1234567)
	g, err := b.p.Compile()
	if err != nil {
		t.Fatal(err)
	}
	if got := runs.Reconcile(b.r, g)[0].Text(fault.Korean); got != "Firestore 1,234,567 (거부 10) = CSV 1,234,557" {
		t.Errorf("in Korean: %s", got)
	}
}

// Chains of maps with random rejects hold; one row too many at any witness is
// found.
func TestReconcileFindsOneRow(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		ns, conns := nodes{"n0": aSource, "z": aSink}, []string{}
		hops := r.IntN(5)
		last := "n0"
		for i := range hops {
			name := "n" + string(rune('1'+i))
			ns[name] = []runs.PlanNode{aMap, aMerge, {Kind: runs.Map, Law: runs.LawSplit}}[r.IntN(3)]
			conns = append(conns, last+" "+name)
			last = name
		}
		p := plan(ns, append(conns, last+" z")...)
		rows := 1 + r.Int64N(1000)
		reject := func() int64 { return r.Int64N(rows/10 + 1) }
		b := newBooks(p)
		gone := reject()
		b.source("n0", rows, gone).witness("n0", "W", rows)
		rows -= gone
		for i := range hops {
			gone = reject()
			rows -= gone
			b.count("n"+string(rune('1'+i)), flowfile.Rejected, gone).out("n"+string(rune('1'+i)), rows)
		}
		b.sink("z", rows, "CSV")
		g, err := p.Compile()
		if err != nil {
			t.Fatal(err)
		}
		lines := runs.Reconcile(b.r, g)
		if len(lines) != 1 || !lines[0].Equal || len(lines[0].Terms) != 2 {
			t.Fatalf("%v: %+v", conns, lines)
		}
		b.r.Witnesses[r.IntN(2)].Rows += 1 - 2*r.Int64N(2)
		if lines = runs.Reconcile(b.r, g); len(lines) != 1 || lines[0].Equal {
			t.Fatalf("%v: one row more or less is not found: %+v", conns, lines)
		}
	}
}

// A run whose counts differ does not end well, although its laws hold.
func TestWitnessThatDiffersFailsTheRun(t *testing.T) {
	for _, off := range []int64{0, 1} {
		w := started(t, simple())
		w.begin("src")
		d := w.session("src")
		for _, rows := range []int64{5, 2} {
			w.put(d, "src-map", rows)
			d.Ledger[flowfile.Out].Add(rows, 0)
			d.Ledger[flowfile.Read].Rows += rows
		}
		d.Done, d.Witnesses = true, []flowfile.Witness{{Node: "src", Who: "Firestore", Rows: 7 + off}}
		w.must(w.commit(d))
		w.pass("map", "src-map", "map-sink", flowfile.Out)
		w.fire("sink", 7)
		w.finish()
		r := w.run()
		if off == 0 && r.State != runs.Success || off == 1 && (r.State != runs.Failed || r.Code != "witness_differs" || r.Note == nil) {
			t.Errorf("off by %d: %s %s %s", off, r.State, r.Code, r.Why)
		}
	}
}
