package sandbox

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// emulator starts Google's own emulator and returns its address. It forks, so
// it gets a process group of its own, which is killed as a whole.
func emulator(t *testing.T) string {
	t.Helper()
	if os.Getenv("WEIR_SOAK") == "" {
		t.Skip("set WEIR_SOAK=1 to compare with Google's emulator")
	}
	gcloud, err := exec.LookPath("gcloud")
	if err != nil {
		t.Skip("gcloud is not installed, so Google's emulator is not compared")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	cmd := exec.Command(gcloud, "emulators", "firestore", "start", "--host-port="+addr)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
	})
	ready := make(chan string, 1)
	go func() {
		said := ""
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if said += lines.Text() + "\n"; strings.Contains(lines.Text(), "is now running") {
				ready <- ""
				said = ""
			}
		}
		ready <- fmt.Sprintf("Google's emulator does not start: %s", said)
	}()
	select {
	case failed := <-ready:
		if failed != "" {
			t.Skip(failed)
		}
	case <-time.After(time.Minute):
		t.Skip("Google's emulator did not start within a minute")
	}
	return addr
}

// TestEmulatorAnswersAlike runs what the other tests ask of the sandbox against
// Google's emulator: the wanted answers are the same.
func TestEmulatorAnswersAlike(t *testing.T) {
	addr := emulator(t)
	c := client(t, addr, "calback-demo")
	fillTable(t, c)
	t.Run("queries", func(t *testing.T) { checkTable(t, c, true) })
	t.Run("raw queries", func(t *testing.T) { checkRaw(t, lowClient(t, addr)) })
	for name, check := range alike {
		t.Run(name, func(t *testing.T) { check(t, c, lowClient(t, addr)) })
	}
}
