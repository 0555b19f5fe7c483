package acceptance

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"

	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

// slot is the day of the test; the company is as of the day after.
const slot = "2026-11-20"

var companyDay = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// company opens a server with a small company and the whole of Google beside it.
func company(t *testing.T, c sandbox.Config) *server.Server {
	t.Helper()
	c.Date = companyDay
	srv, err := server.Open(t.Context(), server.Config{Data: filepath.Join(t.TempDir(), "data"), Alone: true, Embedded: &c})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return srv
}

func example(t *testing.T, id string) json.RawMessage {
	t.Helper()
	doc, err := examples.Read(id)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// dump writes one JSON line for each thing of the company, as the oracle reads it.
func dump(t *testing.T, dir, name string, each func(line func(any))) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	e := json.NewEncoder(w)
	each(func(v any) {
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
	})
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return path
}

// raw loads users, meetings and the events of some days into the oracle.
func raw(t *testing.T, db *sql.DB, c *sandbox.Company, days ...string) {
	t.Helper()
	dir := t.TempDir()
	type obj = map[string]any
	users := dump(t, dir, "users.ndjson", func(line func(any)) {
		for i := range c.Users() {
			u := c.User(i)
			line(obj{"uid": u.UID, "plan": u.Plan, "consent": u.MarketingConsent, "created": u.CreatedAt})
		}
	})
	meetings := dump(t, dir, "meetings.ndjson", func(line func(any)) {
		for i := range c.Meetings() {
			m := c.Meeting(i)
			o := obj{"who": m.Participants, "at": m.StartedAt, "seconds": m.DurationSec(), "status": m.Status}
			if m.Rating != 0 {
				o["rating"] = m.Rating
			}
			line(o)
		}
	})
	events := dump(t, dir, "events.ndjson", func(line func(any)) {
		for _, day := range days {
			if err := c.Events(day, func(e sandbox.Event) bool {
				line(obj{"at": e.Time, "name": e.Name, "uid": e.UID})
				return true
			}); err != nil {
				t.Fatal(err)
			}
		}
	})
	exec(t, db, fmt.Sprintf(`CREATE TABLE users AS FROM read_json('%s', columns = {uid: 'VARCHAR', plan: 'VARCHAR', consent: 'BOOLEAN', created: 'TIMESTAMPTZ'})`, users))
	exec(t, db, fmt.Sprintf(`CREATE TABLE meetings AS FROM read_json('%s', columns = {who: 'VARCHAR[]', "at": 'TIMESTAMPTZ', seconds: 'BIGINT', status: 'VARCHAR', rating: 'DOUBLE'})`, meetings))
	exec(t, db, fmt.Sprintf(`CREATE TABLE events AS FROM read_json('%s', columns = {"at": 'TIMESTAMPTZ', name: 'VARCHAR', uid: 'VARCHAR'})`, events))
}

// oracle is a plain connection, in Seoul's time.
func oracle(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	exec(t, db, "SET TimeZone = 'Asia/Seoul'")
	return db
}

// actions is user_actions from the raw events and meetings, thought out anew: one
// line for each thing that somebody did, then counted.
const actions = `CREATE TABLE want AS
  WITH did AS (
    SELECT uid, 1 AS event, (name = 'session_start')::INT AS session, (name = 'login')::INT AS login, (name = 'purchase')::INT AS purchase,
      0 AS meeting, 0 AS seconds, NULL::DOUBLE AS rating
    FROM events WHERE uid <> '' AND strftime("at", '%Y-%m-%d') = $1
    UNION ALL
    SELECT p.uid, 0, 0, 0, 0, 1, m.seconds, m.rating
    FROM meetings m, unnest(m.who) AS p(uid) WHERE m.status = 'done' AND strftime(m."at", '%Y-%m-%d') = $1
  )
  SELECT $1 AS date, d.uid AS mid, sum(event)::VARCHAR AS events, sum(session)::VARCHAR AS sessions, sum(login)::VARCHAR AS logins,
    sum(purchase)::VARCHAR AS purchases, sum(meeting)::VARCHAR AS meetings, sum(seconds)::VARCHAR AS meeting_seconds,
    avg(rating) AS rating, any_value(u.plan) AS plan, any_value(u.consent) AS marketing_consent, any_value(u.created) AS signed_up_at
  FROM did d LEFT JOIN users u ON u.uid = d.uid GROUP BY d.uid`

