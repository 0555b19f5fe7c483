package processors

import (
	"fmt"
	"io"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// RecordReader reads the records of a FlowFile; Close must be called.
type RecordReader struct {
	record.Reader
	content io.Closer
}

// Close closes the content.
func (r *RecordReader) Close() error { return r.content.Close() }

// Records opens the records of a FlowFile. It fails with the permanent fault
// not_records when the FlowFile holds none.
func Records(s *flowfile.Session, f *flowfile.FlowFile) (*RecordReader, error) {
	schema, err := SchemaOf(s, f)
	if err != nil {
		return nil, err
	}
	content, err := s.Open(f)
	if err != nil {
		return nil, err
	}
	return &RecordReader{record.NewNDJSONReader(content, schema, record.ReadOptions{}), content}, nil
}

// SchemaOf returns the schema of a FlowFile's records, or the permanent fault
// not_records.
func SchemaOf(s *flowfile.Session, f *flowfile.FlowFile) (*record.Schema, error) {
	text, err := s.Schema(f)
	if err != nil {
		return nil, err
	}
	schema, err := record.ParseSchema(text)
	if err != nil {
		return nil, fmt.Errorf("read schema of FlowFile %s: %w", f.ID, err)
	}
	return schema, nil
}

// WriteRecords replaces the content of a FlowFile by records: write is given a
// writer of that schema, and the FlowFile's rows are as many as it wrote. A row
// that does not fit is write's to judge: it comes back from Write as a
// *record.RowError and leaves nothing behind.
func WriteRecords(s *flowfile.Session, f *flowfile.FlowFile, schema *record.Schema, write func(record.Writer) error) error {
	text, err := schema.MarshalJSON()
	if err != nil {
		return fmt.Errorf("encode schema: %w", err)
	}
	return s.WriteRecords(f, text, func(out io.Writer) (int64, error) {
		w := record.NewNDJSONWriter(out, schema)
		err := write(w)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		return w.Rows(), err
	})
}
