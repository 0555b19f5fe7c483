package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// reference is an expression whose value a sample cannot know, such as that of a
// run.
var reference = regexp.MustCompile(`\$\{[^{}]*\}`)

// Infer proposes the schema of the file. Where its path depends on the run, the
// last of the files that it could be is read.
func (p *ReadFile) Infer(ctx context.Context, env processors.Env, sample int) (*record.Schema, []string, error) {
	if p.form.format == formatRaw {
		return nil, nil, fault.New("infer_raw").Permanent()
	}
	name, one, err := p.example(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	m := p.form
	// Any key may come: the schema is what is sought.
	m.schema, m.unknown = &record.Schema{}, unknownIgnore
	o, err := m.open(env.Files, name)
	if err != nil {
		return nil, nil, err
	}
	learn := &learning{ctx: ctx, most: int64(sample)}
	if m.format == formatCSV {
		err = learn.table(record.NewRawCSV(o.file, m.csv()), &m)
	} else {
		err = learn.objects(o)
	}
	if cerr := o.close(); err == nil && cerr != nil {
		err = readFault(name, env.Files, cerr)
	}
	if err != nil {
		return nil, nil, err
	}
	schema, err := learn.Schema()
	var doubts []string
	if !one {
		doubts = append(doubts, fmt.Sprintf("The path depends on the run; %s was looked at, the last of the files that it may mean.", name))
	}
	if learn.rows >= learn.most {
		doubts = append(doubts, fmt.Sprintf("Only the first %d rows were looked at; those behind them may differ.", learn.rows))
	}
	return schema, append(doubts, learn.doubts()...), err
}

// example is the path of a file to learn from, and whether it is the only one.
func (p *ReadFile) example(ctx context.Context, env processors.Env) (name string, only bool, err error) {
	src := p.path.Source()
	glob := reference.ReplaceAllString(src, "*")
	if glob == src || strings.Contains(glob, "${") || strings.Contains(glob, "#{") {
		now := flowfile.NewSession(ctx, flowfile.Config{Run: flowfile.Run{Params: env.Params}, Now: env.Now})
		name, err := p.path.Eval(now, nil)
		return name, true, err
	}
	for l, err := range env.Files.List(glob) {
		if err != nil {
			return "", false, err
		}
		name = l.Path
	}
	if name == "" {
		return "", false, fault.New("infer_no_file", "glob", glob).Permanent()
	}
	return name, false, nil
}

// learning observes the rows of a sample.
type learning struct {
	record.Inferrer
	ctx  context.Context
	most int64
	rows int64
	bad  int64
}

func (l *learning) more() bool { return l.rows < l.most && l.ctx.Err() == nil }

// table observes a CSV file.
func (l *learning) table(raw *record.RawCSV, m *form) error {
	var names []string
	for l.more() {
		cells, err := raw.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if names == nil {
			names = make([]string, len(cells))
			for i, c := range cells {
				if names[i] = c.Text; !m.header {
					names[i] = fmt.Sprintf("column_%d", i+1)
				}
			}
			if m.header {
				continue
			}
		}
		l.rows++
		if len(cells) != len(names) {
			l.bad++
			continue
		}
		l.Row()
		for i, c := range cells {
			l.ObserveCell(names[i], c, m.null)
		}
	}
	return l.ctx.Err()
}

// objects observes a file of JSON objects.
func (l *learning) objects(o *opened) error {
	for l.more() {
		_, err := o.reader.Next()
		if err == io.EOF {
			break
		}
		var bad *record.RowError
		if err != nil && !errors.As(err, &bad) {
			return err
		}
		l.rows++
		if bad != nil {
			l.bad++
			continue
		}
		text, err := o.bytes(o.reader.Span())
		if err != nil {
			return err
		}
		if err := l.ObserveJSON(text); err != nil {
			l.bad++
		}
	}
	return l.ctx.Err()
}

// doubts says what was not clear, a sentence each.
func (l *learning) doubts() []string {
	var out []string
	if l.bad > 0 {
		out = append(out, fmt.Sprintf("%d of the rows are broken and were left out.", l.bad))
	}
	for _, r := range l.Report() {
		if r.Conflict || len(r.Seen) == 0 {
			out = append(out, fmt.Sprintf("Column %s is %s (%s).", r.Field.Name, r.Field.Type, r))
		}
	}
	return slices.Clip(out)
}

var _ processors.Inferrer = (*ReadFile)(nil)
