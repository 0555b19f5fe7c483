package main

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/bigquery"
)

// ownFaults is what can be wrong with a project, a row each: what the test
// changes in Google or in the flow, and the code by which it is named.
var ownFaults = []struct {
	name, code string
	google     func(*earnest)
	sandbox    func(*sandbox.Config)
	flow       []string // replacements
	args       []string
	// silent is true where the fault shows before anything is asked.
	silent bool
}{
	{name: "ADC missing", code: "google_no_credentials", google: func(e *earnest) {
		if err := os.Unsetenv("GOOGLE_APPLICATION_CREDENTIALS"); err != nil {
			e.t.Fatal(err)
		}
	}},
	{name: "ADC file missing", code: "google_file_missing", google: func(e *earnest) {
		if err := os.Remove(e.adc); err != nil {
			e.t.Fatal(err)
		}
	}, silent: true},
	{name: "login lacks analytics scope", code: "google_scope_login", google: func(e *earnest) {
		e.person.Roles = append(e.person.Roles, e.reader.Roles...)
		e.person.Properties = e.reader.Properties
		e.proves(e.login)
	}},
	{name: "machine lacks analytics scope", code: "google_scope_machine", google: func(e *earnest) {
		e.auth.Machine, e.auth.MachineScopes = ownReader, []string{platform}
		if err := os.Unsetenv("GOOGLE_APPLICATION_CREDENTIALS"); err != nil {
			e.t.Fatal(err)
		}
	}},
	{name: "Firestore API disabled", code: "google_api_disabled", google: func(e *earnest) { e.auth.Disabled = []string{"firestore.googleapis.com"} }},
	{name: "Analytics API disabled", code: "google_api_disabled", google: func(e *earnest) { e.auth.Disabled = []string{"analyticsdata.googleapis.com"} }},
	{name: "BigQuery API disabled", code: "google_api_disabled", google: func(e *earnest) { e.auth.Disabled = []string{"bigquery.googleapis.com"} }},
	{name: "not a Viewer of the property", code: "ga4_no_access", google: func(e *earnest) {
		e.reader.Properties, e.reader.Roles = nil, append(e.reader.Roles, "roles/owner")
	}},
	{name: "measurement id", code: "ga4_property_measurement", flow: []string{`"default": "412345678"`, `"default": "G-ABCD123456"`}, silent: true},
	{name: "Universal Analytics id", code: "ga4_property_universal", flow: []string{`"default": "412345678"`, `"default": "UA-12345678-1"`}, silent: true},
	{name: "stream id", code: "ga4_property_stream", flow: []string{`"default": "412345678"`, `"default": "4123456789"`}, silent: true},
	{name: "Datastore mode", code: "firestore_datastore_mode", google: func(e *earnest) { e.box.Inject(sandbox.Fault{Kind: sandbox.DatastoreMode}) }},
	{name: "Realtime Database", code: "firestore_no_database", google: func(e *earnest) { e.box.Inject(sandbox.Fault{Kind: sandbox.NoDatabase}) }},
	{name: "no Firestore viewer", code: "firestore_denied", google: func(e *earnest) { e.reader.Roles = e.reader.Roles[1:] }},
	{name: "no BigQuery job user", code: "google_denied", google: func(e *earnest) { e.reader.Roles = []string{e.reader.Roles[0], e.reader.Roles[2]} }},
	{name: "no BigQuery data editor", code: "google_denied", google: func(e *earnest) { e.reader.Roles = e.reader.Roles[:2] }},
	{name: "no BigQuery role", code: "google_denied", google: func(e *earnest) { e.reader.Roles = e.reader.Roles[:1] }},
	{name: "may not act as the account", code: "google_impersonate_denied", google: func(e *earnest) { e.reader.Impersonators = nil }},
	{name: "unregistered dimension", code: "ga4_unregistered", flow: []string{"customUser:MID", "customUser:level"}},
	{name: "no such collection", code: "firestore_collection_missing", flow: []string{`"collection": "userCollection"`, `"collection": "users"`}},
	{name: "another zone", code: "ga4_zone_differs", flow: []string{`"zone": "Asia/Seoul"
      }`, `"zone": "UTC"
      }`}},
	{name: "dataset missing", code: "bigquery_dataset_missing", flow: []string{`"default": "calback"`, `"default": "calbak"`}},
	{name: "dataset elsewhere", code: "bigquery_location", flow: []string{`"default": "asia-northeast3"`, `"default": "US"`}},
	{name: "table not partitioned", code: "bigquery_partitioning", google: func(e *earnest) {
		e.load(http.MethodPost, "datasets/calback/tables", `{"tableReference": {"projectId": "calback-demo", "datasetId": "calback", "tableId": "user_actions"},
			"schema": {"fields": [{"name": "date", "type": "DATE"}, {"name": "mid", "type": "STRING"}]}}`)
	}},
	{name: "slot past the expiration without billing", code: "bigquery_slot_expired", sandbox: func(c *sandbox.Config) { c.BigQuery = bigquery.Config{} },
		args: []string{"--slot", time.Now().AddDate(0, 0, -75).Format(time.DateOnly)}},
}

