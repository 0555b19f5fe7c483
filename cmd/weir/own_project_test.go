package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox"
)

// initArgs are those with which the flow of the tests is written.
var initArgs = []string{"init", "--project", "calback-demo", "--property", "412345678", "--dataset", "calback", "--users", "userCollection",
	"--meetings", "meetingCollection", "--dimension", "customUser:MID"}

// TestOwnProject goes the way of a person with a project: init, verify, run, with
// credentials, scopes and roles, over Google's own hosts.
func TestOwnProject(t *testing.T) {
	e := inEarnest(t, func(c *sandbox.Config) { c.Users, c.Events = 300, 600 })
	e.dataset("asia-northeast3")
	flow, data := e.path("calback-demo-daily.json"), e.path("data")
	r := e.weir(fault.English, append(slices.Clone(initArgs), "--out", flow)...)
	if r.code != 0 || !strings.Contains(r.out, "Wrote "+flow) || !strings.Contains(r.out, "weir flow verify "+flow) {
		t.Fatalf("init: exit %d\n%s%s", r.code, r.out, r.err)
	}
	doc, err := os.ReadFile(flow)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"id": "calback-demo-daily"`, `"default": "asia-northeast3"`, `"zone": "Asia/Seoul"`, `"create": "table"`, `"mid = uid"`} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the flow lacks %s", want)
		}
	}
	for _, no := range []string{"endpoint", `"email as`, `"phone as`, `"name as`, "secret"} {
		if strings.Contains(string(doc), no) {
			t.Errorf("the flow has %s", no)
		}
	}
	if r := e.weir(fault.English, "flow", "validate", flow); r.code != 0 {
		t.Errorf("validate: %s%s", r.out, r.err)
	}
	if r := e.weir(fault.English, "flow", "access", flow); r.code != 0 || !strings.Contains(r.out, "analyticsdata.googleapis.com") || !strings.Contains(r.out, "roles/bigquery.jobUser") {
		t.Errorf("access: %s%s", r.out, r.err)
	}
	sampled := e.box.Stats().Returned
	v := e.weir(fault.English, "flow", "verify", flow)
	if v.code != 0 || !strings.Contains(v.out, "none failed") || !strings.Contains(v.out, ownReader) {
		t.Fatalf("verify: exit %d\n%s%s", v.code, v.out, v.err)
	}
	e.untouched(data, sampled, 1)
	s := e.weir(fault.English, "run", "start", "--file", flow, "--params", e.path("calback-demo-params.json"), "--data", data)
	if s.code != 0 || !strings.Contains(s.out, "SUCCESS, balanced") {
		t.Fatalf("run: exit %d\n%s%s", s.code, s.out, s.err)
	}
	bq, err := e.box.BigQuery()
	if err != nil {
		t.Fatal(err)
	}
	if n := bq.Stats().LoadsAccepted; n != 1 {
		t.Errorf("%d load jobs were accepted", n)
	}
	files, err := filepath.Glob(filepath.Join(data, "files", "processed", "*", "user_actions.csv"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	f, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 10 || int64(len(rows)-1) != bq.Stats().RowsLoaded {
		t.Errorf("%d rows of CSV, %v, %d of BigQuery", len(rows)-1, err, bq.Stats().RowsLoaded)
	}
	head := strings.Join(rows[0], " ")
	if !strings.HasPrefix(head, "date mid events sessions logins purchases meetings meeting_seconds rating created_at ") || !strings.HasSuffix(head, " marketing_consent plan") {
		t.Errorf("columns %s", head)
	}
	// Every token was asked for one API, by the account that was to ask.
	scopes := map[sandbox.API]string{sandbox.Firestore: "https://www.googleapis.com/auth/datastore", sandbox.Analytics: analytics,
		sandbox.BigQuery: "https://www.googleapis.com/auth/bigquery"}
	seen := map[sandbox.API]int{}
	for _, u := range e.auth.Used() {
		seen[u.API]++
		if u.Account != ownReader || strings.Join(u.Scopes, " ") != scopes[u.API] {
			t.Errorf("%s %s was called as %s with %q", u.API, u.Method, u.Account, u.Scopes)
		}
	}
	if len(seen) != 3 {
		t.Errorf("calls %v", seen)
	}
	hosts := []string{"analyticsdata.googleapis.com:443", "bigquery.googleapis.com:443", "firestore.googleapis.com:443", "iamcredentials.googleapis.com:443", "oauth2.googleapis.com:443"}
	if got := e.front.Dialled(); !slices.Equal(got, hosts) {
		t.Errorf("dialled %q", got)
	}
}

// TestReadmeOfOnesOwnProject does what the page tells, word for word; the person
// takes what init proposes.
func TestReadmeOfOnesOwnProject(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## Your own Google project")
	section, _, _ = strings.Cut(section, "\n## ")
	e := inEarnest(t, func(c *sandbox.Config) { c.Project = "my-project" })
	e.dataset("asia-northeast3")
	t.Chdir(e.dir)
	done := map[string]bool{}
	for line := range strings.Lines(section) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "bin/weir ")
		if !ok {
			continue
		}
		args := strings.Fields(command)
		var answers []string
		if args[0] == "init" {
			answers = []string{"", "", "", "", "", ""}
		}
		done[args[0]] = true
		if r := e.answers(fault.English, answers, args...); r.code != 0 {
			t.Fatalf("%s: exit %d\n%s%s", command, r.code, r.out, r.err)
		}
	}
	for _, verb := range []string{"setup", "init", "flow", "run"} {
		if !done[verb] {
			t.Errorf("the page has no command %s", verb)
		}
	}
	if _, err := os.Stat("my-project-params.json"); err != nil {
		t.Error(err)
	}
}
