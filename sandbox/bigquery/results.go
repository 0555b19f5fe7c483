package bigquery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// most returns how many rows a request wants at once.
func most(text string) (int, error) {
	if text == "" {
		return pageRows, nil
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return 0, problem(ReasonInvalid, "Invalid value %q for maxResults.", text)
	}
	return min(int(n), pageRows), nil
}

// first returns the row at which a request wants to begin.
func first(c *call) (int, error) {
	if at := c.URL.Query().Get("startIndex"); at != "" && c.URL.Query().Get("pageToken") == "" {
		n, err := strconv.ParseUint(at, 10, 62)
		if err != nil {
			return 0, problem(ReasonInvalid, "Invalid value %q for startIndex.", at)
		}
		return int(n), nil
	}
	return pageStart(c)
}

func listRows(s *Server, c *call) (any, error) {
	if err := s.expire(c.Context()); err != nil {
		return nil, err
	}
	q := c.URL.Query()
	w := window{int64Time: q.Get("formatOptions.useInt64Timestamp") == "true"}
	var err error
	if w.start, err = first(c); err != nil {
		return nil, err
	}
	if w.most, err = most(q.Get("maxResults")); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, partition, _ := splitDecorator(c.table)
	t, err := s.tableOf(c.dataset, id)
	if err != nil {
		return nil, err
	}
	if partition != "" {
		p, err := t.partition(partition)
		if err != nil {
			return nil, err
		}
		w.where = " WHERE " + p.condition
	}
	w.fields = t.wire.Schema.Fields
	if names := q.Get("selectedFields"); names != "" {
		w.fields = nil
		for name := range strings.SplitSeq(names, ",") {
			f := find(t.wire.Schema.Fields, strings.TrimSpace(name))
			if f == nil {
				return nil, problem(ReasonInvalid, "No such field: %s", name)
			}
			w.fields = append(w.fields, f)
		}
	}
	var total int
	if err := s.db.QueryRowContext(c.Context(), "SELECT count(*) FROM "+quoteName(t.physical)+w.where).Scan(&total); err != nil {
		return nil, err
	}
	rows, n, err := s.page(c.Context(), t, w)
	if err != nil {
		return nil, err
	}
	next := ""
	if w.start+n < total {
		next = pageToken(w.start + n)
	}
	return struct {
		Kind  string          `json:"kind"`
		ETag  string          `json:"etag"`
		Total Int             `json:"totalRows"`
		Next  string          `json:"pageToken,omitempty"`
		Rows  json.RawMessage `json:"rows,omitempty"`
	}{"bigquery#tableDataList", t.wire.ETag, Int(total), next, rows}, nil
}

// queryRequest is the body of jobs.query.
type queryRequest struct {
	queryConfig
	DryRun        bool          `json:"dryRun"`
	Labels        labels        `json:"labels"`
	Location      string        `json:"location"`
	MaxResults    *Int          `json:"maxResults"`
	TimeoutMs     *Int          `json:"timeoutMs"`
	RequestID     string        `json:"requestId"`
	FormatOptions formatOptions `json:"formatOptions"`
}

type formatOptions struct {
	UseInt64Timestamp bool `json:"useInt64Timestamp"`
}

// queryAnswer is what jobs.query and jobs.getQueryResults give.
type queryAnswer struct {
	Kind                string          `json:"kind"`
	ETag                string          `json:"etag,omitempty"`
	Schema              *Schema         `json:"schema,omitempty"`
	Reference           *JobReference   `json:"jobReference,omitempty"`
	QueryID             string          `json:"queryId,omitempty"`
	Location            string          `json:"location,omitempty"`
	TotalRows           *Int            `json:"totalRows,omitempty"`
	PageToken           string          `json:"pageToken,omitempty"`
	Rows                json.RawMessage `json:"rows,omitempty"`
	TotalBytesProcessed Int             `json:"totalBytesProcessed"`
	TotalBytesBilled    Int             `json:"totalBytesBilled,omitzero"`
	JobComplete         bool            `json:"jobComplete"`
	CacheHit            bool            `json:"cacheHit"`
	StatementType       string          `json:"statementType,omitempty"`
	NumDmlAffectedRows  *Int            `json:"numDmlAffectedRows,omitempty"`
	DmlStats            *dmlStats       `json:"dmlStats,omitempty"`
	CreationTime        Int             `json:"creationTime,omitzero"`
	StartTime           Int             `json:"startTime,omitzero"`
	EndTime             Int             `json:"endTime,omitzero"`
}