// same compares a table with what is wanted, cell by cell, both ways.
func same(t *testing.T, db *sql.DB, what, got, want string) {
	t.Helper()
	var rows, missing, more int64
	q := fmt.Sprintf(`SELECT (SELECT count(*) FROM %[1]s), (SELECT count(*) FROM (SELECT * FROM %[2]s EXCEPT ALL SELECT * FROM %[1]s)), (SELECT count(*) FROM (SELECT * FROM %[1]s EXCEPT ALL SELECT * FROM %[2]s))`, got, want)
	if err := db.QueryRow(q).Scan(&rows, &missing, &more); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if rows == 0 || missing != 0 || more != 0 {
		t.Errorf("%s: %d rows, %d of the source are not in it, %d of it are not in the source", what, rows, missing, more)
	}
	t.Logf("%s: %d rows equal", what, rows)
}

// typed are the columns of user_actions, for a reader that infers nothing.
const typed = `{date: 'VARCHAR', mid: 'VARCHAR', events: 'VARCHAR', sessions: 'VARCHAR', logins: 'VARCHAR', purchases: 'VARCHAR', meetings: 'VARCHAR',
  meeting_seconds: 'VARCHAR', rating: 'DOUBLE', plan: 'VARCHAR', marketing_consent: 'BOOLEAN', signed_up_at: 'TIMESTAMPTZ'}`

// TestTheDailyJobIsWhatTheRawDataSays runs the main flow and computes the same
// result from the company's raw data in another way; CSV, BigQuery and DuckDB
// must each hold it.
func TestTheDailyJobIsWhatTheRawDataSays(t *testing.T) {
	srv := company(t, sandbox.Config{Users: 3000, Meetings: 6000})
	if r := runSlot(t, srv, example(t, "calback-daily"), slot, nil); r.State != "SUCCESS" || r.Balance != "balanced" {
		t.Fatalf("the run ended %s, %s: %s", r.State, r.Balance, r.Why)
	}
	db := oracle(t)
	raw(t, db, srv.Sandbox().Company(), slot)
	if _, err := db.Exec(actions, slot); err != nil {
		t.Fatal(err)
	}
	var meetings, strangers int
	if err := db.QueryRow(`SELECT count(*) FILTER (meetings <> '0'), count(*) FILTER (plan IS NULL) FROM want`).Scan(&meetings, &strangers); err != nil || meetings == 0 || strangers == 0 {
		t.Fatalf("%d users had a meeting, %d are not in Firestore (%v): the test proves too little", meetings, strangers, err)
	}
	exec(t, db, fmt.Sprintf(`CREATE TABLE csv AS FROM read_csv('%s', hive_partitioning = false, header = true, auto_detect = false, delim = ',', quote = '"', escape = '"', new_line = '\n', columns = %s)`,
		filepath.Join(srv.Files(), "processed/dt="+slot+"/user_actions.csv"), typed))
	same(t, db, "CSV", "csv", "want")

	exec(t, db, fmt.Sprintf(`ATTACH '%s' AS kept (READ_ONLY)`, filepath.Join(srv.Files(), "warehouse/calback.duckdb")))
	exec(t, db, `CREATE TABLE kept_actions AS SELECT strftime(date, '%Y-%m-%d'), mid, events::VARCHAR, sessions::VARCHAR, logins::VARCHAR, purchases::VARCHAR,
		meetings::VARCHAR, meeting_seconds::VARCHAR, rating, plan, marketing_consent, signed_up_at FROM kept.user_actions`)
	same(t, db, "DuckDB", "kept_actions", "want")

	loaded := fromBigQuery(t, srv, "SELECT * FROM calback.user_actions WHERE date = '"+slot+"'")
	exec(t, db, fmt.Sprintf(`CREATE TABLE loaded AS FROM read_json('%s', columns = %s)`, loaded, typed))
	same(t, db, "BigQuery", "loaded", "want")
}

