package csv

import (
	"context"
	"path"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor {
		return &WriteCSV{delimiter: ',', header: true, preset: presetCustom, quote: record.QuoteMinimal.String(),
			lineEnding: endLF, empty: emptyHeader, manifest: true}
	})
}

// The values of the choices.
const (
	presetCustom = "custom"
	presetExcel  = "excel_korean"
	endLF        = "lf"
	endCRLF      = "crlf"
	emptyHeader  = "header"
	emptyNone    = "none"
)

// WriteCSV writes all records of a run to one CSV file, replaced as a whole.
type WriteCSV struct {
	path       processors.Expr
	delimiter  rune
	header     bool
	preset     string
	quote      string
	null       string
	lineEnding string
	bom        bool
	guard      bool
	empty      string
	schema     *record.Schema
	manifest   bool

	files *processors.Files
}

// Define describes the kind.
func (c *WriteCSV) Define(s *processors.Spec) {
	s.Describe("WriteCSV", "Writes all records of a run to one CSV file, which appears as a whole or not at all.", "csv", "file", "sink", "excel", "export")
	s.Input("", "The records; all must have the same columns.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Expr(&c.path, "path", "Where the file goes, below the files directory. A file that stands there is replaced, so name the slot in it.",
		processors.Required, processors.Example("out/dt=${run.date}/users.csv"))
	s.Choice(&c.preset, "preset", "For whom the file is.", []processors.ChoiceValue{
		{Value: presetCustom, Doc: "UTF-8 for programs, as the other properties say."},
		{Value: presetExcel, Doc: "UTF-8 that Excel opens rightly in Korean: a byte order mark, CR LF line ends, and formulas made harmless."},
	})
	s.Rune(&c.delimiter, "delimiter", "The character between two cells.")
	s.Bool(&c.header, "header", "Whether the first line names the columns.")
	s.Choice(&c.quote, "quote", "Which cells stand in quotes beyond those that need them.", []processors.ChoiceValue{
		{Value: record.QuoteMinimal.String(), Doc: "No others."},
		{Value: record.QuoteAll.String(), Doc: "Every cell and name but nulls."},
		{Value: record.QuoteNonNumeric.String(), Doc: "All but those of int64, double and decimal columns, and nulls."},
		{Value: record.QuoteStrings.String(), Doc: "Those of string columns, but nulls."},
	})
	s.String(&c.null, "null", `The text that stands for null, without quotes: nothing, or for example \N or NULL. An empty string is written "" in any case.`)
	s.Choice(&c.lineEnding, "line_ending", "What ends a line.", []processors.ChoiceValue{
		{Value: endLF, Doc: "LF, as on Unix."},
		{Value: endCRLF, Doc: "CR LF, as in RFC 4180 and on Windows."},
	}, processors.DependsOn("preset", presetCustom))
	s.Bool(&c.bom, "bom", "Whether the file begins with a byte order mark.", processors.DependsOn("preset", presetCustom))
	s.Bool(&c.guard, "formula_guard", "Whether to put ' before a text that a spreadsheet would run as a formula. Such a file does not read back as the same values.",
		processors.DependsOn("preset", presetCustom))
	s.Choice(&c.empty, "empty", "What to write when there are no rows and the input is allowed to be empty.", []processors.ChoiceValue{
		{Value: emptyHeader, Doc: "A file without rows."},
		{Value: emptyNone, Doc: "No file; one that stands at the path is removed."},
	})
	s.Schema(&c.schema, "schema", "The columns that the records must have, in the order in which they are written. Without it the first FlowFile decides.", processors.Advanced)
	s.Bool(&c.manifest, "manifest", "Whether to write PATH.manifest.json beside the file, last of all: run, slot, rows, bytes, SHA-256 and columns.", processors.Advanced)
	s.Output("success", "One FlowFile that names the file in path, filename, file.size, rows and sha256. It has no content and is no part of the balance.")
	s.Effects("Replaces the file at the path, and its manifest.")
	s.Needs(processors.Need{Kind: processors.NeedWrite, Value: &c.path, Why: "The file is written there."})
}

// Validate checks what one property alone cannot show.
func (c *WriteCSV) Validate(r *processors.Report) {
	if src := c.path.Source(); !strings.Contains(src, "${") && !strings.Contains(src, "#{") {
		if err := processors.CheckTarget(src); err != nil {
			r.Problem("path", asFault(err))
		}
	}
	if err := c.options().Check(); err != nil && r.Known("delimiter", "null") {
		key := "delimiter"
		if f := asFault(err); f.Code == "csv_bad_null" {
			key = "null"
		}
		r.Problem(key, asFault(err))
	}
}

// Start takes the files directory.
func (c *WriteCSV) Start(_ context.Context, env processors.Env) error {
	c.files = env.Files
	return nil
}

// Verify tries to write where the file will go, as far as that is known.
func (c *WriteCSV) Verify(_ context.Context, env processors.Env) []processors.Step {
	step := fault.New("step_files_write")
	name, err := env.Files.ProbeFor(c.path, env)
	if err != nil {
		return []processors.Step{processors.Failed(step, err)}
	}
	return []processors.Step{processors.Passed(step, fault.New("note_path", "path", name))}
}

// options is the dialect that the settings ask for.
func (c *WriteCSV) options() record.CSVOptions {
	quote, err := record.ParseQuotePolicy(c.quote)
	if err != nil {
		quote = record.QuoteMinimal // not reached: the choices are its names
	}
	o := record.CSVOptions{Delimiter: c.delimiter, Quote: quote, Null: c.null, NoHeader: !c.header,
		CRLF: c.lineEnding == endCRLF, BOM: c.bom, FormulaGuard: c.guard}
	if c.preset == presetExcel {
		o.CRLF, o.BOM, o.FormulaGuard = true, true, true
	}
	return o
}

// Process writes the file of the session's run.
func (c *WriteCSV) Process(ctx context.Context, s *flowfile.Session) error {
	name, err := c.path.Eval(s, nil)
	if err != nil {
		return err
	}
	if err := processors.CheckTarget(name); err != nil {
		return err
	}
	name = path.Clean(name)
	in, err := c.survey(s)
	if err != nil {
		return err
	}
	if in.rows == 0 && c.empty == emptyNone {
		return c.leaveNone(s, name)
	}
	if in.columns == nil {
		return noColumns(name)
	}
	t := &table{name: name, columns: in.columns, options: c.options(), excel: c.preset == presetExcel}
	done, err := c.files.Replace(name, t.writeTo(ctx, s))
	if err != nil {
		return err
	}
	if err := t.recount(ctx, c.files); err != nil {
		return err
	}
	if c.manifest {
		if err := t.manifest(c.files, s.Run(), done); err != nil {
			return err
		}
	}
	for _, w := range t.warnings() {
		s.Warn(w)
	}
	s.Witness("CSV", t.rows)
	s.ReceiptOf(flowfile.Receipt{Key: name, Rows: t.rows, Bytes: done.Size, File: name, SHA256: done.SHA256})
	announce(s, name, t.rows, done)
	return nil
}

// leaveNone makes sure that no file of an earlier run of the slot is taken for
// this one's.
func (c *WriteCSV) leaveNone(s *flowfile.Session, name string) error {
	for _, n := range []string{manifestOf(name), name} {
		if err := c.files.Remove(n); err != nil && !isMissing(err) {
			return err
		}
	}
	s.Witness("CSV", 0)
	s.Receipt(name, 0, 0)
	return nil
}
