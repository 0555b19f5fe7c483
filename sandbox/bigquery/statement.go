package bigquery

import (
	"context"
	"slices"
	"strings"
)

// statement is a query understood.
type statement struct {
	kind    string // as BigQuery's statementType
	query   string // for DuckDB; empty for DDL without a query
	dml     bool
	tables  []*table        // that it reads
	names   map[string]bool // every name in it, in lower case
	all     bool            // it reads all columns
	target  *TableReference // that it writes
	changed *table          // of DML
	create  *loadConfig     // of CREATE TABLE AS
	run     func(ctx context.Context, j *job) error
}

// analysis is a statement under way.
type analysis struct {
	s  *Server
	q  *queryConfig
	st *statement
	w  *rewriter
}

// analyze understands a query; mu is held.
func (s *Server) analyze(_ context.Context, q *queryConfig) (*statement, error) {
	ts, err := tokenize(q.Query)
	if err != nil {
		return nil, err
	}
	for len(ts) > 0 && ts[len(ts)-1].is(";") {
		ts = ts[:len(ts)-1]
	}
	if len(ts) == 0 {
		return nil, syntaxError(1, 1, "Unexpected end of statement")
	}
	if err := balanced(ts); err != nil {
		return nil, err
	}
	a := &analysis{s: s, q: q, st: &statement{names: map[string]bool{}}}
	a.w = &rewriter{resolve: a.resolve, now: s.queryTime(), ctes: map[string]bool{}, pseudo: pseudoColumns(ts)}
	if a.w.params, a.w.places, err = bindParameters(q.Parameters); err != nil {
		return nil, err
	}
	a.w.columns = s.columnNames()
	for i, t := range ts {
		if t.kind == tokenWord || t.kind == tokenQuoted {
			a.st.names[strings.ToLower(t.text)] = true
		}
		if t.is("*") && i > 0 && ts[i-1].is("SELECT", "DISTINCT", ",", ".", "ALL") {
			a.st.all = true
		}
	}
	if err := a.statement(ts); err != nil {
		return nil, err
	}
	if a.w.err != nil {
		return nil, a.w.err
	}
	return a.st, a.checkFilters(ts)
}

// keywords are the words of GoogleSQL that no column has for its name unless in
// backticks, as far as they stand in expressions.
var keywords = strings.Fields(strings.ToLower(`ALL AND ANY ARRAY AS ASC BETWEEN BY CASE CAST COLLATE CREATE CROSS CURRENT DEFAULT
	DEFINE DESC DISTINCT ELSE END ENUM ESCAPE EXCEPT EXCLUDE EXISTS EXTRACT FALSE FETCH FOLLOWING FOR FROM FULL GROUP GROUPING
	GROUPS HASH HAVING IF IGNORE IN INNER INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT LOOKUP MERGE NATURAL NEW NO
	NOT NULL NULLS OF ON OR ORDER OUTER OVER PARTITION PRECEDING PROTO QUALIFY RANGE RECURSIVE RESPECT RIGHT ROLLUP ROWS SELECT
	SET SOME STRUCT TABLESAMPLE THEN TO TREAT TRUE UNBOUNDED UNION UNNEST USING WHEN WHERE WINDOW WITH WITHIN`))

// columnNames returns the names of all columns; mu is held.
func (s *Server) columnNames() map[string]bool {
	names := map[string]bool{}
	for id, d := range s.datasets {
		if id == results {
			continue
		}
		for _, t := range d.tables {
			for _, f := range t.wire.Schema.Fields {
				if n := strings.ToLower(f.Name); !slices.Contains(keywords, n) {
					names[n] = true
				}
			}
		}
	}
	return names
}

func (a *analysis) statement(ts []token) error {
	first := ts[0]
	switch {
	case first.is("SELECT", "WITH", "("):
		a.st.kind, a.st.query = "SELECT", a.w.render(ts, false)
		if d := a.q.Destination; d != nil {
			a.st.target = d
		}
		return nil
	case first.is("INSERT", "DELETE", "UPDATE", "MERGE"):
		return a.dml(ts)
	case len(ts) > 1 && first.is("TRUNCATE") && ts[1].is("TABLE"):
		return a.truncate(ts[2:])
	case first.is("CREATE"):
		return a.createTable(ts)
	case len(ts) > 1 && first.is("DROP") && ts[1].is("TABLE"):
		return a.dropTable(ts[2:])
	case first.kind == tokenWord && first.is("ALTER", "DROP", "CALL", "DECLARE", "BEGIN", "EXECUTE", "EXPORT", "GRANT", "REVOKE", "LOAD", "SET", "ASSERT"):
		return problem(ReasonInvalidQuery, "%s statements are not supported by the sandbox.", strings.ToUpper(first.text)).at("query")
	}
	return syntaxError(first.line, first.row, "Unexpected %q", first.text)
}

