package server

import (
	"context"
	"io"
)

// Sizes of a page of a run's log, in bytes.
const (
	logPage     = 256 << 10
	logPageMost = 1 << 20
)

// LogAfter asks for a page of a run's log: whole lines from After on, a position
// that an earlier page gave; of about Limit bytes.
type LogAfter struct {
	Run   string `param:"run" json:"-"`
	After int64  `query:"after" json:"-"`
	Limit int    `query:"limit" json:"-"`
}

// LogPage is whole lines of a run's log.
type LogPage struct {
	// Text is JSON lines, "" when nothing new is there.
	Text string `json:"text"`
	// Next is where the page behind it begins, in bytes; Size how long the log is.
	Next int64 `json:"next"`
	Size int64 `json:"size"`
}

func (s *Server) runLogs(_ context.Context, in *RunRef, w io.Writer) error {
	r, err := s.run(in.Run)
	if err != nil {
		return err
	}
	return s.logs.read(r.ID, w)
}

func (s *Server) runLogPage(_ context.Context, in *LogAfter) (*LogPage, error) {
	r, err := s.run(in.Run)
	if err != nil {
		return nil, err
	}
	limit := logPage
	if in.Limit > 0 {
		limit = min(in.Limit, logPageMost)
	}
	text, next, size, err := s.logs.page(r.ID, in.After, limit)
	if err != nil {
		return nil, err
	}
	return &LogPage{Text: string(text), Next: next, Size: size}, nil
}
