package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

// The stages at which a fault can be told, the earliest first.
const (
	validate  = "validate"  // before anything was made
	preflight = "preflight" // the run was refused before it began
	atRun     = "run"       // the run had begun
)

// bed is a data directory in which one run has ended well before the fault.
type bed struct {
	t    *testing.T
	data string
	good string // the id of that run
	csv  []byte // what it wrote
}

func newBed(t *testing.T) *bed {
	b := &bed{t: t, data: filepath.Join(t.TempDir(), "data")}
	b.good = mustJSON[runView](t, "run", "start", "--file", file(t, "gen.json", gen), "--slot", "2026-11-20", "--data", b.data).Run.ID
	b.csv = b.read()
	return b
}

func (b *bed) read() []byte {
	b.t.Helper()
	out, err := os.ReadFile(filepath.Join(b.data, "files", "out", "dt=2026-11-20", "gen.csv"))
	if err != nil {
		b.t.Fatal(err)
	}
	return out
}

// survived checks that nothing of before the fault is lost.
func (b *bed) survived() {
	b.t.Helper()
	v := mustJSON[runView](b.t, "run", "show", b.good, "--data", b.data)
	if v.Run.State != runs.Success || v.Run.Balance != runs.Balanced || v.Run.Receipts[0].Rows != 200 {
		b.t.Errorf("the run before is now %s, %s", v.Run.State, v.Run.Balance)
	}
	if !bytes.Equal(b.read(), b.csv) {
		b.t.Error("the file of the run before has other bytes")
	}
	if out := must(b.t, "check", "--data", b.data); !strings.Contains(out, "All is well.") {
		b.t.Errorf("check: %s", out)
	}
}

// start runs a flow file in the bed.
func (b *bed) start(doc string, more ...string) result {
	args := append([]string{"run", "start", "--file", file(b.t, "flow.json", doc), "--data", b.data}, more...)
	return weir(b.t, args...)
}

// stage tells when the fault was told, from the newest run.
func (b *bed) stage() string {
	b.t.Helper()
	r := mustJSON[runList](b.t, "run", "ls", "--data", b.data).Runs[0]
	switch {
	case r.ID == b.good:
		return validate
	case r.Started.IsZero():
		return preflight
	}
	return atRun
}

