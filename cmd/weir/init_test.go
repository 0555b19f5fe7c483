package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/sandbox"
)

// initiated runs init in the sandbox, at a terminal when there are answers.
func initiated(t *testing.T, s *sandbox.Sandbox, answers []string, args ...string) (result, string) {
	t.Helper()
	var out, errOut strings.Builder
	flow := filepath.Join(t.TempDir(), "flow.json")
	in := ""
	if len(answers) > 0 {
		in = strings.Join(answers, "\n") + "\n"
	}
	a := &app{stdin: strings.NewReader(in), stdout: &out, stderr: &errOut, lang: fault.LangFromEnv(), terminal: func() bool { return answers != nil }}
	code := a.call(t.Context(), append([]string{"init", "--endpoint", "sandbox", "--sandbox", s.Addr(), "--out", flow}, args...))
	return result{code, out.String(), errOut.String()}, flow
}

func readFlow(t *testing.T, path string) *flows.Flow {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, problems := flows.Check(b)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if again, err := f.Canonical(); err != nil || string(again) != string(b) {
		t.Errorf("the file is not in canonical form: %v", err)
	}
	return f
}

// TestInitAsks answers each question: with nothing where the proposal is right,
// wrongly at first where it can be.
func TestInitAsks(t *testing.T) {
	s := box(t)
	answers := []string{"Calback!", "calback-demo", "G-ABC123", "412345678", "userColection", "", "-", "customUser:nothing", "", "", "", "Seoul", "", ""}
	r, path := initiated(t, s, answers)
	if r.code != 0 {
		t.Fatalf("exit %d\n%s%s", r.code, r.out, r.err)
	}
	for _, want := range []string{"GA4 property", "tag or measurement id", "meetingCollection\n", "Nearest: userCollection", "Collection of users [userCollection]:",
		"Collection of meetings (- for none) [meetingCollection]:", "[customUser:MID]", "no dimension \"customUser:nothing\"", "BigQuery dataset [calback_demo]",
		"[asia-northeast3]", "no time zone", "[Asia/Seoul]", "[uid]"} {
		if !strings.Contains(r.err, want) {
			t.Errorf("the questions lack %q:\n%s", want, r.err)
		}
	}
	f := readFlow(t, path)
	if f.ID != "calback-demo-daily" || f.Schedule.Zone != "Asia/Seoul" || f.Schedule.At != "06:00" || len(f.Nodes) != 9 {
		t.Errorf("flow %s at %s in %s, %d nodes", f.ID, f.Schedule.At, f.Schedule.Zone, len(f.Nodes))
	}
	if _, there := f.Nodes["meetings"]; there || string(f.Nodes["actions"].Settings["tables"]) != `["events"]` {
		t.Error("the flow has meetings")
	}
	params, err := os.ReadFile(filepath.Join(filepath.Dir(path), strings.TrimSuffix(strings.TrimSuffix(filepath.Base(path), ".json"), "-daily")+"-params.json"))
	if err != nil || !strings.Contains(string(params), `"dataset": "calback_demo"`) {
		t.Errorf("parameters %s, %v", params, err)
	}
	if !strings.Contains(r.out, "--params ") {
		t.Errorf("the next commands do not take the parameters:\n%s", r.out)
	}
	if v := weir(t, "flow", "verify", path, "--sandbox", s.Addr()); v.code != 0 {
		t.Errorf("verify: %s%s", v.out, v.err)
	}
	if n := s.Stats().Calls[sandbox.Analytics]; n == 0 {
		t.Error("the sandbox saw no request")
	}
	if r, path := initiated(t, s, answers[:5]); r.code != exitInvalid || r.errorCode() != "cli_init_ended" {
		t.Errorf("input that ends: exit %d, %s", r.code, r.err)
	} else if _, err := os.Stat(path); err == nil {
		t.Error("a file was written all the same")
	}
	inKorean(t)
	if r, _ := initiated(t, s, answers); r.code != 0 || !strings.Contains(r.err, "사용자 컬렉션") || !strings.Contains(r.out, "다음 단계") {
		t.Errorf("in Korean: exit %d\n%s%s", r.code, r.out, r.err)
	}
}