func postQuery(s *Server, c *call) (any, error) {
	var raw map[string]json.RawMessage
	if err := body(c, &raw); err != nil {
		return nil, err
	}
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	var r queryRequest
	if err := decode(b, &r); err != nil {
		return nil, err
	}
	q := r.queryConfig
	j := &job{config: &jobConfig{Query: &q, DryRun: r.DryRun, Labels: r.Labels}, state: statePending, done: make(chan struct{})}
	j.key = jobKey{r.Location, "job_" + rand.Text()}
	if r.RequestID != "" {
		j.key.id = "request_" + strings.ReplaceAll(r.RequestID, "/", "_")
	}
	for _, name := range []string{"dryRun", "labels", "location", "maxResults", "timeoutMs", "requestId", "formatOptions", "kind", "jobCreationMode"} {
		delete(raw, name)
	}
	if b, err = json.Marshal(raw); err != nil {
		return nil, err
	}
	j.echo = map[string]json.RawMessage{"query": b}
	res, err := s.start(c, j)
	if p := asProblem(err); err != nil && (r.RequestID == "" || p.Reason != ReasonDuplicate) {
		return nil, err
	}
	if r.DryRun {
		return &queryAnswer{Kind: "bigquery#queryResponse", JobComplete: true, Schema: j.query.Schema, Reference: res.Reference,
			StatementType: j.query.StatementType, TotalBytesProcessed: j.query.TotalBytesProcessed}, nil
	}
	s.mu.Lock()
	j = s.jobs[j.key] // the first with the request's id
	s.mu.Unlock()
	w := window{most: pageRows, int64Time: r.FormatOptions.UseInt64Timestamp}
	if r.MaxResults != nil {
		w.most = min(int(*r.MaxResults), pageRows)
	}
	return s.results(c, j, "bigquery#queryResponse", r.TimeoutMs, w)
}

func getResults(s *Server, c *call) (any, error) {
	q := c.URL.Query()
	s.mu.Lock()
	j, err := s.findJob(c)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if j.config.Query == nil {
		return nil, problem(ReasonInvalid, "Job %s is not a query job.", s.fullID(j.key))
	}
	w := window{int64Time: q.Get("formatOptions.useInt64Timestamp") == "true"}
	if w.start, err = first(c); err != nil {
		return nil, err
	}
	if w.most, err = most(q.Get("maxResults")); err != nil {
		return nil, err
	}
	var wait *Int
	if v := q.Get("timeoutMs"); v != "" {
		wait = new(Int)
		if err := wait.UnmarshalJSON([]byte(v)); err != nil {
			return nil, problem(ReasonInvalid, "Invalid value %q for timeoutMs.", v)
		}
	}
	return s.results(c, j, "bigquery#getQueryResultsResponse", wait, w)
}

