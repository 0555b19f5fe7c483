package processorstest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// upstream is the source that inputs seem to come from.
const upstream = "upstream"

// Put queues a FlowFile on the kind's only or main input; attrs are pairs of
// name and value.
func (r *Runner) Put(content string, attrs ...string) *Runner {
	r.t.Helper()
	return r.PutTo(r.mainInput(), content, attrs...)
}

// PutTo queues a FlowFile on a named input.
func (r *Runner) PutTo(input, content string, attrs ...string) *Runner {
	r.t.Helper()
	claim, err := r.Store.Content.Append(context.Background(), func(w io.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.put(input, flowfile.FlowFile{Content: claim, Rows: flowfile.UnknownRows, Attrs: r.attributes(attrs)})
	return r
}

// PutRecords queues a FlowFile of records on the kind's only or main input. Each
// row is a JSON object in a line of its own.
func (r *Runner) PutRecords(schema *record.Schema, rows ...string) *Runner {
	r.t.Helper()
	return r.PutRecordsTo(r.mainInput(), schema, rows...)
}

// PutRecordsTo queues a FlowFile of records on a named input.
func (r *Runner) PutRecordsTo(input string, schema *record.Schema, rows ...string) *Runner {
	r.t.Helper()
	in := record.NewNDJSONReader(strings.NewReader(strings.Join(rows, "\n")), schema, record.ReadOptions{})
	var n int64
	claim, err := r.Store.Content.Append(context.Background(), func(w io.Writer) error {
		out := record.NewNDJSONWriter(w, schema)
		for {
			row, err := in.Next()
			if err == io.EOF {
				n = out.Rows()
				return out.Close()
			}
			if err == nil {
				err = out.Write(row)
			}
			if err != nil {
				return errors.Join(err, out.Close())
			}
		}
	})
	if err != nil {
		r.t.Fatalf("rows for input %q: %v", input, err)
	}
	text, err := schema.MarshalJSON()
	if err != nil {
		r.t.Fatal(err)
	}
	attrs := r.attributes([]string{flowfile.SchemaAttr, r.Store.PutSchema(text), flowfile.MimeAttr, flowfile.NDJSON})
	r.put(input, flowfile.FlowFile{Content: claim, Rows: n, Attrs: attrs})
	return r
}

func (r *Runner) put(input string, f flowfile.FlowFile) {
	r.t.Helper()
	conns, ok := r.inputs[input]
	if !ok {
		r.t.Fatalf("%s has no input %q", r.Conf.Info.Kind, input)
	}
	f.Run, f.Entered = r.cfg.run.Number, r.cfg.now
	f.Origin = flowfile.SourceOrigin(upstream, r.emitted)
	r.emitted++
	r.Store.Put(conns[0], f)
}

func (r *Runner) mainInput() string {
	r.t.Helper()
	in := r.Conf.Info.Inputs
	if len(in) == 0 {
		r.t.Fatalf("%s is a source and has no input", r.Conf.Info.Kind)
	}
	return in[0].Name
}

func (r *Runner) attributes(pairs []string) flowfile.Attrs {
	r.t.Helper()
	if len(pairs)%2 != 0 {
		r.t.Fatalf("attributes are pairs of name and value, got %q", pairs)
	}
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return flowfile.AttrsOf(m)
}

// lines splits NDJSON into its lines.
func lines(b []byte) []string {
	b = bytes.TrimSuffix(b, []byte("\n"))
	if len(b) == 0 {
		return nil
	}
	return strings.Split(string(b), "\n")
}
