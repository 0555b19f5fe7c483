// Package mask has the kind MaskColumn.
package mask

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

func init() {
	processors.Register(func() processors.Processor { return &MaskColumn{length: 16} })
}

// MaskColumn replaces the texts of one column by a keyed hash.
type MaskColumn struct {
	column string
	key    processors.Secret
	length int64

	secret []byte // set by Start
}

// Define describes the kind and binds its properties.
func (m *MaskColumn) Define(s *processors.Spec) {
	s.Describe("MaskColumn", "Replaces the texts of one column by a keyed hash.", "privacy", "records")
	s.Input("", "Records with the column.")
	s.Output("success", "The same records, masked.")
	s.Output("failure", "Records without a text column of that name; the attribute mask.error says why.", processors.Reject)
	s.String(&m.column, "column", "The column to mask.", processors.Required, processors.Example("email"))
	s.Secret(&m.key, "key", "The key of the hash.", processors.Required)
	s.Int(&m.length, "length", "How many characters of the hash to keep.", processors.Min(8), processors.Max(64), processors.Advanced)
	s.Batching()
}

// Start fetches the key once.
func (m *MaskColumn) Start(context.Context, processors.Env) error {
	key, err := m.key.Reveal()
	m.secret = []byte(key)
	return err
}

// Process masks one FlowFile.
func (m *MaskColumn) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil // nothing waits
	}
	schema, err := processors.SchemaOf(s, f)
	if err != nil {
		return err // wired wrongly: not this FlowFile's fault alone
	}
	at := schema.Index(m.column)
	if at < 0 || schema.Fields[at].Type.Kind != record.KindString {
		s.Set(f, "mask.error", fmt.Sprintf("there is no text column %q among %q", m.column, schema.Names()))
		s.Transfer(f, "failure") // the data's fault
		return nil
	}
	in, err := processors.Records(s, f)
	if err != nil {
		return err // the world's fault: rolled back and tried again
	}
	defer in.Close()
	err = processors.WriteRecords(s, f, schema, func(out record.Writer) error {
		for {
			row, err := in.Next()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if !row[at].IsNull() {
				row[at] = record.String(m.hash(row[at].Text()))
			}
			if err := out.Write(row); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return err
	}
	s.Transfer(f, "success")
	return nil
}

func (m *MaskColumn) hash(text string) string {
	h := hmac.New(sha256.New, m.secret)
	h.Write([]byte(text)) // a hash never fails
	return hex.EncodeToString(h.Sum(nil))[:m.length]
}
