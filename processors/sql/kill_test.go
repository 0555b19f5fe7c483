package sql_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/processors/processorstest"
)

// killedRows is how many rows the process writes that is killed.
const killedRows = 20_000

// TestWriteDuckDBChild is the process that is killed: it writes one slot again
// and again, each time with other values.
func TestWriteDuckDBChild(t *testing.T) {
	dir := os.Getenv("WRITE_DUCKDB_DIR")
	if dir == "" {
		t.Skip("only as a process of TestWriteDuckDBOutlivesAKill")
	}
	for n := 0; ; n++ {
		lines := make([]string, killedRows)
		for i := range lines {
			lines[i] = fmt.Sprintf(`{"date":"2026-11-20","uid":"u%d","n":%d}`, i, n)
		}
		fmt.Println("round", n)
		processorstest.New(t, "WriteDuckDB", with(warehouse, "partition", "date"), processorstest.Dir(dir), processorstest.Date("2026-11-20")).
			PutRecords(actions, lines...).Run()
	}
}

// TestWriteDuckDBOutlivesAKill kills a process that writes a slot: the file then
// holds the slot as it was or as it was to be, all other slots, and can be
// written.
func TestWriteDuckDBOutlivesAKill(t *testing.T) {
	rounds := 3
	if os.Getenv("WEIR_SOAK") != "" {
		rounds = 100
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "db", "warehouse.duckdb")
	write := func(date string) {
		t.Helper()
		processorstest.New(t, "WriteDuckDB", with(warehouse, "partition", "date"), processorstest.Dir(dir), processorstest.Date(date)).
			PutRecords(actions, fmt.Sprintf(`{"date":%q,"uid":"a","n":1}`, date)).Run()
	}
	write("2026-11-19")
	for range rounds {
		child := exec.CommandContext(context.Background(), self, "-test.run=^TestWriteDuckDBChild$")
		child.Env = append(os.Environ(), "WRITE_DUCKDB_DIR="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		said := bufio.NewScanner(out)
		for seen := 0; seen < 2 && said.Scan(); { // one round is written by then
			if strings.HasPrefix(said.Text(), "round") {
				seen++
			}
		}
		<-time.After(time.Duration(rand.IntN(300)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
		write("2026-11-21")
		if got := rows(t, file, "SELECT count(*) || '/' || count(DISTINCT uid) || '/' || count(DISTINCT n) FROM user_actions WHERE date = DATE '2026-11-20'"); got != fmt.Sprintf("%d/%d/1", killedRows, killedRows) {
			t.Errorf("the slot holds %s", got)
		}
		if got := rows(t, file, "SELECT count(*)::INTEGER FROM user_actions WHERE date <> DATE '2026-11-20'"); got != "2" {
			t.Errorf("the other slots hold %s", got)
		}
	}
}