func TestInitRefusesWhatCannotBeMeant(t *testing.T) {
	s := box(t)
	whole := []string{"--project", "calback-demo", "--property", "412345678", "--dataset", "calback", "--location", "asia-northeast3",
		"--users", "userCollection", "--dimension", "customUser:MID"}
	set := func(flag, value string) []string {
		args := slices.Clone(whole)
		if i := slices.Index(args, flag); i >= 0 {
			args[i+1] = value
			return args
		}
		return append(args, flag, value)
	}
	for _, c := range []struct {
		args       []string
		code, says string
	}{
		{nil, "cli_init_missing", "--project, --property, --dataset, --users, --dimension"},
		{whole[:8], "cli_init_missing", "add --users, --dimension."},
		{set("--project", "My Project"), "setting_pattern", "project"},
		{set("--property", "UA-1-2"), "ga4_property_universal", ""},
		{set("--dataset", "my-data"), "setting_pattern", ""},
		{set("--location", ""), "cli_setup_location", ""},
		{set("--location", "here!"), "cli_setup_place", ""},
		{set("--users", "userColection"), "cli_init_collection", "Nearest: userCollection"},
		{set("--users-key", "uidd"), "cli_init_key", "Nearest: uid"},
		{set("--users-key", "createdAt"), "cli_init_key_type", "timestamp"},
		{set("--meetings", "meetings"), "cli_init_collection", ""},
		{set("--meetings", "userCollection"), "cli_init_meetings", ""},
		{set("--dimension", "customUser:level"), "cli_init_dimension", "customUser:MID"},
		{set("--zone", "Seoul"), "cli_init_zone", ""},
		{set("--at", "25:00"), "schedule_", ""},
		{set("--endpoint", "127.0.0.1:1"), "setting_not_a_choice", ""},
		{set("--key", "gcp-key"), "setting_secret_unknown", "weir secret set gcp-key"},
		{set("--property", "412345679"), "ga4_no_access", ""},
	} {
		r, path := initiated(t, s, nil, c.args...)
		if r.code == 0 || !strings.HasPrefix(r.errorCode(), c.code) || !strings.Contains(r.err, c.says) || r.out != "" {
			t.Errorf("%q: exit %d, %s\n%s%s", c.args, r.code, r.errorCode(), r.out, r.err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%q: a file was written all the same", c.args)
		}
	}
	r, path := initiated(t, s, nil, whole...)
	if r.code != 0 {
		t.Fatalf("exit %d\n%s", r.code, r.err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := initiated(t, s, nil, append(slices.Clone(whole), "--out", path)...); r.code != exitInvalid || r.errorCode() != "cli_init_exists" {
		t.Errorf("onto files that are there: exit %d, %s", r.code, r.err)
	}
	other := filepath.Join(filepath.Dir(path), "other.json")
	if r, _ := initiated(t, s, nil, append(slices.Clone(whole), "--out", other)...); r.code != 0 || !strings.Contains(r.out, "other-params.json") {
		t.Errorf("under another name: exit %d, %s%s", r.code, r.out, r.err)
	}
	if r, _ := initiated(t, s, nil, append(slices.Clone(whole), "--out", path, "--at", "07:30", "--zone", "Europe/Berlin", "--force")...); r.code != 0 || !strings.Contains(r.err, "counts days in Asia/Seoul") {
		t.Errorf("by force: exit %d, %s", r.code, r.err)
	}
	after := readFlow(t, path)
	if after.Schedule.At != "07:30" || after.Schedule.Zone != "Europe/Berlin" || string(after.Nodes["events"].Settings["zone"]) != `"Asia/Seoul"` || strings.Contains(string(before), "07:30") {
		t.Errorf("the flow fires at %s in %s", after.Schedule.At, after.Schedule.Zone)
	}
}

// TestInitOfAnotherCompany writes and runs the flow of a company whose documents
// look unlike the example's: numbers as keys, meetings by one person, names that
// need quotes.
func TestInitOfAnotherCompany(t *testing.T) {
	dir := t.TempDir()
	people, calls := filepath.Join(dir, "people.ndjson"), filepath.Join(dir, "calls.ndjson")
	seoul, err := time.LoadLocation("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Now().In(seoul).AddDate(0, 0, -1).Format(time.DateOnly)
	var p, m strings.Builder
	for i := range 5 {
		fmt.Fprintf(&p, `{"fields": {"memberNo": {"integerValue": "%d"}, "e-mail": {"stringValue": "a%d@x.y"}, "요금제": {"stringValue": "기본"}, "is vip": {"booleanValue": %v}, "date": {"stringValue": "x"}, "joinedAt": {"timestampValue": "2026-01-01T00:00:00Z"}}}`, i, i, i%2 == 0)
		fmt.Fprintf(&m, `{"fields": {"user_id": {"stringValue": "%d"}, "begin at": {"timestampValue": "%sT03:00:00Z"}, "date": {"stringValue": "2020-01-01"}}}`, i, day)
		p.WriteByte('\n')
		m.WriteByte('\n')
	}
	for path, text := range map[string]string{people: p.String(), calls: m.String()} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := sandbox.Open(t.Context(), sandbox.Config{Users: 20, Meetings: -1, Events: 100,
		Files: []sandbox.File{{Path: people, Collection: "people"}, {Path: calls, Collection: "calls"}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil {
			t.Log(err)
		}
	})
	r, path := initiated(t, s, nil, "--project", "calback-demo", "--property", "412345678", "--dataset", "own", "--location", "US", "--users", "people",
		"--users-key", "memberNo", "--meetings", "calls", "--dimension", "customUser:MID")
	if r.code != 0 {
		t.Fatalf("exit %d\n%s", r.code, r.err)
	}
	f := readFlow(t, path)
	if keys := string(f.Nodes["join"].Settings["keys"]); keys != `["mid = memberNo as string"]` {
		t.Errorf("keys %s", keys)
	}
	for _, want := range []string{`"\"is vip\" as is_vip"`, `"joinedAt as joined_at"`, `"요금제"`} {
		var columns []json.RawMessage
		if err := json.Unmarshal(f.Nodes["join"].Settings["right_columns"], &columns); err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(columns, func(c json.RawMessage) bool { return string(c) == want }) {
			t.Errorf("columns %s lack %s", columns, want)
		}
	}
	run := weir(t, "run", "start", "--file", path, "--slot", day, "--sandbox", s.Addr(), "--data", filepath.Join(dir, "data"))
	if run.code != 0 || !strings.Contains(run.out, "SUCCESS, balanced") {
		t.Fatalf("run: exit %d\n%s%s", run.code, run.out, run.err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "data", "files", "processed", "dt="+day, "user_actions.csv"))
	if err != nil || !strings.Contains(string(b), day+",3,0,0,0,0,1,0,,false,") {
		t.Errorf("the meeting of 3 is not there: %v\n%s", err, b)
	}
	if n := s.Stats().Calls[sandbox.Firestore]; n == 0 {
		t.Error("the sandbox saw no request")
	}
}
