package bigquery

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// queryConfig is configuration.query.
type queryConfig struct {
	Query               string            `json:"query"`
	UseLegacySQL        *bool             `json:"useLegacySql"`
	DefaultDataset      *DatasetReference `json:"defaultDataset"`
	Destination         *TableReference   `json:"destinationTable"`
	CreateDisposition   string            `json:"createDisposition"`
	WriteDisposition    string            `json:"writeDisposition"`
	SchemaUpdateOptions []string          `json:"schemaUpdateOptions"`
	TimePartitioning    *TimePartitioning `json:"timePartitioning"`
	Clustering          *Clustering       `json:"clustering"`
	Parameters          []queryParameter  `json:"queryParameters"`
	MaximumBytesBilled  Int               `json:"maximumBytesBilled"`
}

// results is the dataset of the tables that keep what queries gave. As
// Google's, its name hides it from lists.
const results = "_results"

// keptResults is how many of them are kept.
const keptResults = 200

// checkQuery finds what is wrong with a query before there is a job, and
// returns its location; mu is held.
func (s *Server) checkQuery(ctx context.Context, j *job, location string) (string, error) {
	q := j.config.Query
	if strings.TrimSpace(q.Query) == "" {
		return "", problem(ReasonRequired, "Required parameter is missing: query")
	}
	if (q.UseLegacySQL == nil || *q.UseLegacySQL) && strings.Contains(q.Query, "[") {
		return "", problem(ReasonInvalidQuery, "Legacy SQL is not supported by the sandbox; set useLegacySql to false.").at("query")
	}
	st, err := s.analyze(ctx, q)
	if err != nil {
		return "", err
	}
	found := ""
	for _, t := range st.tables {
		found = t.wire.Location
	}
	if st.target != nil {
		if d := s.datasets[st.target.DatasetID]; d != nil {
			found = d.wire.Location
		}
	}
	if found == "" && q.DefaultDataset != nil && s.datasets[q.DefaultDataset.DatasetID] != nil {
		found = s.datasets[q.DefaultDataset.DatasetID].wire.Location
	}
	switch {
	case found == "" && location == "":
		location = "US"
	case location == "":
		location = found
	case found != "" && !strings.EqualFold(found, location):
		name := q.Query
		if len(st.tables) > 0 {
			name = "Table " + st.tables[0].wire.ID
		}
		return "", problem(ReasonNotFound, "Not found: %s was not found in location %s", name, location)
	}
	if st.dml && !s.config.Billing {
		return "", problem(ReasonBillingNotEnabled, "%s DML queries are not allowed in the free tier. Set up a billing account to remove this restriction.", billingURL)
	}
	if !st.dml && st.query != "" {
		fields, err := s.describe(ctx, st.query)
		if err != nil {
			return "", err
		}
		j.query.Schema = &Schema{fields}
	}
	if err := s.weigh(ctx, j, st); err != nil {
		return "", err
	}
	if q.MaximumBytesBilled > 0 && j.query.TotalBytesProcessed > q.MaximumBytesBilled {
		return "", problem("bytesBilledLimitExceeded", "Query exceeded limit for bytes billed: %d. %d or higher required.", q.MaximumBytesBilled, j.query.TotalBytesProcessed)
	}
	return location, nil
}

// weigh counts the bytes of the columns that a query names; mu is held.
func (s *Server) weigh(ctx context.Context, j *job, st *statement) error {
	j.query.StatementType, j.query.Accuracy = st.kind, "PRECISE"
	for _, t := range st.tables {
		if t.wire.Reference.DatasetID != results {
			j.query.ReferencedTables = append(j.query.ReferencedTables, t.wire.Reference)
		}
		var read []*Field
		for _, f := range t.wire.Schema.Fields {
			if st.all || st.names[strings.ToLower(f.Name)] {
				read = append(read, f)
			}
		}
		var n int64
		if err := s.db.QueryRowContext(ctx, "SELECT "+bytesOf(read)+" FROM "+quoteName(t.physical)).Scan(&n); err != nil {
			return err
		}
		j.query.TotalBytesProcessed += Int(n)
	}
	// Google bills no less than 10 MB of a query that reads.
	if n := j.query.TotalBytesProcessed; n > 0 && s.config.Billing && !j.config.DryRun {
		j.query.TotalBytesBilled = max(n, 10<<20)
	}
	return nil
}

// preparer is what a statement can be described with.
type preparer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// describe returns the columns that a query gives.
func (s *Server) describe(ctx context.Context, query string) ([]*Field, error) {
	return describe(ctx, s.db, query)
}

func describe(ctx context.Context, db preparer, query string) ([]*Field, error) {
	rows, err := db.QueryContext(ctx, "SELECT column_name, column_type FROM (DESCRIBE "+query+")")
	if err != nil {
		return nil, queryProblem(err)
	}
	defer rows.Close()
	var fields []*Field
	unnamed := 0
	seen := map[string]bool{}
	for rows.Next() {
		var name, kind string
		if err := rows.Scan(&name, &kind); err != nil {
			return nil, err
		}
		if !columnLike.MatchString(name) || name == "NULL" {
			name = "f" + strconv.Itoa(unnamed) + "_"
			unnamed++
		}
		if seen[strings.ToLower(name)] {
			return nil, problem(ReasonInvalidQuery, "Duplicate column names in the result are not supported. Found duplicate(s): %s", name).at("query")
		}
		seen[strings.ToLower(name)] = true
		f, err := fieldOf(name, kind)
		if err != nil {
			return nil, problem(ReasonInvalidQuery, "The result cannot be returned: %v", err).at("query")
		}
		fields = append(fields, f)
	}
	if err := rows.Err(); err != nil {
		return nil, queryProblem(err)
	}
	return fields, nil
}