// ownGolden are the messages, of which a person reads each as it stands.
const ownGolden = "testdata/own_project.txt"

// TestOwnProjectFaults has a verification name each fault, in two languages, and
// a run refuse it before a document is read.
func TestOwnProjectFaults(t *testing.T) {
	first := inEarnest(t)
	first.dataset("asia-northeast3")
	if r := first.weir(fault.English, append(slices.Clone(initArgs), "--out", first.path("flow.json"))...); r.code != 0 {
		t.Fatalf("init: %s", r.err)
	}
	written, err := os.ReadFile(first.path("flow.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden strings.Builder
	for _, c := range ownFaults {
		t.Run(c.name, func(t *testing.T) {
			var changes []func(*sandbox.Config)
			if c.sandbox != nil {
				changes = append(changes, c.sandbox)
			}
			e := inEarnest(t, changes...)
			e.dataset("asia-northeast3")
			if e.silent = c.silent; c.google != nil {
				c.google(e)
			}
			if err := os.WriteFile(e.path("flow.json"), []byte(with(t, string(written), c.flow...)), 0o600); err != nil {
				t.Fatal(err)
			}
			data := e.path("data")
			said := map[fault.Lang]string{}
			for _, lang := range []fault.Lang{fault.English, fault.Korean} {
				r := e.weir(lang, append([]string{"flow", "verify", e.path("flow.json")}, c.args...)...)
				if r.code != exitInvalid || !strings.Contains(r.out, "["+c.code+"]") {
					t.Fatalf("verify: exit %d, want %s\n%s%s", r.code, c.code, r.out, r.err)
				}
				said[lang] = e.steady(messages(r.out))
			}
			fmt.Fprintf(&golden, "## %s\n\n%s\n%s\n", c.name, said[fault.English], said[fault.Korean])
			r := e.weir(fault.English, append([]string{"run", "start", "--file", e.path("flow.json"), "--data", data}, c.args...)...)
			if r.code == 0 || !strings.Contains(r.out+r.err, "["+c.code+"]") && !strings.Contains(e.steady(r.out+r.err), firstWords(said[fault.English])) {
				t.Errorf("run: exit %d, want %s\n%s%s", r.code, c.code, r.out, r.err)
			}
			e.untouched(data, 0, 3)
		})
	}
	if os.Getenv("WEIR_UPDATE") != "" {
		if err := os.WriteFile(ownGolden, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(ownGolden)
	if err != nil {
		t.Fatal(err)
	}
	if got := golden.String(); got != string(want) {
		t.Errorf("the messages are not those of %s, which WEIR_UPDATE=1 writes:\n%s", ownGolden, got)
	}
}

// TestInitNamesFaultsOfTheProject has init say what is wrong, each thing once,
// and write nothing.
func TestInitNamesFaultsOfTheProject(t *testing.T) {
	for _, c := range []struct {
		codes  []string
		change func(*earnest)
	}{
		{[]string{"google_file_missing"}, func(e *earnest) {
			e.silent = true
			if err := os.Remove(e.adc); err != nil {
				t.Fatal(err)
			}
		}},
		{[]string{"firestore_denied", "ga4_no_access"}, func(e *earnest) { e.reader.Roles, e.reader.Properties = e.reader.Roles[1:], nil }},
		{[]string{"google_api_disabled"}, func(e *earnest) { e.auth.Disabled = []string{"bigquery.googleapis.com"} }},
	} {
		e := inEarnest(t)
		c.change(e)
		r := e.weir(fault.English, append(slices.Clone(initArgs), "--out", e.path("flow.json"))...)
		lines := strings.Split(strings.TrimSpace(r.err), "\n")
		if r.code == 0 || len(lines) != len(c.codes) {
			t.Errorf("exit %d, want %q\n%s", r.code, c.codes, r.err)
			continue
		}
		for i, code := range c.codes {
			if !strings.HasSuffix(lines[i], "["+code+"]") {
				t.Errorf("line %d is not %s: %s", i, code, lines[i])
			}
		}
		if _, err := os.Stat(e.path("flow.json")); err == nil {
			t.Error("a file was written all the same")
		}
	}
}

var messageLine = regexp.MustCompile(`(?m)^    ! (.*(?:\n      .*)*)$`)

// messages are what a verification says is wrong, each once.
func messages(out string) string {
	var all []string
	for _, m := range messageLine.FindAllStringSubmatch(out, -1) {
		if !slices.Contains(all, m[1]) {
			all = append(all, m[1])
		}
	}
	return strings.Join(all, "\n") + "\n"
}

// firstWords is the beginning of a message, up to its first full stop.
func firstWords(s string) string {
	before, _, _ := strings.Cut(s, ". ")
	return before
}
