package duck

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/fault"
)

// Checked is what is known of a SELECT that a person wrote.
type Checked struct {
	// Tables are the tables it names that it does not define itself, Params the
	// names behind $, each sorted.
	Tables, Params []string
	// Ordered tells whether it says in which order its rows come.
	Ordered bool
}

// Check reads SQL that a person wrote with DuckDB's own parser and refuses all
// but one SELECT that reads tables: of the functions that make tables only those
// that read nothing, none that tells of the machine or differs from one time to
// the next. With tables it may name those only, else any that is no path.
func Check(ctx context.Context, query string, tables []string) (*Checked, error) {
	key := keyOf(query, tables)
	if c := known.get(key); c != nil {
		return c, nil
	}
	c, err := check(ctx, query, tables)
	if err == nil {
		known.put(key, c)
	}
	return c, err
}

func check(ctx context.Context, query string, tables []string) (*Checked, error) {
	parsed, err := parse(ctx, query)
	if err != nil {
		return nil, err
	}
	c := &checker{query: query, tables: map[string]bool{}, params: map[string]bool{}}
	switch {
	case parsed.Error && parsed.Kind == "not implemented":
		return nil, fault.New("duck_not_select").Permanent()
	case parsed.Error:
		said := parsed.Message
		// Here DuckDB counts characters, in its tree bytes.
		if p, err := strconv.Atoi(parsed.Position); err == nil && p <= utf8.RuneCountInString(query) {
			said += c.at(len(string([]rune(query)[:p])))
		}
		return nil, fault.New("duck_query", "said", short(said)).Permanent()
	case len(parsed.Statements) != 1:
		return nil, fault.New("duck_statements", "count", len(parsed.Statements)).Permanent()
	}
	if bare := unended(query); strings.Contains(bare, ";") {
		// It will stand in brackets, and what follows a semicolon cannot.
		inner, err := parse(ctx, "SELECT * FROM ("+bare+"\n)")
		if err != nil {
			return nil, err
		}
		if inner.Error {
			return nil, fault.New("duck_semicolon").Permanent()
		}
	}
	node := parsed.Statements[0]["node"]
	if err := c.walk(node); err != nil {
		return nil, err
	}
	out := &Checked{Ordered: ordered(node)}
	for name := range c.tables {
		known := slices.ContainsFunc(tables, func(t string) bool { return strings.EqualFold(t, name) })
		switch {
		case known || tables == nil && !strings.ContainsAny(name, `./\*?:`):
			out.Tables = append(out.Tables, name)
		default:
			have := "-"
			if len(tables) > 0 {
				have = strings.Join(tables, ", ")
			}
			return nil, fault.New("duck_table_unknown", "table", name, "have", have).Permanent()
		}
	}
	for name := range c.params {
		out.Params = append(out.Params, name)
	}
	slices.Sort(out.Tables)
	slices.Sort(out.Params)
	return out, nil
}

// unended is a query without the semicolon at its end.
func unended(query string) string { return strings.TrimRight(query, "; \t\r\n") }

type parsed struct {
	Error      bool             `json:"error"`
	Kind       string           `json:"error_type"`
	Message    string           `json:"error_message"`
	Position   string           `json:"position"`
	Statements []map[string]any `json:"statements"`
}