// columnLike are the names that a column has for being named; DuckDB names
// others by their expression.
var columnLike = regexp.MustCompile(`^[\p{L}_][\p{L}\p{M}\p{N}_ -]*$`)

var (
	unknownName     = regexp.MustCompile(`(?:Referenced column|column named) "([^"]+)"`)
	unexpectedToken = regexp.MustCompile(`syntax error at or near "([^"]*)"`)
	unknownFunction = regexp.MustCompile(`Function with name ([^ ]+) does not exist`)
	physicalSuffix  = regexp.MustCompile(`~\d+`)
)

// queryProblem tells an error of DuckDB in BigQuery's way.
func queryProblem(err error) error {
	text, _, _ := strings.Cut(err.Error(), "\n")
	text = physicalSuffix.ReplaceAllString(text, "")
	if m := unknownName.FindStringSubmatch(text); m != nil {
		text = "Unrecognized name: " + m[1]
	} else if m := unexpectedToken.FindStringSubmatch(text); m != nil {
		text = fmt.Sprintf("Syntax error: Unexpected %q", m[1])
	} else if m := unknownFunction.FindStringSubmatch(text); m != nil {
		text = "Function not found: " + m[1]
	}
	return problem(ReasonInvalidQuery, "%s", text).at("query")
}

// runQuery does a query job.
func (s *Server) runQuery(ctx context.Context, j *job) error {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	st, err := s.analyze(ctx, j.config.Query)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	switch {
	case st.dml:
		return s.runDML(ctx, j, st)
	case st.run != nil:
		return st.run(ctx, j)
	}
	return s.runSelect(ctx, j, st)
}

// runSelect writes what a query gives to its destination.
func (s *Server) runSelect(ctx context.Context, j *job, st *statement) error {
	q := j.config.Query
	l := &loadConfig{Destination: q.Destination, CreateDisposition: q.CreateDisposition, WriteDisposition: q.WriteDisposition,
		SchemaUpdateOptions: q.SchemaUpdateOptions, TimePartitioning: q.TimePartitioning, Clustering: q.Clustering}
	if l.WriteDisposition == "" {
		l.WriteDisposition = "WRITE_EMPTY"
	}
	switch {
	case st.create != nil:
		*l = *st.create
	case l.Destination == nil:
		l.Destination = s.newResult(ctx, j)
	}
	l.table, l.partition, l.decorated = splitDecorator(l.Destination.TableID)
	w := &loading{s: s, j: j, l: l}
	err := w.commit(ctx, func(c *sql.Conn) error {
		fields, err := describe(ctx, c, st.query)
		if err != nil {
			return err
		}
		if l.Schema = (&Schema{fields}); l.Destination.DatasetID != results {
			if err := l.Schema.normalize(); err != nil {
				return err
			}
		}
		return nil
	}, func(c *sql.Conn) error {
		stage := quoteName(w.stage)
		if _, err := c.ExecContext(ctx, "CREATE TABLE "+stage+" ("+columnsOf(w.rows)+")"); err != nil {
			return queryProblem(err)
		}
		if _, err := c.ExecContext(ctx, "INSERT INTO "+stage+" "+st.query); err != nil {
			return queryProblem(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j.result, j.schema = l.Destination, l.Schema
	j.query.Schema = nil
	return nil
}

// newResult names a table for the rows of a query, and forgets old ones.
func (s *Server) newResult(ctx context.Context, j *job) *TableReference {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.datasets[results]
	if d == nil {
		d = &dataset{tables: map[string]*table{}, wire: Dataset{Kind: "bigquery#dataset", ID: s.config.Project + ":" + results,
			Reference: &DatasetReference{s.config.Project, results}, DefaultTableExpirationMs: Int(24 * time.Hour / time.Millisecond)}}
		s.datasets[results] = d
	}
	d.wire.Location = j.key.location
	if keys := sortedKeys(d.tables); len(keys) >= keptResults {
		old := slices.MinFunc(keys, func(a, b string) int { return int(d.tables[a].wire.CreationTime - d.tables[b].wire.CreationTime) })
		if s.dropPhysical(ctx, d.tables[old]) == nil {
			delete(d.tables, old)
		}
	}
	s.serial++
	return &TableReference{s.config.Project, results, fmt.Sprintf("anon%08d", s.serial)}
}

// runDML changes rows.
func (s *Server) runDML(ctx context.Context, j *job, st *statement) error {
	var n int64
	err := s.transact(ctx, func(c *sql.Conn) error {
		r, err := c.ExecContext(ctx, st.query)
		if err != nil {
			return queryProblem(err)
		}
		if n, err = r.RowsAffected(); err != nil {
			return err
		}
		return s.dropExpired(ctx, c, st.changed)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.changed.wire.LastModifiedTime, st.changed.wire.ETag = s.millis(), s.nextETag()
	affected := Int(n)
	j.query.NumDmlAffectedRows, j.query.DmlStats = &affected, &dmlStats{}
	switch st.kind {
	case "INSERT":
		j.query.DmlStats.Inserted = affected
	case "DELETE", "TRUNCATE_TABLE":
		j.query.DmlStats.Deleted = affected
	default:
		j.query.DmlStats.Updated = affected
	}
	return nil
}
