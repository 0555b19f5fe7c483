package main

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/sandbox/bigquery"
	"github.com/weirflow/weir/sandbox/sandboxtest"
)

// earnest is Google as a project of one's own has it: hosts with certificates,
// and calls that need a token, whose owner needs roles.
type earnest struct {
	t      *testing.T
	box    *sandbox.Sandbox
	auth   *sandbox.Auth
	reader *sandbox.Account
	person *sandbox.Account
	front  *sandboxtest.GoogleFront
	// dir is where verbs read and write, adc the file of the credentials.
	dir, adc string
	login    []byte
	// silent is true where nothing is to be asked, since what is wrong shows
	// before.
	silent bool
}

const (
	ownReader = "weir-reader@calback-demo.iam.gserviceaccount.com"
	ownPerson = "jiwoo@calback.example"
	analytics = "https://www.googleapis.com/auth/analytics.readonly"
	platform  = "https://www.googleapis.com/auth/cloud-platform"
)

// ownKey is a service account's key; making one takes time.
var ownKey = sync.OnceValues(func() (out struct {
	account sandbox.Account
	file    []byte
}, err error) {
	a, file, err := sandbox.NewServiceAccount(ownReader)
	if err == nil {
		out.account, out.file = *a, file
	}
	return out, err
})

// inEarnest opens a sandbox as it is after `weir setup google`: a service account
// with the roles of the script, and a person who acts as it.
func inEarnest(t *testing.T, change ...func(*sandbox.Config)) *earnest {
	t.Helper()
	k, err := ownKey()
	if err != nil {
		t.Fatal(err)
	}
	e := &earnest{t: t, dir: t.TempDir()}
	reader := k.account
	e.reader = &reader
	e.reader.Roles = []string{"roles/datastore.viewer", "roles/bigquery.jobUser", "roles/bigquery.dataEditor"}
	e.reader.Properties, e.reader.Impersonators = []string{"412345678"}, []string{ownPerson}
	e.person, e.login = sandbox.NewLogin(ownPerson, "calback-demo", platform)
	e.person.Roles = []string{"roles/serviceusage.serviceUsageConsumer"}
	e.auth = &sandbox.Auth{Accounts: []*sandbox.Account{e.reader, e.person}}
	c := sandbox.Config{Users: 60, Meetings: 20, Events: 120, Auth: e.auth, BigQuery: bigquery.Config{Billing: true}}
	for _, f := range change {
		f(&c)
	}
	if e.box, err = sandbox.Open(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n := int64(0)
		for _, calls := range e.box.Stats().Calls {
			n += calls
		}
		t.Logf("the sandbox saw %d requests", n)
		if (n == 0) != e.silent {
			t.Errorf("the sandbox saw %d requests; that it sees none is %v", n, e.silent)
		}
		for _, host := range e.front.Strange() {
			t.Errorf("a connection to %s was asked for", host)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := e.box.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	e.front = sandboxtest.Front(t, e.box.Addr())
	e.adc = filepath.Join(e.dir, "adc.json")
	e.proves(sandbox.ImpersonatedFile(ownReader, e.login))
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", e.adc)
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1") // what is dialled in earnest fails
	return e
}

// proves makes a credential the server's own.
func (e *earnest) proves(credential []byte) {
	e.t.Helper()
	if err := os.WriteFile(e.adc, credential, 0o600); err != nil {
		e.t.Fatal(err)
	}
}

// weir runs the program, whose connections to Google arrive at the sandbox.
func (e *earnest) weir(lang fault.Lang, args ...string) result {
	e.t.Helper()
	return e.answers(lang, nil, args...)
}

// answers runs it at a terminal where a person answers, or at none.
func (e *earnest) answers(lang fault.Lang, lines []string, args ...string) result {
	e.t.Helper()
	var out, errOut bytes.Buffer
	in := strings.NewReader(strings.Join(lines, "\n"))
	a := &app{stdin: in, stdout: &out, stderr: &errOut, lang: lang, dial: e.front.Dial, roots: e.front.Roots,
		terminal: func() bool { return lines != nil }}
	code := a.call(e.t.Context(), args)
	return result{code, out.String(), errOut.String()}
}

func (e *earnest) path(name string) string { return filepath.Join(e.dir, name) }

// load does a request of BigQuery's that nobody has to be allowed.
func (e *earnest) load(method, path, body string) {
	e.t.Helper()
	bq, err := e.box.BigQuery()
	if err != nil {
		e.t.Fatal(err)
	}
	r := httptest.NewRequest(method, "/bigquery/v2/projects/"+e.box.Project()+"/"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if bq.ServeHTTP(w, r); w.Code >= http.StatusBadRequest {
		e.t.Fatalf("%s %s: %s", method, path, w.Body)
	}
}

// dataset makes the dataset calback.
func (e *earnest) dataset(location string) {
	e.t.Helper()
	e.load(http.MethodPost, "datasets", `{"datasetReference": {"projectId": "`+e.box.Project()+`", "datasetId": "calback"}, "location": "`+location+`"}`)
}

// untouched checks what no run may have changed: the documents that were read
// since there were some, one of each collection apart, which a verification
// reads; the loads; the files.
func (e *earnest) untouched(data string, since, verifications int64) {
	e.t.Helper()
	bq, err := e.box.BigQuery()
	if err != nil {
		e.t.Fatal(err)
	}
	if n := bq.Stats().LoadsAccepted; n != 0 {
		e.t.Errorf("%d load jobs were accepted", n)
	}
	if n := e.box.Stats().Returned - since; n > verifications*2 {
		e.t.Errorf("%d documents were read by %d verifications", n, verifications)
	}
	files, err := filepath.Glob(filepath.Join(data, "files", "*"))
	if err != nil || len(files) > 0 {
		e.t.Errorf("files were written: %v, %v", files, err)
	}
}

var (
	dateInText = regexp.MustCompile(`20\d\d-\d\d-\d\d`)
	bareDate   = regexp.MustCompile(`\b20\d{6}\b`)
)

// steady replaces what differs from one time to another.
func (e *earnest) steady(s string) string {
	s = strings.ReplaceAll(s, e.dir, "DIR")
	if home, err := os.UserHomeDir(); err == nil {
		s = strings.ReplaceAll(s, home, "HOME")
	}
	return bareDate.ReplaceAllString(dateInText.ReplaceAllString(s, "DATE"), "DATE")
}
