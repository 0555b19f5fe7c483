package ga4

import (
	"fmt"
	"strings"
)

// cursor is how far a run has read.
type cursor struct {
	// Query tells what is read and as what, so that no other settings go on from
	// here.
	Query string `json:"query"`
	// From and To are the first and last day, Next the one to be read next.
	From civil `json:"from"`
	To   civil `json:"to"`
	Next civil `json:"next"`
	// Zone and Currency are the property's, Types those of the columns, as the
	// first report told them.
	Zone     string   `json:"zone,omitempty"`
	Currency string   `json:"currency,omitempty"`
	Types    []string `json:"types,omitempty"`
	// Rows, Pages, Slices and Tokens count what was read and charged, Rereads the
	// days that were read again.
	Rows    int64 `json:"rows"`
	Pages   int64 `json:"pages"`
	Slices  int64 `json:"slices"`
	Tokens  int64 `json:"tokens"`
	Rereads int64 `json:"rereads,omitempty"`
	// The days of which the API told that something is missing.
	Sampled     marks `json:"sampled,omitzero"`
	Thresholded marks `json:"thresholded,omitzero"`
	Other       marks `json:"other,omitzero"`
	Truncated   marks `json:"truncated,omitzero"`
	Restricted  marks `json:"restricted,omitzero"`
	Differing   marks `json:"differing,omitzero"`
	// Open are the days that were not over when they were read.
	Open marks `json:"open,omitzero"`
	Done bool  `json:"done,omitempty"`
}

// marks are the days of which something was told; beyond a number of them they
// are only counted.
type marks struct {
	Count int64    `json:"count"`
	Days  []string `json:"days"`
}

const maxMarks = 10

// add marks a day, with what there is to know of it.
func (m *marks) add(d civil, note string) {
	m.Count++
	if len(m.Days) >= maxMarks {
		return
	}
	text := d.String()
	if note != "" {
		text += " (" + note + ")"
	}
	m.Days = append(m.Days, text)
}

// String lists the days.
func (m marks) String() string {
	text := strings.Join(m.Days, ", ")
	if more := m.Count - int64(len(m.Days)); more > 0 {
		text += fmt.Sprintf(" +%d", more)
	}
	return text
}
