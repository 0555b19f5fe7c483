package acceptance

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/server"
)

const usersFlow = `{
  "weir": 1, "id": "users", "mode": "runs",
  "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "calback-demo", "endpoint": "sandbox"}}},
  "nodes": {
    "read": {"kind": "ReadFirestore", "settings": {"service": "gcp", "collection": "userCollection", "page_size": 300,
      "on_mismatch": "null", "on_drift": "ignore",
      "schema": [["uid", "string"], ["name", "string"], ["email", "string"], ["plan", "string"], ["level", "int64"],
        ["balance", "double"], ["createdAt", "timestamp"], ["lastLogin", "timestamp"], ["profile", "json"], ["tags", "json"],
        ["location", "json"], ["avatar", "bytes"], ["referrer", "string"], ["embedding", "json"]]},
      "terminate": ["rejected"]},
    "csv": {"kind": "WriteCSV", "settings": {"path": "out/users.csv"}, "terminate": ["success"]}
  },
  "connections": {"read-csv": {"from": "read", "output": "success", "to": "csv"}}
}`

// TestGooglesEmulatorGivesTheSameCSV reads the same documents from the sandbox
// and from Google's own emulator.
func TestGooglesEmulatorGivesTheSameCSV(t *testing.T) {
	if testing.Short() {
		t.Skip("long: run without -short")
	}
	ctx := t.Context()
	emulator := startEmulator(t)
	box, err := sandbox.Open(ctx, sandbox.Config{Users: 1500, Meetings: -1, Seed: 7, Date: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		soon, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = box.Close(soon)
	}()
	if n := copyUsers(t, dial(t, box.Addr()), dial(t, emulator)); n < 1400 {
		t.Fatalf("copied %d documents, want nearly 1500", n)
	}
	ours, theirs := usersFrom(t, box.Addr()), usersFrom(t, emulator)
	if !bytes.Equal(ours, theirs) {
		a, b := bytes.Split(ours, []byte("\n")), bytes.Split(theirs, []byte("\n"))
		for i := range min(len(a), len(b)) {
			if !bytes.Equal(a[i], b[i]) {
				t.Fatalf("line %d differs:\nsandbox:  %s\nemulator: %s", i+1, a[i], b[i])
			}
		}
		t.Fatalf("the sandbox gives %d lines, Google's emulator %d", len(a), len(b))
	}
}

func usersFrom(t *testing.T, address string) []byte {
	t.Helper()
	srv, err := server.Open(t.Context(), server.Config{Data: filepath.Join(t.TempDir(), "data"), Alone: true, Sandbox: address})
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close(context.Background())
	if r := runToEnd(t, srv, usersFlow); r.State != "SUCCESS" || r.Balance != "balanced" {
		t.Fatalf("the run over %s ended %s, %s: %s %s", address, r.State, r.Balance, r.Code, r.Why)
	}
	b, err := os.ReadFile(filepath.Join(srv.Files(), "out/users.csv"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func dial(t *testing.T, address string) firestorepb.FirestoreClient {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return firestorepb.NewFirestoreClient(conn)
}

// copyUsers copies the users of one Firestore into another. A reference to a
// collection, which real data may hold, is refused by the emulator: such
// documents are removed from the first.
func copyUsers(t *testing.T, from, to firestorepb.FirestoreClient) int {
	t.Helper()
	const db = "projects/calback-demo/databases/(default)"
	stream, err := from.RunQuery(t.Context(), &firestorepb.RunQueryRequest{Parent: db + "/documents",
		QueryType: &firestorepb.RunQueryRequest_StructuredQuery{StructuredQuery: &firestorepb.StructuredQuery{
			From: []*firestorepb.StructuredQuery_CollectionSelector{{CollectionId: "userCollection"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var writes, odd []*firestorepb.Write
	flush := func() {
		if _, err := to.Commit(t.Context(), &firestorepb.CommitRequest{Database: db, Writes: writes}); err != nil {
			t.Fatal(err)
		}
		writes = nil
	}
	for {
		r, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if d := r.GetDocument(); d != nil {
			if r := d.Fields["referrer"].GetReferenceValue(); r != "" && strings.Count(r, "/")%2 == 1 {
				odd = append(odd, &firestorepb.Write{Operation: &firestorepb.Write_Delete{Delete: d.Name}})
				continue
			}
			n++
			writes = append(writes, &firestorepb.Write{Operation: &firestorepb.Write_Update{
				Update: &firestorepb.Document{Name: d.Name, Fields: d.Fields}}})
			if len(writes) == 200 {
				flush()
			}
		}
	}
	flush()
	if len(odd) > 0 {
		if _, err := from.Commit(t.Context(), &firestorepb.CommitRequest{Database: db, Writes: odd}); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// startEmulator starts Google's own emulator in a process group of its own,
// since it forks, and returns its address.
func startEmulator(t *testing.T) string {
	t.Helper()
	gcloud, err := osexec.LookPath("gcloud")
	if err != nil {
		t.Skip("gcloud is not installed, so Google's own emulator is not asked")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	cmd := osexec.Command(gcloud, "emulators", "firestore", "start", "--host-port="+address)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan string, 1)
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	go func() {
		var all strings.Builder
		sc := bufio.NewScanner(out)
		for sc.Scan() {
			all.WriteString(sc.Text() + "\n")
			if strings.Contains(sc.Text(), "is now running") {
				said <- ""
				_, _ = io.Copy(io.Discard, out)
				return
			}
		}
		said <- all.String()
	}()
	select {
	case words := <-said:
		if words != "" {
			t.Skip("Google's emulator does not start here: ", words)
		}
	case <-time.After(time.Minute):
		t.Skip("Google's emulator did not start within a minute")
	}
	return address
}
