package firestore

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
	"github.com/weirflow/weir/processors/processorstest"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/sandbox"
)

// day is the company's day in tests, long past.
var day = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

// now is where the sandbox's clock stands, so that read times are the same.
func now() time.Time { return time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC) }

// company is a sandbox with a small company, its clock standing still.
func company(users int) sandbox.Config {
	return sandbox.Config{Seed: 7, Date: day, Users: users, Meetings: 20, Now: now}
}

func serve(t testing.TB, c sandbox.Config) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Errorf("close sandbox: %v", err)
		}
	})
	return s
}

// documents writes lines of the REST form, or plain JSON, to a collection file.
func documents(t testing.TB, collection, lines string) sandbox.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "documents.ndjson")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return sandbox.File{Collection: collection, Path: path}
}

// connect opens the service gcp as the engine does, over the sandbox's socket.
func connect(t testing.TB, s *sandbox.Sandbox, project string) processorstest.Option {
	t.Helper()
	settings := map[string]json.RawMessage{}
	for k, v := range map[string]string{"project": project, "endpoint": google.Sandbox} {
		settings[k], _ = json.Marshal(v)
	}
	conf, problems := processors.BuildService(google.Kind, settings, processors.BuildEnv{})
	for _, p := range problems {
		t.Fatal(p.Fault)
	}
	client, err := conf.Service.Open(t.Context(), processors.Env{Node: "gcp", Sandbox: s.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conf.Service.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return processorstest.Service("gcp", google.Kind, client)
}

// waits notes how long a node waits between tries, instead of waiting.
type waits []time.Duration

func (w *waits) wait(ctx context.Context, d time.Duration) error {
	*w = append(*w, d)
	return ctx.Err()
}

func (w waits) total() (d time.Duration) {
	for _, x := range w {
		d += x
	}
	return d
}

// hurry makes the node under test wait by w.
func hurry(w *waits) processorstest.Option {
	return processorstest.Wrap(func(p processors.Processor) processors.Processor {
		p.(*ReadFirestore).calls.wait = w.wait
		return p
	})
}

// users is the schema of the company's users, irregular fields as json.
var users = record.MustSchema("uid", "string", "name", "string", "email", "string", "phone", "string", "plan", "string",
	"createdAt", "timestamp", "birthDate", "string", "marketingConsent", "bool", "level", "json", "balance", "double",
	"profile", "json", "tags", "json", "lastLogin", "timestamp", "location", "json", "avatar", "bytes", "referrer", "string",
	"embedding", "list<double>")

type settings = processorstest.Settings

// reading returns settings for the users, changed by pairs of key and value.
func reading(pairs ...any) settings {
	s := settings{"service": "gcp", "collection": "userCollection", "schema": users}
	for i := 0; i < len(pairs); i += 2 {
		s[pairs[i].(string)] = pairs[i+1]
	}
	return s
}

// node returns a node over a sandbox, which it names by its project.
func node(t testing.TB, s *sandbox.Sandbox, set settings, more ...processorstest.Option) *processorstest.Runner {
	t.Helper()
	return processorstest.New(t, "ReadFirestore", set, append([]processorstest.Option{connect(t, s, s.Project())}, more...)...)
}

// position is the cursor that the node has committed.
func position(t testing.TB, r *processorstest.Runner) cursor {
	t.Helper()
	var c cursor
	if b := r.Notes().Cursor; len(b) > 0 {
		if err := json.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
	}
	return c
}
