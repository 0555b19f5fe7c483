package bigquery

import (
	"context"
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"
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

// queryParameter is a value that a query names.
type queryParameter struct {
	Name  string         `json:"name"`
	Type  parameterType  `json:"parameterType"`
	Value parameterValue `json:"parameterValue"`
}

type parameterType struct {
	Type        string         `json:"type"`
	ArrayType   *parameterType `json:"arrayType"`
	StructTypes []struct {
		Name string        `json:"name"`
		Type parameterType `json:"type"`
	} `json:"structTypes"`
}

type parameterValue struct {
	Value        *string                   `json:"value"`
	ArrayValues  []parameterValue          `json:"arrayValues"`
	StructValues map[string]parameterValue `json:"structValues"`
}

// bindParameters renders the values as literals.
func bindParameters(ps []queryParameter) (map[string]string, []string, error) {
	named := map[string]string{}
	var places []string
	for _, p := range ps {
		s, err := p.Value.render(p.Type)
		if err != nil {
			return nil, nil, err
		}
		if p.Name == "" {
			places = append(places, s)
		} else {
			named[strings.ToLower(p.Name)] = s
		}
	}
	return named, places, nil
}

func (v parameterValue) render(t parameterType) (string, error) {
	switch strings.ToUpper(t.Type) {
	case "ARRAY":
		if t.ArrayType == nil {
			break
		}
		var parts []string
		for _, e := range v.ArrayValues {
			s, err := e.render(*t.ArrayType)
			if err != nil {
				return "", err
			}
			parts = append(parts, s)
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case "STRUCT":
		var parts []string
		for _, f := range t.StructTypes {
			s, err := v.StructValues[f.Name].render(f.Type)
			if err != nil {
				return "", err
			}
			parts = append(parts, quoteText(f.Name)+": "+s)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	kind, ok := kinds[strings.ToUpper(t.Type)]
	if !ok || kind.duck == "" {
		return "", problem(ReasonInvalid, "Invalid parameter type %q; the types are %s.", t.Type, strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
	}
	switch {
	case v.Value == nil:
		return "CAST(NULL AS " + kind.duck + ")", nil
	case kind.name == "BYTES":
		return "from_base64(" + quoteText(*v.Value) + ")", nil
	}
	return "CAST(" + quoteText(*v.Value) + " AS " + kind.duck + ")", nil
}
