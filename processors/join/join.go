package join

import (
	"context"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// The values of the choices.
const (
	kindInner = "inner"
	kindLeft  = "left"
	kindFull  = "full"

	nullsNever = "never"
	nullsMatch = "match"

	duplicatesFail  = "fail"
	duplicatesAllow = "allow"
	duplicatesFirst = "first"

	collideSuffix   = "suffix"
	collidePrefix   = "prefix"
	collideLeft     = "left"
	collideRight    = "right"
	collideCoalesce = "coalesce"
	collideFail     = "fail"

	failReject = "reject"
	failNull   = "null"
	failFail   = "fail"
)

// The outputs.
const (
	outSuccess        = "success"
	outUnmatchedLeft  = "unmatched_left"
	outUnmatchedRight = "unmatched_right"
	outRejected       = "rejected"
)

func init() {
	processors.Register(func() processors.Processor {
		return &JoinRecords{kind: kindLeft, nulls: nullsNever, duplicates: duplicatesFail, collisions: collideSuffix, mark: rightSide,
			onFailure: failReject}
	})
}

// JoinRecords joins the records of two inputs by their keys.
type JoinRecords struct {
	kind         string
	keys         []string
	nulls        string
	duplicates   string
	collisions   string
	mark         string
	leftColumns  []string
	rightColumns []string
	onFailure    string
	memory       int64
	leftSchema   *record.Schema
	rightSchema  *record.Schema

	env    processors.Env
	parsed []key // set by Start
	shape  shape
}

// Define describes the kind.
func (j *JoinRecords) Define(s *processors.Spec) {
	s.Describe("JoinRecords", "Joins all records of two inputs by their keys, in an order that is the same each time, with memory for any size.",
		"join", "merge", "lookup", "enrich", "records", "sql")
	s.Input(leftSide, "The records to join others to.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Input(rightSide, "The records to join to them.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Choice(&j.kind, "type", "Which rows the result has.", []processors.ChoiceValue{
		{Value: kindInner, Doc: "Those with a partner on the other side."},
		{Value: kindLeft, Doc: "Every left row; without a partner the right columns are null."},
		{Value: kindFull, Doc: "Every row of both sides."},
	})
	s.List(&j.keys, "keys", "What must be equal, LEFT = RIGHT in each line. Both sides need one type: where they differ, say which with as, like rating as int64 = rating as int64. "+
		"Behind as string may stand trim, lower and nfc, which change what is compared and not what is written.",
		processors.Required, processors.Example(`["mid = uid"]`), processors.Min(1))
	s.Choice(&j.duplicates, "duplicates", "What to do when a key stands more than once on the right. On the left it always may.", []processors.ChoiceValue{
		{Value: duplicatesFail, Doc: "Fail before anything is written; the message tells the worst keys and how many rows would come."},
		{Value: duplicatesAllow, Doc: "Make a row of each pair."},
		{Value: duplicatesFirst, Doc: "Take the first; the others go to unmatched_right."},
	})
	s.Choice(&j.nulls, "nulls", "Whether a null in a key equals a null on the other side.", []processors.ChoiceValue{
		{Value: nullsNever, Doc: "A row with a null in its key has no partner, as in SQL."},
		{Value: nullsMatch, Doc: "Null equals null."},
	})
	s.Choice(&j.onFailure, "on_cast_failure", "What to do with a row whose key cannot be cast without loss, like abc or 1.5 as int64.", []processors.ChoiceValue{
		{Value: failReject, Doc: "Send it to rejected, with the reason."},
		{Value: failNull, Doc: "Take its key as null."},
		{Value: failFail, Doc: "Fail."},
	})
	s.Choice(&j.collisions, "collisions", "What to do with a right column whose name a left column has too. A right key is no column of the result, since it equals the left one.", []processors.ChoiceValue{
		{Value: collideSuffix, Doc: "Write it as name_right."},
		{Value: collidePrefix, Doc: "Write it as right_name."},
		{Value: collideLeft, Doc: "Leave it out."},
		{Value: collideRight, Doc: "Put it in the place of the left one."},
		{Value: collideCoalesce, Doc: "Write the left value, or the right one where that is null; both must have one type."},
		{Value: collideFail, Doc: "Fail."},
	})
	s.String(&j.mark, "mark", "The word of suffix and prefix.", processors.Advanced, processors.DependsOn("collisions", collideSuffix, collidePrefix))
	s.List(&j.leftColumns, "left_columns", "Which left columns to write, NAME or NAME as NEW, in this order; all when empty. The keys are always written, first unless they are listed.",
		processors.Example(`["mid as uid", "date"]`))
	s.List(&j.rightColumns, "right_columns", "Which right columns to write, NAME or NAME as NEW, in this order; all but the keys when empty.",
		processors.Example(`["plan", "name as user_name"]`))
	s.Bytes(&j.memory, "memory", "How much memory DuckDB may use before it spills to disk; the process needs about half as much again. By default a quarter of the machine's, at most 1 GB.",
		processors.Advanced, processors.Min(128_000_000), processors.Example("512 MB"))
	s.Schema(&j.leftSchema, "left_schema", "The columns of the left records. It is needed only where nothing may arrive: without records their columns are not known.", processors.Advanced)
	s.Schema(&j.rightSchema, "right_schema", "The columns of the right records, for the same case.", processors.Advanced)
	s.Output(outSuccess, "The joined records by key, then in the order of the left and the right input, in FlowFiles of about 64 MB or 200,000 rows.")
	s.Output(outUnmatchedLeft, "Left records that are not in the result.", processors.Filter)
	s.Output(outUnmatchedRight, "Right records that are not in the result.", processors.Filter)
	s.Output(outRejected, "Records of either side whose key could not be cast; the column join_error says why, the attribute join.side which side.", processors.Reject)
	s.Law(runs.LawJoin)
}

// Validate checks what one property alone cannot show.
func (j *JoinRecords) Validate(r *processors.Report) {
	for _, line := range j.keys {
		if _, f := parseKey(line); f != nil {
			r.Problem("keys", f)
		}
	}
	for _, entry := range j.leftColumns {
		if _, f := parseColumn(entry); f != nil {
			r.Problem("left_columns", f)
		}
	}
	for _, entry := range j.rightColumns {
		if _, f := parseColumn(entry); f != nil {
			r.Problem("right_columns", f)
		}
	}
}

// Start parses the lists.
func (j *JoinRecords) Start(_ context.Context, env processors.Env) error {
	j.env = env
	j.shape = shape{collisions: j.collisions, mark: j.mark}
	for _, line := range j.keys {
		k, f := parseKey(line)
		if f != nil {
			return f
		}
		j.parsed = append(j.parsed, k)
	}
	var f *fault.Error
	if j.shape.left, f = columnsOf(j.leftColumns); f != nil {
		return f
	}
	if j.shape.right, f = columnsOf(j.rightColumns); f != nil {
		return f
	}
	return nil
}

func columnsOf(entries []string) ([]column, *fault.Error) {
	var out []column
	for _, entry := range entries {
		c, f := parseColumn(entry)
		if f != nil {
			return nil, f
		}
		out = append(out, c)
	}
	return out, nil
}

// survey reads what arrived on an input and finds its columns.
func (j *JoinRecords) survey(s *flowfile.Session, name string, schema *record.Schema) (*side, error) {
	d := &side{name: name, schema: schema, nullsMatch: j.nulls == nullsMatch, onFailure: j.onFailure, zone: s.Run().Location()}
	checked := map[string]bool{}
	for f, err := range s.All(name) {
		if err != nil {
			return nil, err
		}
		d.files = append(d.files, f)
		hash := f.Attr(flowfile.SchemaAttr)
		if hash != "" && checked[hash] {
			continue
		}
		have, err := processors.SchemaOf(s, f)
		if err != nil {
			return nil, err
		}
		if d.schema == nil {
			d.schema = have
		}
		if !sameColumns(d.schema, have) {
			return nil, fault.New("join_schema_differs", "side", name, "id", f.ID, "difference", strings.TrimSpace(d.schema.Diff(have))).Permanent()
		}
		checked[hash] = true
	}
	return d, nil
}

// sameColumns reports whether two schemas have the same columns in any order.
func sameColumns(a, b *record.Schema) bool {
	if len(a.Fields) != len(b.Fields) {
		return false
	}
	for _, f := range a.Fields {
		if i := b.Index(f.Name); i < 0 || !b.Fields[i].Type.Equal(f.Type) {
			return false
		}
	}
	return true
}