// TestBadInputAndFaults has a row for each noun: what a person does wrong or
// the world does to them, when they are told, with which exit code and code, a
// remedy that the text names, and that what was there before survives.
func TestBadInputAndFaults(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	good := box(t)
	on := func(s *sandbox.Sandbox) []string { return []string{"--sandbox", s.Addr()} }
	for _, c := range []struct {
		noun, stage string
		exit        int
		code        string
		remedy      string // words of the English text
		do          func(*bed) result
	}{
		{"wrong project", preflight, exitFailed, "firestore_denied", "Check the project id", func(b *bed) result {
			return b.start(with(b.t, users, "calback-demo", "calback-prod"), on(good)...)
		}},
		{"no such collection", preflight, exitFailed, "firestore_collection_missing", "nearest are: userCollection", func(b *bed) result {
			return b.start(with(b.t, users, "userCollection", "userColection"), on(good)...)
		}},
		{"empty collection", preflight, exitFailed, "firestore_collection_missing", "set on_empty to pass", func(b *bed) result {
			empty, err := sandbox.Open(b.t.Context(), sandbox.Config{Users: -1, Meetings: -1})
			if err != nil {
				b.t.Fatal(err)
			}
			defer empty.Close(context.Background())
			return b.start(users, on(empty)...)
		}},
		{"no permission", preflight, exitFailed, "firestore_denied", "roles/datastore.viewer", func(b *bed) result {
			return b.start(users, on(box(b.t, sandbox.Fault{Kind: sandbox.Denied}))...)
		}},
		{"too many reads", preflight, exitFailed, "firestore_too_many_reads", "Set max_reads to at least 300", func(b *bed) result {
			return b.start(with(b.t, users, `"service": "gcp",`, `"service": "gcp", "max_reads": 299,`), on(good)...)
		}},
		{"unwritable data directory", validate, exitFailed, "store_not_directory", "Choose a directory with --data", func(b *bed) result {
			return weir(b.t, "flow", "import", file(b.t, "f.json", gen), "--data", file(b.t, "plain", ""))
		}},
		{"unwritable parent of the data directory", validate, exitFailed, "store_unwritable", "choose another directory with --data", func(b *bed) result {
			return weir(b.t, "flow", "import", file(b.t, "f.json", gen), "--data", filepath.Join(file(b.t, "plain", ""), "data"))
		}},
		{"unwritable files directory", validate, exitFailed, "files_dir_unusable", "--files", func(b *bed) result {
			return b.start(gen, "--files", file(b.t, "plain", ""))
		}},
		{"unwritable place of the file", preflight, exitFailed, "path_is_directory", "", func(b *bed) result {
			if err := os.MkdirAll(filepath.Join(b.data, "files", "users.csv", "x"), 0o700); err != nil {
				b.t.Fatal(err)
			}
			return b.start(users, on(good)...)
		}},
		{"slot in the future", validate, exitInvalid, "slot_not_ended", "last complete slot", func(b *bed) result {
			return b.start(gen, "--slot", "2999-01-01")
		}},
		{"slot that is none", validate, exitInvalid, "slot_key_bad", "", func(b *bed) result { return b.start(gen, "--slot", "yesterday") }},
		{"malformed flow file", validate, exitInvalid, "flow_syntax", "", func(b *bed) result { return b.start(gen[:40] + "]" + gen[40:]) }},
		{"flow file that ends too early", validate, exitInvalid, "flow_cut_short", "", func(b *bed) result { return b.start(gen[:100]) }},
		{"unknown kind", validate, exitInvalid, "kind_unknown", "WriteCSV", func(b *bed) result {
			return b.start(with(b.t, gen, "WriteCSV", "WriteCVS"))
		}},
		{"two processes", validate, exitFailed, "store_locked", "Stop that process first", func(b *bed) result {
			srv := launch(b.t, "serve", "--data", b.data, "--listen", "127.0.0.1:0")
			defer srv.stop()
			return weir(b.t, "serve", "--data", b.data, "--listen", "127.0.0.1:0")
		}},
		{"port in use", validate, exitFailed, "port_in_use", "choose another port", func(b *bed) result {
			return weir(b.t, "serve", "--data", b.data, "--listen", busy.Addr().String())
		}},
		{"newer data directory", validate, exitFailed, "store_newer", "Use that release", func(b *bed) result {
			old := setFormat(b.t, b.data, 99)
			defer setFormat(b.t, b.data, old)
			return weir(b.t, "serve", "--data", b.data, "--listen", "127.0.0.1:0")
		}},
		{"wrong sealing key", preflight, exitFailed, "secret_key_wrong", "WEIR_KEY_FILE", func(b *bed) result {
			if r := weirIn(b.t, `{"type": "service_account"}`, "secret", "set", "gcp-key", "--data", b.data); r.code != 0 {
				b.t.Fatal(r.err)
			}
			b.t.Setenv("WEIR_KEY_FILE", file(b.t, "key", strings.Repeat("ab", 32)))
			return b.start(with(b.t, users, `"endpoint": "sandbox"`, `"key": {"secret": "gcp-key"}`))
		}},
		{"secret that is not set", preflight, exitFailed, "setting_secret_unknown", "weir secret set", func(b *bed) result {
			return b.start(with(b.t, users, `"endpoint": "sandbox"`, `"key": {"secret": "other-key"}`))
		}},
		{"no sandbox", preflight, exitFailed, "google_no_sandbox", "--sandbox", func(b *bed) result { return b.start(users) }},
		{"server gone", validate, exitUnreachable, "server_unreachable", "weir serve", func(b *bed) result {
			return weir(b.t, "run", "ls", "--server", "unix:"+filepath.Join(b.data, "none"))
		}},
	} {
		t.Run(c.noun, func(t *testing.T) {
			b := newBed(t)
			r := c.do(b)
			text := r.out + r.err
			if r.code != c.exit {
				t.Errorf("exit %d, want %d\n%s", r.code, c.exit, text)
			}
			if !strings.Contains(text, "["+c.code+"]") {
				t.Errorf("the code %s is not told:\n%s", c.code, text)
			}
			if !strings.Contains(text, c.remedy) {
				t.Errorf("the remedy %q is not told:\n%s", c.remedy, text)
			}
			if got := b.stage(); got != c.stage {
				t.Errorf("told at %s, want %s", got, c.stage)
			}
			b.survived()
		})
	}
}