// find finds the table of a path.
func (a *analysis) find(path []string) (*table, *TableReference, error) {
	project, dataset := a.s.config.Project, ""
	switch len(path) {
	case 1:
		if a.q.DefaultDataset == nil {
			return nil, nil, problem(ReasonInvalid, "Table %q must be qualified with a dataset (e.g. dataset.table).", path[0])
		}
		dataset = a.q.DefaultDataset.DatasetID
	case 2:
		dataset = path[0]
	case 3:
		project, dataset = path[0], path[1]
	default:
		return nil, nil, problem(ReasonInvalidQuery, "Invalid table name %s", strings.Join(path, ".")).at("query")
	}
	id := path[len(path)-1]
	switch {
	case strings.EqualFold(dataset, "INFORMATION_SCHEMA") || len(path) > 1 && strings.EqualFold(path[len(path)-2], "INFORMATION_SCHEMA"):
		return nil, nil, problem(ReasonNotImplemented, "INFORMATION_SCHEMA is not supported by the sandbox.").at("query")
	case strings.HasSuffix(id, "*"):
		return nil, nil, problem(ReasonNotImplemented, "Wildcard tables are not supported by the sandbox.").at("query")
	case project != a.s.config.Project:
		return nil, nil, problem(ReasonAccessDenied, "Access Denied: Table %s:%s.%s: User does not have permission to query table %s:%s.%s, or perhaps it does not exist.", project, dataset, id, project, dataset, id)
	}
	ref := &TableReference{project, dataset, id}
	t, err := a.s.tableOf(dataset, id)
	return t, ref, err
}

// resolve returns how DuckDB reads a table.
func (a *analysis) resolve(path []string) (string, string, error) {
	t, ref, err := a.find(path)
	if err != nil {
		return "", "", err
	}
	if !slices.Contains(a.st.tables, t) {
		a.st.tables = append(a.st.tables, t)
	}
	physical := quoteName(t.physical)
	fields := t.wire.Schema.Fields
	p := t.wire.TimePartitioning
	if (p == nil || p.Field != "") && len(fields) > 0 {
		return physical, ref.TableID, nil
	}
	columns := make([]string, 0, len(fields)+2)
	for _, f := range fields {
		columns = append(columns, quoteName(f.Name))
	}
	if p != nil && a.w.pseudo {
		columns = append(columns, quoteName(hidden), "CAST("+quoteName(hidden)+" AS DATE) AS _PARTITIONDATE")
	}
	if len(columns) == 0 {
		columns = append(columns, "1 AS "+quoteName("~"))
	}
	return "(SELECT " + strings.Join(columns, ", ") + " FROM " + physical + ")", ref.TableID, nil
}

// checkFilters wants a filter on the partitions of the tables that require one.
func (a *analysis) checkFilters(ts []token) error {
	where := slices.IndexFunc(ts, func(t token) bool { return t.is("WHERE", "ON") })
	for _, t := range a.st.tables {
		p := t.wire.TimePartitioning
		if !t.wire.RequirePartitionFilter || p == nil {
			continue
		}
		names := []string{p.Field}
		if p.Field == "" {
			names = []string{"_PARTITIONTIME", "_PARTITIONDATE"}
		}
		if where < 0 || !slices.ContainsFunc(ts[where:], func(x token) bool {
			return (x.kind == tokenWord || x.kind == tokenQuoted) && slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, x.text) })
		}) {
			return problem(ReasonInvalidQuery, "Cannot query over table '%s' without a filter over column(s) '%s' that can be used for partition elimination", t.name(), strings.Join(names, "', '")).at("query")
		}
	}
	return nil
}

