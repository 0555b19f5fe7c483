package bigquery

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// createTable understands CREATE TABLE with columns or AS a query.
func (a *analysis) createTable(ts []token) error {
	i := 1
	replace, lenient := false, false
	if i+1 < len(ts) && ts[i].is("OR") && ts[i+1].is("REPLACE") {
		replace, i = true, i+2
	}
	if i >= len(ts) || !ts[i].is("TABLE") {
		what := "this"
		if i < len(ts) {
			what = strings.ToUpper(ts[i].text)
		}
		return problem(ReasonInvalidQuery, "CREATE %s is not supported by the sandbox.", what).at("query")
	}
	if i++; i+2 < len(ts) && ts[i].is("IF") && ts[i+1].is("NOT") && ts[i+2].is("EXISTS") {
		lenient, i = true, i+3
	}
	parts, n := path(ts[i:])
	i += n
	old, ref, err := a.find(parts)
	if err != nil && (ref == nil || asProblem(err).Reason != ReasonNotFound) {
		return err
	}
	d, err := a.s.datasetOf(ref.DatasetID)
	if err != nil {
		return err
	}
	wire := Table{Reference: ref}
	if i < len(ts) && ts[i].is("(") {
		end := a.w.closing(ts, i)
		if wire.Schema, err = a.columns(ts[i+1 : end]); err != nil {
			return err
		}
		i = end + 1
	}
	if i, err = a.clauses(ts, i, &wire); err != nil {
		return err
	}
	a.st.target = ref
	if old != nil && !replace && !lenient {
		return problem(ReasonDuplicate, "Already Exists: Table %s", old.wire.ID)
	}
	s := a.s
	skip := old != nil && lenient
	remove := func(ctx context.Context) error {
		if old == nil {
			return nil
		}
		if err := s.dropPhysical(ctx, old); err != nil {
			return err
		}
		delete(s.datasets[ref.DatasetID].tables, ref.TableID)
		return nil
	}
	a.st.kind = "CREATE_TABLE"
	if i < len(ts) {
		a.st.kind = "CREATE_TABLE_AS_SELECT"
		a.st.query = a.w.render(ts[i:], false)
		a.st.create = &loadConfig{Destination: ref, CreateDisposition: "CREATE_IF_NEEDED", WriteDisposition: "WRITE_EMPTY",
			TimePartitioning: wire.TimePartitioning, Clustering: wire.Clustering}
	}
	st := a.st
	a.st.run = func(ctx context.Context, j *job) error {
		s.mu.Lock()
		j.query.DdlOperation, j.query.DdlTarget = "CREATE", ref
		var err error
		switch {
		case skip:
			j.query.DdlOperation = "SKIP"
		case st.create == nil:
			if err = remove(ctx); err == nil {
				var t *table
				if t, err = s.newTable(nil, d, wire); err == nil {
					err = s.transact(ctx, func(c *sql.Conn) error { return t.create(ctx, c) })
				}
				if err == nil {
					d.tables[ref.TableID] = t
				}
			}
		case old != nil:
			// What replaces the table may read it: the rows go to a table of another
			// name first.
			j.query.DdlOperation = "REPLACE"
			fresh := *ref
			fresh.TableID += "-" + s.nextETag()[2:4]
			st.create.Destination = &fresh
			s.mu.Unlock()
			err = s.runSelect(ctx, j, st)
			s.mu.Lock()
			if err == nil {
				t := d.tables[fresh.TableID]
				delete(d.tables, fresh.TableID)
				if err = remove(ctx); err == nil {
					t.wire.Reference, t.wire.ID = ref, old.wire.ID
					d.tables[ref.TableID], j.result = t, ref
				}
			}
		default:
			s.mu.Unlock()
			err = s.runSelect(ctx, j, st)
			s.mu.Lock()
		}
		s.mu.Unlock()
		return err
	}
	return nil
}

