package flowfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Cursor is a durable note of a node, as JSON: where a source stands, what a
// lister has seen. Saving stages it for the commit.
type Cursor struct {
	raw     []byte
	changed bool
}

// Load decodes the note into v and reports whether there was one. Unknown
// fields are an error: a note of another version must not be half understood.
func (c *Cursor) Load(v any) (bool, error) {
	if len(c.raw) == 0 {
		return false, nil
	}
	d := json.NewDecoder(bytes.NewReader(c.raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return false, fmt.Errorf("decode cursor: %w", err)
	}
	return true, nil
}

// Save stages v as the new note. Saving an equal note changes nothing.
func (c *Cursor) Save(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode cursor: %w", err)
	}
	if !bytes.Equal(b, c.raw) {
		c.raw, c.changed = b, true
	}
	return nil
}

// SchemaHash returns the name under which a schema's canonical JSON is stored:
// its SHA-256 in lower-case hex.
func SchemaHash(schema []byte) string {
	h := sha256.Sum256(schema)
	return hex.EncodeToString(h[:])
}
