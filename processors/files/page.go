package files

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// refusedBytes is how much of refused rows is held in memory: a page ends there.
const refusedBytes = 8 << 20

// refusals is the schema of what the output rejected emits.
var refusals = record.MustSchema("row", "int64", "code", "string", "reason", "string", "raw", "string")

// page is the next rows of a file on their way into FlowFiles.
type page struct {
	ctx  context.Context
	file *opened
	most int64 // rows that it may have

	rows    int64 // good and bad
	end     bool  // the file has no more rows
	held    int64 // bytes of refused rows
	refused [][]record.Value
	first   error // why the first of them was refused
}

// next returns the next good row, or nil at the end of the page.
func (p *page) next() ([]record.Value, error) {
	for !p.end && p.rows < p.most && p.held < refusedBytes {
		if p.rows&1023 == 0 && p.ctx.Err() != nil {
			return nil, p.ctx.Err()
		}
		row, err := p.file.reader.Next()
		if err == io.EOF {
			p.end = true
			break
		}
		var bad *record.RowError
		if err != nil && !errors.As(err, &bad) {
			return nil, err
		}
		p.rows++
		p.file.rows++
		if err == nil {
			return row, nil
		}
		if err := p.refuse(bad); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// refuse keeps the row that was read last for the output rejected.
func (p *page) refuse(bad *record.RowError) error {
	raw, err := p.file.bytes(p.file.reader.Span())
	if err != nil {
		return err
	}
	p.held += int64(len(raw))
	if p.first == nil {
		p.first = bad.Err
	}
	p.refused = append(p.refused, []record.Value{record.Int64(p.file.rows), record.String(fault.CodeOf(bad.Err)),
		record.String(bad.Err.Error()), record.String(strings.ToValidUTF8(string(raw), "\ufffd"))})
	return nil
}

// emit reads the page and makes its FlowFiles: one of good rows and one of bad
// rows, or none where there are no such rows. They are not transferred yet.
func (p *page) emit(s *flowfile.Session, schema *record.Schema, create func() *flowfile.FlowFile) (good, bad *flowfile.FlowFile, err error) {
	row, err := p.next()
	if err != nil {
		return nil, nil, err
	}
	if row != nil {
		good = create()
		if err := processors.WriteRecords(s, good, schema, func(w record.Writer) error { return p.write(w, row) }); err != nil {
			return nil, nil, err
		}
	}
	if len(p.refused) > 0 {
		bad = create()
		err := processors.WriteRecords(s, bad, refusals, func(w record.Writer) error {
			for _, row := range p.refused {
				if err := w.Write(row); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
		s.Set(bad, "reject.code", fault.CodeOf(p.first))
		s.Set(bad, "reject.reason", p.first.Error())
	}
	return good, bad, nil
}

// write writes the page's good rows, of which row is the first.
func (p *page) write(w record.Writer, row []record.Value) error {
	for row != nil {
		err := w.Write(row)
		var bad *record.RowError
		if errors.As(err, &bad) {
			err = p.refuse(bad)
		}
		if err != nil {
			return err
		}
		if row, err = p.next(); err != nil {
			return err
		}
	}
	return nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

// Read reads, unless the context has ended.
func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
