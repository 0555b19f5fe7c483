package sandbox

import (
	"maps"
	"sync"
)

// Stats counts what a sandbox has answered since it was opened.
type Stats struct {
	// Requests counts the calls by method, e.g. "RunQuery", "runReport" or
	// "jobs.insert", failed ones too; Calls counts them by API.
	Requests map[string]int64
	Calls    map[API]int64
	// Billed counts document reads as Google bills them: each document that a
	// query returns or skips by its offset, at least one per query; each name
	// asked for, found or not; one per 1000 index entries of an aggregation.
	Billed int64
	// Returned counts the documents sent.
	Returned int64
	// Written counts the writes and deletes applied.
	Written int64
	// Rows counts the rows of reports sent, Tokens what the Analytics Data API
	// charged for them.
	Rows, Tokens int64
}

// meter collects Stats.
type meter struct {
	mu    sync.Mutex
	stats Stats
}

func (m *meter) call(api API, method string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stats.Requests == nil {
		m.stats.Requests, m.stats.Calls = map[string]int64{}, map[API]int64{}
	}
	m.stats.Requests[method]++
	m.stats.Calls[api]++
}

// reported counts the rows and the cost of one report.
func (m *meter) reported(rows, tokens int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Rows += int64(rows)
	m.stats.Tokens += int64(tokens)
}

// read counts the documents of one call.
func (m *meter) read(billed, returned int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Billed += int64(max(billed, 1))
	m.stats.Returned += int64(returned)
}

func (m *meter) wrote(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats.Written += int64(n)
}

func (m *meter) snapshot() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.stats
	s.Requests, s.Calls = maps.Clone(s.Requests), maps.Clone(s.Calls)
	if s.Requests == nil {
		s.Requests, s.Calls = map[string]int64{}, map[API]int64{}
	}
	return s
}
