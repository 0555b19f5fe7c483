package csv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// manifest says what the file beside it is. Whoever waits for the file waits for
// the manifest whose sha256 is the file's. It holds no time, so that it differs
// between two runs over the same data in the run alone.
type manifest struct {
	File    string         `json:"file"`
	Flow    string         `json:"flow"`
	Run     string         `json:"run"`
	Slot    string         `json:"slot,omitempty"`
	Rows    int64          `json:"rows"`
	Bytes   int64          `json:"bytes"`
	SHA256  string         `json:"sha256"`
	Columns *record.Schema `json:"columns"`
}

// text renders the manifest with a column a line.
func (m manifest) text() ([]byte, error) {
	columns := m.Columns
	m.Columns = &record.Schema{Fields: []record.Field{}}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode manifest: %w", err)
	}
	head, ok := bytes.CutSuffix(b, []byte("[]\n}"))
	if !ok {
		return nil, fmt.Errorf("encode manifest: columns are not last")
	}
	head = append(head, '[')
	for i, f := range columns.Fields {
		// A schema of the one column, less its brackets.
		one, err := record.Schema{Fields: []record.Field{f}}.MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("encode manifest: %w", err)
		}
		if i > 0 {
			head = append(head, ',')
		}
		head = append(append(head, "\n    "...), one[1:len(one)-1]...)
	}
	return append(head, "\n  ]\n}\n"...), nil
}

func manifestOf(name string) string { return name + ".manifest.json" }

// manifest writes the manifest of the file.
func (t *table) manifest(files *processors.Files, run flowfile.Run, done processors.Replaced) error {
	m := manifest{path.Base(t.name), run.Flow, run.ID, run.Slot, t.rows, done.Size, done.SHA256, t.columns}
	text, err := m.text()
	if err != nil {
		return err
	}
	_, err = files.Replace(manifestOf(t.name), func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
	return err
}