// results waits for a query, at most 10 s unless told otherwise, and answers
// with a page of its rows.
func (s *Server) results(c *call, j *job, kind string, wait *Int, w window) (any, error) {
	patience := 10 * time.Second
	if wait != nil {
		patience = min(time.Duration(*wait)*time.Millisecond, 200*time.Second)
	}
	ctx, cancel := context.WithTimeout(c.Context(), patience)
	defer cancel()
	select {
	case <-j.done:
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &queryAnswer{Kind: kind, ETag: j.etag, Reference: &JobReference{s.config.Project, j.key.id, j.key.location}, Location: j.key.location,
		StatementType: j.query.StatementType, CreationTime: j.created, StartTime: j.started, EndTime: j.ended}
	if j.state != stateDone {
		return a, nil
	}
	if j.failed != nil {
		return nil, j.failed
	}
	a.JobComplete = true
	a.TotalBytesProcessed, a.TotalBytesBilled = j.query.TotalBytesProcessed, j.query.TotalBytesBilled
	a.NumDmlAffectedRows, a.DmlStats = j.query.NumDmlAffectedRows, j.query.DmlStats
	total := Int(0)
	a.TotalRows = &total
	if j.result == nil {
		a.Schema = &Schema{}
		return a, nil
	}
	id, partition, _ := splitDecorator(j.result.TableID)
	t, err := s.tableOf(j.result.DatasetID, id)
	if err != nil {
		return nil, err
	}
	if partition != "" {
		p, err := t.partition(partition)
		if err != nil {
			return nil, err
		}
		w.where = " WHERE " + p.condition
	}
	a.Schema, w.fields = j.schema, j.schema.Fields
	if err := s.db.QueryRowContext(c.Context(), "SELECT count(*) FROM "+quoteName(t.physical)+w.where).Scan((*int64)(&total)); err != nil {
		return nil, err
	}
	rows, n, err := s.page(c.Context(), t, w)
	if err != nil {
		return nil, err
	}
	a.Rows = rows
	if w.start+n < int(total) {
		a.PageToken = pageToken(w.start + n)
	}
	return a, nil
}

// insertAll streams rows into a table. The ids that rows may carry against
// being sent twice are not looked at.
func insertAll(s *Server, c *call) (any, error) {
	var r struct {
		SkipInvalidRows     bool   `json:"skipInvalidRows"`
		IgnoreUnknownValues bool   `json:"ignoreUnknownValues"`
		TemplateSuffix      string `json:"templateSuffix"`
		Rows                []struct {
			JSON json.RawMessage `json:"json"`
		} `json:"rows"`
	}
	if err := body(c, &r); err != nil {
		return nil, err
	}
	switch {
	case !s.config.Billing:
		return nil, problem(ReasonAccessDenied, "Access Denied: BigQuery BigQuery: Streaming insert is not allowed in the free tier")
	case r.TemplateSuffix != "":
		return nil, problem(ReasonNotImplemented, "templateSuffix is not supported by the sandbox.")
	case len(r.Rows) == 0:
		return nil, problem(ReasonInvalid, "No rows present in the request.")
	}
	type wrong struct {
		Index  int           `json:"index"`
		Errors []*ErrorProto `json:"errors"`
	}
	id, partition, decorated := splitDecorator(c.table)
	l := &loadConfig{Destination: &TableReference{s.config.Project, c.dataset, c.table}, CreateDisposition: "CREATE_NEVER",
		WriteDisposition: "WRITE_APPEND", table: id, partition: partition, decorated: decorated}
	w := &loading{s: s, j: &job{config: &jobConfig{Load: l}}, l: l}
	var bad []wrong
	s.write.Lock()
	defer s.write.Unlock()
	err := w.append(c.Context(), func(shape *jsonShape) (rows [][]any, err error) {
		for i, row := range r.Rows {
			values, err := shape.row(row.JSON, r.IgnoreUnknownValues)
			if err != nil {
				bad = append(bad, wrong{i, []*ErrorProto{{Reason: ReasonInvalid, Message: err.Error()}}})
				continue
			}
			rows = append(rows, values)
		}
		if len(bad) == 0 || r.SkipInvalidRows {
			return rows, nil
		}
		for i := range r.Rows {
			if !containsIndex(bad, func(w wrong) int { return w.Index }, i) {
				bad = append(bad, wrong{i, []*ErrorProto{{Reason: ReasonStopped}}})
			}
		}
		return nil, nil
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Kind   string  `json:"kind"`
		Errors []wrong `json:"insertErrors,omitempty"`
	}{"bigquery#tableDataInsertAllResponse", bad}, nil
}

func containsIndex[T any](list []T, of func(T) int, i int) bool {
	for _, e := range list {
		if of(e) == i {
			return true
		}
	}
	return false
}
