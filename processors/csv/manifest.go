package csv

import (
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

func manifestOf(name string) string { return name + ".manifest.json" }

// manifest writes the manifest of the file.
func (t *table) manifest(files *processors.Files, run flowfile.Run, done processors.Replaced) error {
	m := manifest{path.Base(t.name), run.Flow, run.ID, run.Slot, t.rows, done.Size, done.SHA256, t.columns}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("encode manifest: %w", err)
	}
	_, err = files.Replace(manifestOf(t.name), func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	return err
}