// parse asks DuckDB's parser, in a database without tables, files and settings.
func parse(ctx context.Context, query string) (*parsed, error) {
	connector, err := duckdb.NewConnector("", func(driver.ExecerContext) error { return nil })
	if err != nil {
		return nil, fmt.Errorf("open DuckDB: %w", err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	var text string
	for _, s := range []string{"SET threads=1", "SET autoinstall_known_extensions=false", "SET autoload_known_extensions=false",
		"SET enable_external_access=false", "SET lock_configuration=true"} {
		if err == nil {
			_, err = db.ExecContext(ctx, s)
		}
	}
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT json_serialize_sql("+literal(query)+")::VARCHAR").Scan(&text)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, fmt.Errorf("parse SQL: %w", err)
	}
	out := new(parsed)
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(out); err != nil {
		return nil, fmt.Errorf("parse SQL: %w", err)
	}
	return out, nil
}

type checker struct {
	query          string
	tables, params map[string]bool
	// with are the names of WITH that can be seen from where the walk is; another
	// table of the name, such as one of DuckDB's own, can be had from elsewhere.
	with []string
}

// at tells the line and column of a byte of the query.
func (c *checker) at(p int) string {
	if p < 0 || p > len(c.query) {
		return ""
	}
	before := c.query[:p]
	line := strings.Count(before, "\n") + 1
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Sprintf(" (line %d, column %d)", line, column)
}

// place is at for a node of the tree.
func (c *checker) place(node map[string]any) string {
	if n, ok := node["query_location"].(json.Number); ok {
		if p, err := strconv.Atoi(n.String()); err == nil {
			return c.at(p)
		}
	}
	return ""
}

// walk looks at every node, in a fixed order so that the first fault is always
// the same one.
func (c *checker) walk(v any) error {
	switch v := v.(type) {
	case map[string]any:
		if err := c.node(v); err != nil {
			return err
		}
		defer func(n int) { c.with = c.with[:n] }(len(c.with))
		if err := c.defined(v); err != nil {
			return err
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if k == "cte_map" {
				continue // walked
			}
			if k == "right" && text(v["type"]) == "RECURSIVE_CTE_NODE" { // here it sees itself
				c.with = append(c.with, text(v["cte_name"]))
			}
			if err := c.walk(v[k]); err != nil {
				return err
			}
		}
	case []any:
		for _, x := range v {
			if err := c.walk(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// defined walks what WITH defines in a query: each sees those before it, the
// query sees all.
func (c *checker) defined(v map[string]any) error {
	m, _ := v["cte_map"].(map[string]any)
	entries, _ := m["map"].([]any)
	for _, e := range entries {
		e, _ := e.(map[string]any)
		if err := c.walk(e["value"]); err != nil {
			return err
		}
		c.with = append(c.with, text(e["key"]))
	}
	return nil
}

func (c *checker) node(v map[string]any) error {
	if v["sample"] != nil {
		return fault.New("duck_sample", "place", c.place(v)).Permanent()
	}
	switch text(v["type"]) {
	case "SHOW_REF":
		return fault.New("duck_not_select").Permanent()
	case "BASE_TABLE":
		return c.table(v)
	case "TABLE_FUNCTION":
		f, _ := v["function"].(map[string]any)
		name := strings.ToLower(text(f["function_name"]))
		if !tableFunctions[name] {
			return fault.New("duck_table_function", "function", name, "place", c.place(v), "have", strings.Join(sorted(tableFunctions), ", ")).Permanent()
		}
	}
	switch text(v["class"]) {
	case "FUNCTION", "WINDOW":
		return c.function(v)
	case "COLUMN_REF":
		names, _ := v["column_names"].([]any)
		if len(names) == 1 && changing[strings.ToLower(text(names[0]))] {
			return fault.New("duck_function_changing", "function", text(names[0]), "place", c.place(v)).Permanent()
		}
	case "PARAMETER":
		name := text(v["identifier"])
		if _, err := strconv.Atoi(name); err == nil || name == "" {
			return fault.New("duck_param_unnamed", "place", c.place(v)).Permanent()
		}
		c.params[name] = true
	}
	return nil
}

func (c *checker) table(v map[string]any) error {
	name, schema, catalog := text(v["table_name"]), text(v["schema_name"]), text(v["catalog_name"])
	if schema != "" && !strings.EqualFold(schema, "main") || catalog != "" {
		return fault.New("duck_table_foreign", "table", strings.Trim(catalog+"."+schema+"."+name, "."), "place", c.place(v)).Permanent()
	}
	if schema != "" || !slices.ContainsFunc(c.with, func(w string) bool { return strings.EqualFold(w, name) }) {
		c.tables[name] = true
	}
	return nil
}

func (c *checker) function(v map[string]any) error {
	name := strings.ToLower(text(v["function_name"]))
	children, _ := v["children"].([]any)
	switch {
	case changing[name] || name == "age" && len(children) == 1:
		return fault.New("duck_function_changing", "function", name, "place", c.place(v)).Permanent()
	case telling[name] || strings.HasPrefix(name, "pg_") || strings.HasPrefix(name, "duckdb_") || strings.HasPrefix(name, "has_"):
		return fault.New("duck_function", "function", name, "place", c.place(v)).Permanent()
	}
	return nil
}

// ordered reports whether a query has an ORDER BY of its own.
func ordered(node any) bool {
	n, _ := node.(map[string]any)
	modifiers, _ := n["modifiers"].([]any)
	for _, m := range modifiers {
		if m, ok := m.(map[string]any); ok && text(m["type"]) == "ORDER_MODIFIER" {
			return true
		}
	}
	if text(n["type"]) == "CTE_NODE" {
		return ordered(n["child"])
	}
	return false
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func set(names ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range names {
		m[n] = true
	}
	return m
}

func sorted(m map[string]bool) []string {
	var out []string
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

var (
	// tableFunctions make tables of their arguments alone.
	tableFunctions = set("unnest", "range", "generate_series", "json_each", "json_tree", "repeat", "repeat_row")
	// changing differ from one time to the next.
	changing = set("random", "setseed", "uuid", "uuidv4", "uuidv7", "gen_random_uuid", "now", "today", "current_date", "current_time", "current_timestamp",
		"localtime", "localtimestamp", "current_localtime", "current_localtimestamp", "get_current_time", "get_current_timestamp",
		"transaction_timestamp", "statement_timestamp", "clock_timestamp", "txid_current", "nextval", "currval", "sleep_ms")
	// telling tell of the machine or change it.
	telling = set("getenv", "current_setting", "getvariable", "current_database", "current_catalog", "current_schema", "current_schemas", "current_user",
		"current_role", "session_user", "user", "current_query", "current_query_id", "current_connection_id", "current_transaction_id", "version",
		"write_log", "add_parquet_key", "parse_duckdb_log_message", "in_search_path", "set_config", "which_secret", "json_execute_serialized_sql",
		"query", "query_table")
)
