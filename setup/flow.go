package setup

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/flows/examples"
	"github.com/weirflow/weir/record"
)

// Account is what flows call the service.
const Account = "gcp"

// exampleFlow is the example that flows are made of.
const exampleFlow = "calback-daily"

// exampleZone is the zone that the example's query counts days in.
const exampleZone = "'Asia/Seoul'"

// Made is the flow that was written for a project.
type Made struct {
	ID  string
	Doc []byte
	// Columns are those of users beside what they did, Meetings the fields of
	// meetings that the query uses.
	Columns  []string
	Meetings string
}

// services are the flow's: the account, with the project as a parameter.
func (p *Project) services(parameters bool) map[string]flows.Service {
	s := map[string]json.RawMessage{"project": encode(p.Project)}
	if parameters {
		s["project"] = encode("#{project}")
	}
	for key, value := range map[string]string{"database": p.Database, "impersonate": p.Impersonate, "endpoint": p.Endpoint} {
		if value != "" {
			s[key] = encode(value)
		}
	}
	if p.Key != "" {
		s["key"] = json.RawMessage(`{"secret":` + string(encode(p.Key)) + `}`)
	}
	return map[string]flows.Service{Account: {Kind: KindOfProject, Settings: s}}
}

// Flow makes the flow of the example into one for the project.
func (p *Project) Flow() (*Made, error) {
	doc, err := examples.Read(exampleFlow)
	if err != nil {
		return nil, err
	}
	f, err := flows.Parse(doc)
	if err != nil {
		return nil, err
	}
	made := &Made{ID: p.FlowID()}
	f.ID, f.Name = made.ID, p.Project+": one row per user and day"
	f.Doc = "Every morning: users from Firestore and events from GA4, the raw ones kept as CSV, joined by user and day, and written as CSV, to the BigQuery partition of the day and to a local DuckDB warehouse. Made by Weir from its example."
	f.Services = p.services(true)
	f.Schedule.At, f.Schedule.Zone = p.At, p.Zone
	p.declare(f)

	set := func(node, key string, value any) {
		b, merr := json.Marshal(value)
		if merr != nil {
			panic(merr) // texts and lists of them
		}
		f.Nodes[node].Settings[key] = b
	}
	set("users", "collection", p.Users)
	set("users", "schema", p.UsersFields.Schema)
	set("events", "dimensions", []string{"date", "eventName", p.Dimension})
	set("events", "columns", map[string]string{p.Dimension: "mid", "eventCount": "event_count", "eventName": "event_name"})
	set("events", "zone", orElse(p.PropertyZone, p.Zone))
	renote(f, "events", p.Dimension+" is what the app sets to the field "+p.UsersKey+" of "+p.Users+".")
	set("warehouse", "file", "warehouse/"+p.Slug()+".duckdb")
	rename(f, "bigquery", p.Dataset+".user_actions")
	if p.DatasetThere {
		set("bigquery", "create", "table")
	}

	taken := []string{"date", "mid", "events", "sessions", "logins", "purchases"}
	sql := queryWithout
	if p.Meetings == "" {
		leaveOut(f, "meetings", "raw-meetings")
		set("actions", "tables", []string{"events"})
		renote(f, "actions", "What each user did on the day: events of the app by kind. Events of nobody, (not set), are counted in raw and left out here.")
	} else {
		m, err := p.MeetingsFields.meeting(p.Meetings)
		if err != nil {
			return nil, err
		}
		f.Doc = strings.Replace(f.Doc, "users from Firestore", "users and meetings from Firestore", 1)
		set("meetings", "collection", p.Meetings)
		set("meetings", "schema", p.MeetingsFields.Schema)
		made.Meetings = m.String()
		example := plainText(f.Nodes["actions"].Settings["sql"])
		if sql = queryOf(m, p.Zone); m.example {
			sql = strings.ReplaceAll(example, exampleZone, literal(p.Zone))
			renote(f, "actions", "What each user did on the day: events of the app by kind, and the meetings with status done that began on it in "+p.Zone+". Events of nobody, (not set), are counted in raw and left out here.")
		} else {
			renote(f, "actions", "What each user did on the day: events of the app by kind, and the meetings that began on it in "+p.Zone+", whatever became of them: see in "+p.Meetings+" whether some should not count. Events of nobody, (not set), are counted in raw and left out here.")
		}
		taken = append(taken, "meetings", "meeting_seconds", "rating")
	}
	set("actions", "sql", sql)

	about := p.UsersFields.about(p.UsersKey, taken)
	entries := make([]string, len(about))
	for i, c := range about {
		entries[i] = c.entry()
		made.Columns = append(made.Columns, c.as)
	}
	key, _ := p.UsersFields.field(p.UsersKey)
	side := quoted(p.UsersKey)
	if key.Type.Kind != record.KindString {
		side += " as string"
	}
	set("join", "keys", []string{"mid = " + side})
	set("join", "right_columns", entries)
	renote(f, "join", "A user who left is in the events and not in Firestore any more: the row stays, without what is known of the user. right_columns holds what tells groups of users apart; names, addresses and the like were left out and stand only in the raw files.")

	if problems := f.Validate(); len(problems) > 0 {
		return nil, problems.Err()
	}
	made.Doc, err = f.Canonical()
	return made, err
}

