package ga4

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// row is one row of a report.
type row struct{ dims, mets []string }

// report is a page of a report; its Rows are empty, the rows are beside it.
type report struct {
	*ga.RunReportResponse
	rows []row
}

// decodeReport reads the answer to runReport. Rows are nearly all of it and all
// alike, so they are read by hand into texts that share the answer's memory; the
// generated types would take five times as much.
func decodeReport(body string) (*report, error) {
	d := &decoder{s: body}
	out := &report{RunReportResponse: &ga.RunReportResponse{}}
	from, to := 0, 0
	err := d.object(func(key string) error {
		if key != "rows" || d.peek() != '[' {
			return d.skip()
		}
		from = d.i
		rows, err := d.readRows()
		out.rows, to = rows, d.i
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	rest := body
	if to > 0 {
		rest = body[:from] + "null" + body[to:]
	}
	// What was skipped is checked here, the end included.
	if err := json.Unmarshal([]byte(rest), out.RunReportResponse); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	return out, nil
}

// decoder walks through JSON text.
type decoder struct {
	s     string
	i     int
	cells []string
}

var errReport = errors.New("the answer is cut short or is not JSON")

// peek returns the next character that is no space, 0 at the end.
func (d *decoder) peek() byte {
	for ; d.i < len(d.s); d.i++ {
		switch c := d.s[d.i]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// take passes a character if it comes next.
func (d *decoder) take(c byte) bool {
	if d.peek() != c || c == 0 {
		return false
	}
	d.i++
	return true
}

// object calls each at the value of every key.
func (d *decoder) object(each func(key string) error) error {
	if !d.take('{') {
		return errReport
	}
	if d.take('}') {
		return nil
	}
	for {
		key, err := d.text()
		if err != nil {
			return err
		}
		if !d.take(':') {
			return errReport
		}
		if err := each(key); err != nil {
			return err
		}
		if d.take('}') {
			return nil
		}
		if !d.take(',') {
			return errReport
		}
	}
}

// array calls each at every element.
func (d *decoder) array(each func() error) error {
	if !d.take('[') {
		return errReport
	}
	if d.take(']') {
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		if d.take(']') {
			return nil
		}
		if !d.take(',') {
			return errReport
		}
	}
}

func (d *decoder) readRows() (rows []row, err error) {
	var dims, mets []string
	cell := func(key string) error {
		if key != "value" {
			return d.skip()
		}
		text, err := d.text()
		d.cells[len(d.cells)-1] = text
		return err
	}
	value := func() error {
		d.cells = append(d.cells, "") // what is empty is left out
		return d.object(cell)
	}
	values := func() ([]string, error) {
		if cap(d.cells)-len(d.cells) < maxDimensions+maxMetrics {
			d.cells = make([]string, 0, 8192)
		}
		at := len(d.cells)
		err := d.array(value)
		return d.cells[at:len(d.cells):len(d.cells)], err
	}
	part := func(key string) (err error) {
		switch key {
		case "dimensionValues":
			dims, err = values()
		case "metricValues":
			mets, err = values()
		default:
			err = d.skip()
		}
		return err
	}
	err = d.array(func() error {
		dims, mets = nil, nil
		err := d.object(part)
		rows = append(rows, row{dims, mets})
		return err
	})
	return rows, err
}

// text reads a string.
func (d *decoder) text() (string, error) {
	if !d.take('"') {
		return "", errReport
	}
	from := d.i
	for d.i < len(d.s) {
		n := strings.IndexByte(d.s[d.i:], '"')
		if n < 0 {
			break
		}
		d.i += n + 1
		raw := d.s[from : d.i-1]
		slashes := 0
		for slashes < len(raw) && raw[len(raw)-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 1 {
			continue // the quote belongs to the text
		}
		if plainText(raw) {
			return raw, nil
		}
		var text string
		err := json.Unmarshal([]byte(d.s[from-1:d.i]), &text)
		return text, err
	}
	return "", errReport
}

// plainText reports whether the text of a string stands for itself.
func plainText(s string) bool {
	high := false
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\\' || c < ' ':
			return false
		case c >= utf8.RuneSelf:
			high = true
		}
	}
	return !high || utf8.ValidString(s)
}

// skip passes a value.
func (d *decoder) skip() error {
	switch d.peek() {
	case '{':
		return d.object(func(string) error { return d.skip() })
	case '[':
		return d.array(d.skip)
	case '"':
		_, err := d.text()
		return err
	}
	from := d.i
	for d.i < len(d.s) && strings.IndexByte(",]} \t\n\r", d.s[d.i]) < 0 {
		d.i++
	}
	if d.i == from || !json.Valid([]byte(d.s[from:d.i])) {
		return errReport
	}
	return nil
}