// columns reads the columns of CREATE TABLE.
func (a *analysis) columns(ts []token) (*Schema, error) {
	schema := &Schema{}
	for _, c := range cut(ts, true) {
		if len(c) < 2 {
			return nil, problem(ReasonInvalidQuery, "Syntax error: Expected a name and a type of a column").at("query")
		}
		kind, n := a.w.typeName(c[1:])
		if a.w.err != nil {
			return nil, a.w.err
		}
		f, err := fieldOf(c[0].text, kind)
		if err != nil {
			return nil, err
		}
		for k := n + 1; k+1 < len(c); k++ {
			if c[k].is("NOT") && c[k+1].is("NULL") {
				f.Mode = "REQUIRED"
			}
		}
		schema.Fields = append(schema.Fields, f)
	}
	return schema, schema.normalize()
}

// clauses reads what stands between the table and AS, and returns where the
// query begins.
func (a *analysis) clauses(ts []token, i int, wire *Table) (int, error) {
	end := func(from int) int {
		depth := 0
		for k := from; k < len(ts); k++ {
			switch {
			case ts[k].is("("):
				depth++
			case ts[k].is(")"):
				depth--
			case depth == 0 && ts[k].is("PARTITION", "CLUSTER", "OPTIONS", "AS"):
				return k
			}
		}
		return len(ts)
	}
	for i < len(ts) {
		switch {
		case ts[i].is("AS"):
			return i + 1, nil
		case ts[i].is("PARTITION"):
			next := end(i + 2)
			p, err := partitionBy(ts[min(i+2, next):next])
			if err != nil {
				return i, err
			}
			wire.TimePartitioning, i = p, next
		case ts[i].is("CLUSTER"):
			next := end(i + 2)
			wire.Clustering = &Clustering{}
			for _, c := range split(ts[min(i+2, next):next]) {
				wire.Clustering.Fields = append(wire.Clustering.Fields, c[0].text)
			}
			i = next
		case ts[i].is("OPTIONS") && i+1 < len(ts) && ts[i+1].is("("):
			last := a.w.closing(ts, i+1)
			for _, o := range split(ts[i+2 : last]) {
				if len(o) < 3 {
					continue
				}
				switch {
				case o[0].is("partition_expiration_days") && wire.TimePartitioning != nil:
					days, err := parseFloat(o[2].text)
					if err != nil {
						return i, problem(ReasonInvalidQuery, "partition_expiration_days is no number: %s", o[2].text).at("query")
					}
					wire.TimePartitioning.ExpirationMs = Int(days * float64(24*time.Hour/time.Millisecond))
				case o[0].is("require_partition_filter"):
					wire.RequirePartitionFilter = o[2].is("true")
				case o[0].is("description"):
					wire.Description = o[2].text
				}
			}
			i = last + 1
		default:
			return i, syntaxError(ts[i].line, ts[i].row, "Unexpected %q", ts[i].text)
		}
	}
	return i, nil
}

// partitionBy reads DAY by a column, DATE(column), X_TRUNC(column, PART) or
// _PARTITIONDATE.
func partitionBy(ts []token) (*TimePartitioning, error) {
	switch {
	case len(ts) == 1 && ts[0].is("_PARTITIONDATE"), len(ts) == 4 && ts[2].is("_PARTITIONTIME"):
		return &TimePartitioning{Type: "DAY"}, nil
	case len(ts) == 1:
		return &TimePartitioning{Type: "DAY", Field: ts[0].text}, nil
	case len(ts) == 4 && ts[0].is("DATE"):
		return &TimePartitioning{Type: "DAY", Field: ts[2].text}, nil
	case len(ts) == 6 && ts[0].is("DATE_TRUNC", "TIMESTAMP_TRUNC", "DATETIME_TRUNC") && ts[2].is("_PARTITIONTIME"):
		return &TimePartitioning{Type: strings.ToUpper(ts[4].text)}, nil
	case len(ts) == 6 && ts[0].is("DATE_TRUNC", "TIMESTAMP_TRUNC", "DATETIME_TRUNC"):
		return &TimePartitioning{Type: strings.ToUpper(ts[4].text), Field: ts[2].text}, nil
	}
	return nil, problem(ReasonInvalidQuery, "PARTITION BY this expression is not supported by the sandbox.").at("query")
}