// TestFullDisk is the row of that noun: the run waits, says why, and goes on by
// itself once there is room.
func TestFullDisk(t *testing.T) {
	b := newBed(t)
	var full atomic.Bool
	s, err := server.Open(t.Context(), server.Config{Data: b.data, Control: true, Free: func(string) (int64, error) {
		if full.Load() {
			return 0, nil
		}
		return 1 << 40, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	must(t, "flow", "import", file(t, "gen.json", gen), "--data", b.data)
	full.Store(true)
	r := weir(t, "flow", "import", file(t, "users.json", users), "--data", b.data)
	if r.code != exitFailed || r.errorCode() != "disk_full" || !strings.Contains(r.err, "free some space") {
		t.Errorf("import: exit %d, %s", r.code, r.err)
	}
	id := strings.TrimSpace(must(t, "run", "start", "gen", "--no-wait", "--data", b.data))
	for !strings.Contains(must(t, "run", "why", id, "--data", b.data), "[disk_full]") {
	}
	full.Store(false)
	if v := mustJSON[runView](t, "run", "wait", id, "--data", b.data); v.Run.State != runs.Success || v.Run.Receipts[0].Rows != 200 {
		t.Errorf("once there is room, it ended %s: %s", v.Run.State, v.Run.Why)
	}
	if err := s.Close(context.Background()); err != nil {
		t.Error(err)
	}
	b.survived()
}

// setFormat writes the format version of a data directory, as another release
// would, and returns the one before.
func setFormat(t *testing.T, dir string, version uint32) uint32 {
	t.Helper()
	db, err := bolt.Open(filepath.Join(dir, "weir.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// Another release would not leave this one's mark of a clean stop.
	if err := os.Remove(filepath.Join(dir, "clean")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	var old uint32
	err = db.Update(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		old = binary.BigEndian.Uint32(meta.Get([]byte("format")))
		v := binary.BigEndian.AppendUint32(nil, version)
		sum := crc32.Checksum(slices.Concat([]byte("meta"), []byte{6}, []byte("format"), v), crc32.MakeTable(crc32.Castagnoli))
		return meta.Put([]byte("format"), binary.BigEndian.AppendUint32(v, sum))
	})
	if err != nil {
		t.Fatal(err)
	}
	return old
}

func TestProblemsOfAFlowFileAreToldAllAtOnce(t *testing.T) {
	bad := with(t, gen, "WriteCSV", "WriteCVS", `"rows": 50`, `"rows": -1`, `"zone": "Asia/Seoul"`, `"zone": "Asia/Soul"`)
	path := file(t, "bad.json", bad)
	for _, verb := range [][]string{{"flow", "validate", path}, {"flow", "import", path}, {"run", "start", "--file", path}} {
		r := weir(t, append(verb, "--data", filepath.Join(t.TempDir(), "none"))...)
		if r.code != exitInvalid {
			t.Errorf("%v: exit %d", verb, r.code)
		}
		for _, want := range []string{"[kind_unknown]", "[setting_too_small]", "[schedule_zone_unknown]", "weir: nodes.csv", "weir: schedule.zone"} {
			if !strings.Contains(r.err, want) {
				t.Errorf("%v does not tell %s:\n%s", verb, want, r.err)
			}
		}
	}
	r := weir(t, "flow", "validate", path, file(t, "good.json", gen), "--json")
	var got struct {
		Files []struct {
			Valid    bool
			Problems []struct{ Node, Code, Path string }
		}
	}
	if err := json.Unmarshal([]byte(r.out), &got); err != nil || r.code != exitInvalid {
		t.Fatalf("exit %d, %v\n%s", r.code, err, r.out)
	}
	if len(got.Files) != 2 || got.Files[0].Valid || !got.Files[1].Valid || len(got.Files[0].Problems) != 3 {
		t.Errorf("in JSON: %+v", got)
	}
	inKorean(t)
	if r := weir(t, "flow", "validate", path); !strings.Contains(r.err, "종류") || !strings.Contains(r.err, "[kind_unknown]") {
		t.Errorf("in Korean:\n%s", r.err)
	}
}