// declare gives the parameters the project's values.
func (p *Project) declare(f *flows.Flow) {
	for name, value := range p.Params() {
		d := f.Parameters[name]
		if name == "project" {
			d.Doc = "The Google Cloud project."
		}
		d.Type, d.Default = "string", encode(value)
		f.Parameters[name] = d
	}
}

func rename(f *flows.Flow, node, name string) {
	n := f.Nodes[node]
	n.Name = name
	f.Nodes[node] = n
}

func renote(f *flows.Flow, node, doc string) {
	n := f.Nodes[node]
	n.Doc = doc
	f.Nodes[node] = n
}

// leaveOut takes nodes out of a flow, with what is connected to them.
func leaveOut(f *flows.Flow, nodes ...string) {
	for _, n := range nodes {
		delete(f.Nodes, n)
		delete(f.Layout, n)
	}
	maps.DeleteFunc(f.Connections, func(_ string, c flows.Connection) bool {
		return slices.Contains(nodes, c.From) || slices.Contains(nodes, c.To)
	})
}

func plainText(raw json.RawMessage) string {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return "" // the example is tested
	}
	return s
}

// literal quotes a text for SQL.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// identifier quotes a name for SQL.
func identifier(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// queryWithout counts events by user and day.
const queryWithout = `SELECT date, mid,
  CAST(sum(event_count) AS BIGINT) AS events,
  CAST(coalesce(sum(event_count) FILTER (WHERE event_name = 'session_start'), 0) AS BIGINT) AS sessions,
  CAST(coalesce(sum(event_count) FILTER (WHERE event_name = 'login'), 0) AS BIGINT) AS logins,
  CAST(coalesce(sum(event_count) FILTER (WHERE event_name = 'purchase'), 0) AS BIGINT) AS purchases
FROM events
WHERE mid NOT IN ('(not set)', '')
GROUP BY mid, date
ORDER BY date, mid`

// queryOf counts events and meetings, of whose fields it needs no more than who
// met and when.
func queryOf(m *meetingFields, zone string) string {
	who := identifier(m.who)
	if m.many {
		who = "unnest(" + who + ")"
	}
	seconds, rating := "0", "CAST(NULL AS DOUBLE)"
	if m.seconds != "" {
		seconds = identifier(m.seconds)
	}
	if m.rating != "" {
		rating = "CAST(" + identifier(m.rating) + " AS DOUBLE)"
	}
	return fmt.Sprintf(`WITH app AS (
  SELECT mid, date,
    sum(event_count) AS events,
    sum(event_count) FILTER (WHERE event_name = 'session_start') AS sessions,
    sum(event_count) FILTER (WHERE event_name = 'login') AS logins,
    sum(event_count) FILTER (WHERE event_name = 'purchase') AS purchases
  FROM events
  WHERE mid NOT IN ('(not set)', '')
  GROUP BY mid, date
), calls AS (
  SELECT %s AS mid, CAST(timezone(%s, %s) AS DATE) AS date, %s AS seconds, %s AS rating
  FROM meetings
), met AS (
  SELECT mid, date, count(*) AS meetings, sum(seconds) AS meeting_seconds, avg(rating) AS rating
  FROM calls
  WHERE date = CAST($date AS DATE)
  GROUP BY mid, date
)
SELECT date, mid,
  CAST(coalesce(events, 0) AS BIGINT) AS events,
  CAST(coalesce(sessions, 0) AS BIGINT) AS sessions,
  CAST(coalesce(logins, 0) AS BIGINT) AS logins,
  CAST(coalesce(purchases, 0) AS BIGINT) AS purchases,
  coalesce(meetings, 0) AS meetings,
  CAST(coalesce(meeting_seconds, 0) AS BIGINT) AS meeting_seconds,
  rating
FROM app FULL JOIN met USING (mid, date)
ORDER BY date, mid`, who, literal(zone), identifier(m.start), seconds, rating)
}