// dml renders INSERT, DELETE, UPDATE and MERGE.
func (a *analysis) dml(ts []token) error {
	kind := strings.ToUpper(ts[0].text)
	i := 1
	if i < len(ts) && ts[i].is("INTO", "FROM") {
		i++
	}
	parts, n := path(ts[i:])
	if n == 0 {
		return syntaxError(ts[0].line, ts[0].row, "Expected a table after %s", kind)
	}
	t, ref, err := a.find(parts)
	if err != nil {
		return err
	}
	i += n
	a.st.kind, a.st.dml, a.st.target, a.st.changed = kind, true, ref, t
	name := quoteName(t.physical)
	if kind == "INSERT" {
		columns := []string{}
		if i < len(ts) && ts[i].is("(") && !(i+1 < len(ts) && ts[i+1].is("SELECT", "WITH")) {
			end := a.w.closing(ts, i)
			for _, c := range split(ts[i+1 : end]) {
				columns = append(columns, quoteName(c[0].text))
			}
			i = end + 1
		} else {
			for _, f := range t.wire.Schema.Fields {
				columns = append(columns, quoteName(f.Name))
			}
		}
		a.st.query = "INSERT INTO " + name + " (" + strings.Join(columns, ", ") + ") " + a.w.render(ts[i:], false)
		return nil
	}
	alias := ref.TableID
	if i < len(ts) && ts[i].is("AS") {
		i++
	}
	if i < len(ts) && (ts[i].kind == tokenQuoted || ts[i].kind == tokenWord && !ts[i].is(afterTable...)) {
		alias = ts[i].text
		i++
	}
	name += " AS " + quoteName(alias)
	rest := ts[i:]
	switch kind {
	case "DELETE":
		if !slices.ContainsFunc(rest, func(t token) bool { return t.is("WHERE") }) {
			return problem(ReasonInvalidQuery, "DELETE must have a WHERE clause").at("query")
		}
		a.st.query = "DELETE FROM " + name + " " + a.w.render(rest, false)
	case "UPDATE":
		if !slices.ContainsFunc(rest, func(t token) bool { return t.is("WHERE") }) {
			return problem(ReasonInvalidQuery, "UPDATE must have a WHERE clause").at("query")
		}
		a.st.query = "UPDATE " + name + " " + a.w.render(rest, false)
	case "MERGE":
		if len(rest) == 0 || !rest[0].is("USING") {
			return syntaxError(ts[0].line, ts[0].row, "Expected USING in MERGE")
		}
		rest = slices.Clone(rest)
		for k := range rest {
			if k > 0 && rest[k].is("ROW") && rest[k-1].is("INSERT") {
				rest[k] = token{kind: tokenMark, text: "*"}
			}
		}
		a.st.query = "MERGE INTO " + name + " USING " + a.w.render(rest[1:], true)
	}
	return nil
}

func (a *analysis) truncate(ts []token) error {
	parts, n := path(ts)
	if n == 0 || n < len(ts) {
		return problem(ReasonInvalidQuery, "Syntax error: Expected one table after TRUNCATE TABLE").at("query")
	}
	t, ref, err := a.find(parts)
	if err != nil {
		return err
	}
	a.st.kind, a.st.dml, a.st.target, a.st.changed = "TRUNCATE_TABLE", true, ref, t
	a.st.query = "DELETE FROM " + quoteName(t.physical)
	return nil
}

func (a *analysis) dropTable(ts []token) error {
	lenient := len(ts) > 1 && ts[0].is("IF") && ts[1].is("EXISTS")
	if lenient {
		ts = ts[2:]
	}
	parts, n := path(ts)
	if n == 0 || n < len(ts) {
		return problem(ReasonInvalidQuery, "Syntax error: Expected one table after DROP TABLE").at("query")
	}
	t, ref, err := a.find(parts)
	if err != nil && (!lenient || asProblem(err).Reason != ReasonNotFound) {
		return err
	}
	s := a.s
	a.st.kind, a.st.target = "DROP_TABLE", ref
	a.st.run = func(ctx context.Context, j *job) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		j.query.DdlOperation, j.query.DdlTarget = "SKIP", ref
		if t == nil {
			return nil
		}
		if err := s.dropPhysical(ctx, t); err != nil {
			return err
		}
		delete(s.datasets[ref.DatasetID].tables, ref.TableID)
		j.query.DdlOperation = "DROP"
		return nil
	}
	return nil
}