// fromBigQuery reads a query with Google's own client into a file of JSON lines.
func fromBigQuery(t *testing.T, srv *server.Server, query string) string {
	t.Helper()
	ctx := t.Context()
	c, err := bigquery.NewClient(ctx, srv.Sandbox().Project(), option.WithoutAuthentication(),
		option.WithEndpoint("http://"+srv.Sandbox().Addr()+"/bigquery/v2/"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	it, err := c.Query(query).Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return dump(t, t.TempDir(), "loaded.ndjson", func(line func(any)) {
		for {
			row := map[string]bigquery.Value{}
			err := it.Next(&row)
			if err == iterator.Done {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			o := map[string]any{}
			for k, v := range row {
				if n, ok := v.(int64); ok {
					v = fmt.Sprint(n)
				}
				o[k] = v
			}
			line(o)
		}
	})
}

// TestLoyaltyIsWhatTheRawDataSays counts the same by another route: days of each
// user and month in Go's hands, no SQL. What a range leaves out of a month, it
// leaves out of the meetings as well as of the events.
func TestLoyaltyIsWhatTheRawDataSays(t *testing.T) {
	srv := company(t, sandbox.Config{Users: 400, Meetings: 600})
	for _, c := range []struct{ from, to string }{{"2026-09-01", "2026-10-31"}, {"2026-09-25", "2026-10-02"}, {"2026-09-02", "2026-09-30"}} {
		t.Run(c.from, func(t *testing.T) { loyalty(t, srv, c.from, c.to) })
	}
}

func loyalty(t *testing.T, srv *server.Server, from, to string) {
	r := runSlot(t, srv, example(t, "calback-loyalty"), "", map[string]string{"from": from, "to": to})
	if r.State != "SUCCESS" || r.Balance != "balanced" {
		t.Fatalf("the run ended %s, %s: %s", r.State, r.Balance, r.Why)
	}
	seoul := time.FixedZone("KST", 9*60*60)
	days := map[string]map[string]bool{} // month and user to days
	active := func(uid string, at time.Time) {
		day := at.In(seoul).Format(time.DateOnly)
		if uid == "" || day < from || day > to {
			return
		}
		k := day[:7] + uid
		if days[k] == nil {
			days[k] = map[string]bool{}
		}
		days[k][day] = true
	}
	c := srv.Sandbox().Company()
	for d := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC); d.Month() < 11; d = d.AddDate(0, 0, 1) {
		if err := c.Events(d.Format(time.DateOnly), func(e sandbox.Event) bool { active(e.UID, e.Time); return true }); err != nil {
			t.Fatal(err)
		}
	}
	for i := range c.Meetings() {
		if m := c.Meeting(i); m.Status == "done" {
			for _, p := range m.Participants {
				active(p, m.StartedAt)
			}
		}
	}
	type tally struct{ users, returned int }
	want := map[string]tally{}
	for k, ds := range days {
		uid, ok := strings.CutPrefix(k, "2026-09")
		if !ok {
			continue
		}
		g := "1 or 2"
		if len(ds) >= 3 {
			g = "3 or more"
		}
		n := want[g]
		n.users++
		if len(days["2026-10"+uid]) > 0 {
			n.returned++
		}
		want[g] = n
	}
	b, err := os.ReadFile(filepath.Join(srv.Files(), "loyalty/"+from+"_"+to+"/loyalty.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if from[:7] == to[:7] { // nobody comes back within a month
		if len(lines) != 1 {
			t.Errorf("one month alone is compared with itself:\n%s", b)
		}
		return
	}
	if len(lines) != len(want)+1 || len(want) != 2 {
		t.Fatalf("%d groups wanted, the file:\n%s", len(want), b)
	}
	for _, l := range lines[1:] {
		cells := strings.Split(l, ",")
		if w := want[cells[0]]; cells[1] != fmt.Sprint(w.users) || cells[2] != fmt.Sprint(w.returned) {
			t.Errorf("%s, want %+v", l, w)
		}
	}
}

// runSlot runs a flow file for a slot.
func runSlot(t *testing.T, srv *server.Server, doc json.RawMessage, slot string, params map[string]string) ended {
	t.Helper()
	return toEnd(t, srv, map[string]any{"doc": doc, "slot": slot, "params": params})
}
