package sql

import (
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/duck"
)

func init() {
	processors.Register(func() processors.Processor { return &WriteDuckDB{mode: modeSlot, slotColumn: "slot"} })
}

// What becomes of the rows that stand in the table.
const (
	modeSlot  = "overwrite_slot"
	modeTable = "overwrite_table"
)

const suffix = ".duckdb"

// WriteDuckDB keeps the records of a run in a table of a DuckDB file.
type WriteDuckDB struct {
	file       processors.Expr
	table      string
	mode       string
	partition  string
	slotColumn string
	memory     int64

	files   *processors.Files
	scratch string
}

// Define describes the kind.
func (w *WriteDuckDB) Define(s *processors.Spec) {
	s.Describe("WriteDuckDB", "Keeps all records of a run in a table of a DuckDB file, the rows of the run's slot replaced in one transaction.",
		"duckdb", "sql", "warehouse", "file", "sink", "database")
	s.Input("", "The records; all must have the same columns.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Expr(&w.file, "file", "The database file, below the files directory; its name ends in .duckdb. It is made when it is missing, and open during the write alone.",
		processors.Required, processors.Example("warehouse.duckdb"))
	s.String(&w.table, "table", "The table. It is made when it is missing; new columns are added to it, and a column whose type changed fails the run.",
		processors.Required, processors.Pattern(`[\p{L}_][\p{L}\p{N}_]{0,62}`, "a name of letters, digits and _, such as user_actions"), processors.Example("user_actions"))
	s.Choice(&w.mode, "mode", "What becomes of the rows that stand in the table.", []processors.ChoiceValue{
		{Value: modeSlot, Doc: "Those of the run's slot are replaced, all others stay; writing a slot again changes nothing."},
		{Value: modeTable, Doc: "All are replaced."},
	})
	s.String(&w.partition, "partition", "The date or timestamp column of the records that says to which slot a row belongs. Each row must lie within the run's slot. "+
		"Without it a column is added that holds the slot's key.", processors.DependsOn("mode", modeSlot), processors.Example("date"))
	s.String(&w.slotColumn, "slot_column", "The name of the column that is added for the slot's key when there is no partition.", processors.Advanced)
	s.Bytes(&w.memory, "memory", "How much memory DuckDB may use before it spills to disk; 0 means a quarter of the machine's, 1 GB at most.", processors.Advanced)
	s.Output("success", "One FlowFile that names the file, the table, the slot and the rows. It has no content and is no part of the balance.")
	s.Effects("Replaces rows of a table in a DuckDB file.")
	s.Needs(
		processors.Need{Kind: processors.NeedWrite, Value: &w.file, Keeps: true, Why: "The database file is written there."},
		processors.Need{Kind: processors.NeedResource, Value: &w.table, On: &w.file, Replaces: true, Why: "The table whose rows are replaced."})
}

// Validate checks what one property alone cannot show.
func (w *WriteDuckDB) Validate(r *processors.Report) {
	if src := w.file.Source(); !strings.Contains(src, "${") && !strings.Contains(src, "#{") {
		if err := checkFile(src); err != nil {
			r.Problem("file", fault.As(err))
		}
	}
	if w.mode == modeSlot && w.partition == "" && w.slotColumn == "" && r.Known("mode", "partition", "slot_column") {
		r.Problem("slot_column", fault.New("sql_no_slot_column").Permanent())
	}
	if w.memory != 0 && w.memory < 64<<20 {
		r.Problem("memory", fault.New("sql_memory_small", "least", "64 MB").Permanent())
	}
}

func checkFile(name string) error {
	if err := processors.CheckTarget(name); err != nil {
		return err
	}
	if !strings.HasSuffix(name, suffix) || path.Base(name) == suffix {
		return fault.New("sql_file_suffix", "path", name).Permanent()
	}
	return nil
}

// Start takes the files and scratch directories.
func (w *WriteDuckDB) Start(_ context.Context, env processors.Env) error {
	w.files, w.scratch = env.Files, env.Scratch
	return nil
}

// Verify tries to write where the file will be.
func (w *WriteDuckDB) Verify(_ context.Context, env processors.Env) []processors.Step {
	step := fault.New("step_files_write")
	if err := env.Files.Probe(w.file); err != nil {
		return []processors.Step{processors.Failed(step, err)}
	}
	return []processors.Step{processors.Passed(step, fault.New("note_path", "path", env.Files.Dir()))}
}

// Process writes the records of the session's run.
func (w *WriteDuckDB) Process(ctx context.Context, s *flowfile.Session) (err error) {
	name, err := w.file.Eval(s, nil)
	if err != nil {
		return err
	}
	if err := checkFile(name); err != nil {
		return err
	}
	name = path.Clean(name)
	unlock, err := writing.lock(ctx, realPath(filepath.Join(w.files.Dir(), name)))
	if err != nil {
		return err
	}
	defer unlock()
	full, err := w.locate(ctx, name)
	if err != nil {
		return err
	}
	db, err := duck.Open(ctx, duck.Options{Dir: w.scratch, Memory: w.memory, File: full})
	if err != nil {
		return err
	}
	defer func() {
		if cerr := db.Close(); err == nil {
			err = cerr
		}
	}()
	in, err := load(ctx, s, db, "", staged)
	if err != nil {
		return err
	}
	t := &target{db: db, name: w.table, in: in, slot: s.Run(), mode: w.mode, partition: w.partition, slotColumn: w.slotColumn}
	rows, err := t.write(ctx)
	if err != nil {
		return err
	}
	s.Witness("DuckDB", rows)
	key := name + ":" + w.table
	if w.mode == modeSlot {
		key += "@" + s.Run().Slot
	}
	s.ReceiptOf(flowfile.Receipt{Key: key, Rows: in.rows, Bytes: in.bytes})
	if rows != in.rows {
		return fault.New("sql_recount", "table", w.table, "path", name, "want", in.rows, "have", rows).Permanent()
	}
	announce(s, name, w.table, rows)
	return nil
}

// locate returns the path of the database file on the disk, which is made when
// it is missing. The files directory has looked at every link on the way.
func (w *WriteDuckDB) locate(ctx context.Context, name string) (string, error) {
	st, err := w.files.Stat(name)
	switch {
	case fault.CodeOf(err) == "file_missing":
		// What a killed process left behind of a file that is gone would be read
		// into the new one.
		if err := w.files.Remove(name + ".wal"); err != nil && fault.CodeOf(err) != "file_missing" {
			return "", err
		}
		empty, err := duck.EmptyFile(ctx, w.scratch)
		if err != nil {
			return "", err
		}
		if _, err := w.files.Replace(name, func(out io.Writer) error {
			_, err := out.Write(empty)
			return err
		}); err != nil {
			return "", err
		}
	case err != nil:
		return "", err
	case !st.Mode().IsRegular():
		return "", fault.New("file_not_regular", "path", name).Permanent()
	}
	full, err := filepath.Abs(filepath.Join(w.files.Dir(), filepath.FromSlash(name)))
	if err != nil {
		return "", fmt.Errorf("locate %s: %w", name, err)
	}
	return full, nil
}

// announce sends a FlowFile that names the table.
func announce(s *flowfile.Session, name, table string, rows int64) {
	f := s.Create()
	s.Set(f, "path", name)
	s.Set(f, "filename", path.Base(name))
	s.Set(f, "table", table)
	s.Set(f, "slot", s.Run().Slot)
	s.Set(f, "rows", strconv.FormatInt(rows, 10))
	s.Transfer(f, "success")
}
