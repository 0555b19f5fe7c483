package bigquery

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// table is a table and where DuckDB keeps it. The Server's mu guards it; rows
// and shape change only while write is held too.
type table struct {
	wire     Table
	physical string // DuckDB's name
}

// name returns the table as standard SQL writes it.
func (t *table) name() string {
	r := t.wire.Reference
	return r.ProjectID + "." + r.DatasetID + "." + r.TableID
}

// tableOf finds a table by its name without decorator; mu is held.
func (s *Server) tableOf(dataset, id string) (*table, error) {
	d, err := s.datasetOf(dataset)
	if err != nil {
		return nil, err
	}
	if t := d.tables[id]; t != nil {
		return t, nil
	}
	return nil, problem(ReasonNotFound, "Not found: Table %s:%s.%s", s.config.Project, dataset, id)
}

func checkTableName(id string) error {
	if id == "" || len(id) > 1024 || !utf8.ValidString(id) || strings.ContainsAny(id, "./\\`\"$@:*?\x00\n\t") {
		return problem(ReasonInvalid, "Invalid table ID %q. Table IDs must be at most 1024 bytes of letters, marks, numbers, connectors, dashes and spaces.", id)
	}
	return nil
}

// newTable checks a resource and gives it what the server decides; mu is held.
func (s *Server) newTable(host *call, d *dataset, w Table) (*table, error) {
	id := w.Reference.TableID
	if err := checkTableName(id); err != nil {
		return nil, err
	}
	if d.tables[id] != nil {
		return nil, problem(ReasonDuplicate, "Already Exists: Table %s:%s.%s", s.config.Project, d.wire.Reference.DatasetID, id)
	}
	switch {
	case w.View != nil, w.MaterializedView != nil, w.ExternalData != nil:
		return nil, problem(ReasonNotImplemented, "Views and external tables are not supported by the sandbox.")
	case w.RangePartitioning != nil:
		return nil, problem(ReasonNotImplemented, "Integer-range partitioning is not supported by the sandbox.")
	}
	if w.Schema == nil {
		w.Schema = &Schema{}
	}
	if d.wire.Reference.DatasetID != results { // a query may name its columns as no table does
		if err := w.Schema.normalize(); err != nil {
			return nil, err
		}
	}
	w.Reference = &TableReference{s.config.Project, d.wire.Reference.DatasetID, id}
	w.Kind, w.Type, w.Location = "bigquery#table", "TABLE", d.wire.Location
	w.ID = s.config.Project + ":" + w.Reference.DatasetID + "." + id
	if host != nil {
		w.SelfLink = s.link(host, "datasets/"+w.Reference.DatasetID+"/tables/"+id)
	}
	if err := s.checkTable(d, &w); err != nil {
		return nil, err
	}
	now := s.millis()
	w.CreationTime, w.LastModifiedTime, w.ETag = now, now, s.nextETag()
	if w.ExpirationTime == 0 && d.wire.DefaultTableExpirationMs > 0 && w.TimePartitioning == nil {
		w.ExpirationTime = now + d.wire.DefaultTableExpirationMs
	}
	s.serial++
	return &table{wire: w, physical: w.Reference.DatasetID + "." + id + "~" + strconv.FormatInt(s.serial, 10)}, nil
}

// checkTable checks partitioning, clustering and expiration against the schema
// and the dataset.
func (s *Server) checkTable(d *dataset, w *Table) error {
	if p := w.TimePartitioning; p != nil {
		if err := p.normalize(w.Schema.Fields); err != nil {
			return err
		}
		if p.RequirePartitionFilter {
			w.RequirePartitionFilter = true
		}
		if p.ExpirationMs == 0 {
			p.ExpirationMs = d.wire.DefaultPartitionExpirationMs
		}
		if !s.config.Billing && p.ExpirationMs > sandboxMs {
			return problem(ReasonBillingNotEnabled, "%s The partition expiration time must be less than 60 days while in sandbox mode.", billingURL)
		}
	} else if w.RequirePartitionFilter {
		return problem(ReasonInvalid, "require_partition_filter can be set only for a partitioned table.")
	}
	if !s.config.Billing && w.ExpirationTime > s.millis()+sandboxMs {
		return problem(ReasonBillingNotEnabled, "%s The table expiration time must be less than 60 days while in sandbox mode.", billingURL)
	}
	if w.Clustering == nil {
		return nil
	}
	if n := len(w.Clustering.Fields); n == 0 || n > 4 {
		return problem(ReasonInvalid, "Clustering takes one to four fields, not %d.", n)
	}
	for i, name := range w.Clustering.Fields {
		f := find(w.Schema.Fields, name)
		if f == nil {
			return problem(ReasonInvalid, "The field specified for clustering cannot be found in the schema. Invalid field: %s.", name)
		}
		if f.repeated() || f.Type == "RECORD" || f.Type == "JSON" || f.Type == "FLOAT" || f.Type == "BYTES" {
			return problem(ReasonInvalid, "Clustering is not supported on fields of the type %s: %s.", f.Type, name)
		}
		w.Clustering.Fields[i] = f.Name
	}
	return nil
}

// physicalColumns declares the columns that DuckDB keeps.
func (t *table) physicalColumns() string {
	columns := columnsOf(t.wire.Schema.Fields)
	if p := t.wire.TimePartitioning; (p != nil && p.Field == "") || len(t.wire.Schema.Fields) == 0 {
		// DuckDB has no tables without columns, which BigQuery has.
		columns = strings.TrimPrefix(columns+", "+quoteName(hidden)+" TIMESTAMPTZ", ", ")
	}
	return columns
}

func (t *table) create(ctx context.Context, c *sql.Conn) error {
	_, err := c.ExecContext(ctx, "CREATE TABLE "+quoteName(t.physical)+" ("+t.physicalColumns()+")")
	return err
}

// reshape makes DuckDB's columns those of the next fields.
func (t *table) reshape(ctx context.Context, c *sql.Conn, next []*Field) error {
	for _, n := range next {
		var q string
		switch f := find(t.wire.Schema.Fields, n.Name); {
		case f == nil:
			q = "ADD COLUMN " + quoteName(n.Name) + " " + n.duckType()
		case f.duckType() != n.duckType() && n.Type == "RECORD":
			q = "ALTER COLUMN " + quoteName(f.Name) + " SET DATA TYPE " + n.duckType() + " USING " + recast(quoteName(f.Name), f, n)
		case f.duckType() != n.duckType():
			q = "ALTER COLUMN " + quoteName(f.Name) + " SET DATA TYPE " + n.duckType()
		default:
			continue
		}
		if _, err := c.ExecContext(ctx, "ALTER TABLE "+quoteName(t.physical)+" "+q); err != nil {
			return err
		}
	}
	return nil
}

// recast builds a record of the shape of n from one of the shape of f.
func recast(value string, f, n *Field) string {
	if n.repeated() {
		inner, old := *n, *f
		inner.Mode, old.Mode = "NULLABLE", "NULLABLE"
		return "list_transform(" + value + ", lambda x: " + recast("x", &old, &inner) + ")"
	}
	if n.Type != "RECORD" {
		return "CAST(" + value + " AS " + n.duckType() + ")"
	}
	var parts []string
	for _, sub := range n.Fields {
		v := "CAST(NULL AS " + sub.duckType() + ")"
		if old := find(f.Fields, sub.Name); old != nil {
			v = recast("struct_extract("+value+", "+quoteText(old.Name)+")", old, sub)
		}
		parts = append(parts, quoteText(sub.Name)+": "+v)
	}
	return "CASE WHEN " + value + " IS NULL THEN NULL ELSE {" + strings.Join(parts, ", ") + "} END"
}

func insertTable(s *Server, c *call) (any, error) {
	var w Table
	if err := body(c, &w); err != nil {
		return nil, err
	}
	if w.Reference == nil {
		return nil, problem(ReasonRequired, "Required parameter is missing: tableReference")
	}
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(c.dataset)
	if err != nil {
		return nil, err
	}
	t, err := s.newTable(c, d, w)
	if err != nil {
		return nil, err
	}
	if err := s.transact(context.WithoutCancel(c.Context()), func(conn *sql.Conn) error { return t.create(c.Context(), conn) }); err != nil {
		return nil, err
	}
	d.tables[w.Reference.TableID] = t
	wire := t.wire
	return &wire, nil
}

// shown returns the resource of a table, or of one partition of it, with what
// is counted.
func (s *Server) shown(ctx context.Context, t *table, partition string) (*Table, error) {
	w := t.wire
	where := ""
	if partition != "" {
		p, err := t.partition(partition)
		if err != nil {
			return nil, err
		}
		where = " WHERE " + p.condition
		w.ID += "$" + partition
		w.Reference = &TableReference{w.Reference.ProjectID, w.Reference.DatasetID, w.Reference.TableID + "$" + partition}
	}
	parts := "0"
	if w.TimePartitioning != nil {
		parts = "count(DISTINCT " + t.partitionIDs() + ")"
	}
	var rows, bytes, n int64
	q := "SELECT count(*), " + bytesOf(w.Schema.Fields) + ", " + parts + " FROM " + quoteName(t.physical) + where
	if err := s.db.QueryRowContext(ctx, q).Scan(&rows, &bytes, &n); err != nil {
		return nil, fmt.Errorf("count the rows of %s: %w", w.ID, err)
	}
	w.NumRows, w.NumBytes, w.NumPartitions = Int(rows), Int(bytes), Int(n)
	w.NumTotalLogicalBytes, w.NumActiveLogicalBytes = w.NumBytes, w.NumBytes
	return &w, nil
}

// bytesOf returns an expression of the bytes that BigQuery would count for the
// columns: 8 for a number or time, 1 for a boolean, 2 more than its length for
// a text; nested values by their text.
func bytesOf(fields []*Field) string {
	sum := "0"
	for _, f := range fields {
		name := quoteName(f.Name)
		switch {
		case f.repeated() || f.Type == "RECORD":
			sum += " + coalesce(sum(strlen(CAST(" + name + " AS VARCHAR))), 0)"
		case f.Type == "STRING" || f.Type == "JSON" || f.Type == "GEOGRAPHY":
			sum += " + coalesce(sum(strlen(CAST(" + name + " AS VARCHAR)) + 2), 0)"
		case f.Type == "BYTES":
			sum += " + coalesce(sum(octet_length(" + name + ") + 2), 0)"
		case f.Type == "BOOLEAN":
			sum += " + count(" + name + ")"
		case f.Type == "NUMERIC":
			sum += " + 16 * count(" + name + ")"
		case f.Type == "BIGNUMERIC":
			sum += " + 32 * count(" + name + ")"
		default:
			sum += " + 8 * count(" + name + ")"
		}
	}
	return "CAST(" + sum + " AS BIGINT)"
}

func getTable(s *Server, c *call) (any, error) {
	if err := s.expire(c.Context()); err != nil {
		return nil, err
	}
	id, partition, _ := splitDecorator(c.table)
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tableOf(c.dataset, id)
	if err != nil {
		return nil, err
	}
	return s.shown(c.Context(), t, partition)
}

func changeTable(s *Server, c *call) (any, error) {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.tableOf(c.dataset, c.table)
	if err != nil {
		return nil, err
	}
	if err := matches(c, t.wire.ETag); err != nil {
		return nil, err
	}
	old := t.wire
	next := old
	if c.method == "tables.update" {
		next = Table{TimePartitioning: old.TimePartitioning}
	}
	var raw map[string]json.RawMessage
	if err := body(c, &raw); err != nil {
		return nil, err
	}
	next.Schema, next.Clustering, next.Reference = nil, nil, nil
	if p := old.TimePartitioning; p != nil {
		copied := *p
		next.TimePartitioning = &copied
	}
	b, err := json.Marshal(raw)
	if err != nil {
		return nil, err
	}
	if err := decode(b, &next); err != nil {
		return nil, err
	}
	if _, told := raw["clustering"]; !told {
		next.Clustering = old.Clustering
	}
	if next.Schema == nil || len(next.Schema.Fields) == 0 {
		next.Schema = old.Schema
	} else if err := next.Schema.normalize(); err != nil {
		return nil, err
	}
	if next.Schema.Fields, err = evolve(old.ID, old.Schema.Fields, next.Schema.Fields, anyEvolution, false); err != nil {
		return nil, err
	}
	if p, q := old.TimePartitioning, next.TimePartitioning; (p == nil) != (q == nil) || p != nil && (p.Type != q.Type || !strings.EqualFold(p.Field, q.Field)) {
		return nil, problem(ReasonInvalid, "Cannot change partitioning/clustering for a table: %s", old.ID)
	}
	d := s.datasets[c.dataset]
	if err := s.checkTable(d, &next); err != nil {
		return nil, err
	}
	if next.ExpirationTime == 0 {
		next.ExpirationTime = old.ExpirationTime
	}
	next.Kind, next.ID, next.Type, next.SelfLink, next.Reference, next.Location = old.Kind, old.ID, old.Type, old.SelfLink, old.Reference, old.Location
	ctx := context.WithoutCancel(c.Context())
	if err := s.transact(ctx, func(conn *sql.Conn) error {
		if err := t.reshape(ctx, conn, next.Schema.Fields); err != nil {
			return err
		}
		after := table{wire: next, physical: t.physical}
		return s.dropExpired(ctx, conn, &after)
	}); err != nil {
		return nil, err
	}
	next.CreationTime, next.LastModifiedTime, next.ETag = old.CreationTime, s.millis(), s.nextETag()
	t.wire = next
	return s.shown(ctx, t, "")
}

func deleteTable(s *Server, c *call) (any, error) {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	id, partition, _ := splitDecorator(c.table)
	t, err := s.tableOf(c.dataset, id)
	if err != nil {
		return nil, err
	}
	if err := matches(c, t.wire.ETag); err != nil {
		return nil, err
	}
	if partition != "" {
		p, err := t.partition(partition)
		if err != nil {
			return nil, err
		}
		_, err = s.db.ExecContext(context.WithoutCancel(c.Context()), "DELETE FROM "+quoteName(t.physical)+" WHERE "+p.condition)
		return nil, err
	}
	if err := s.dropPhysical(c.Context(), t); err != nil {
		return nil, err
	}
	delete(s.datasets[c.dataset].tables, id)
	return nil, nil
}

func listTables(s *Server, c *call) (any, error) {
	if err := s.expire(c.Context()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(c.dataset)
	if err != nil {
		return nil, err
	}
	type item struct {
		Kind             string            `json:"kind"`
		ID               string            `json:"id"`
		Reference        *TableReference   `json:"tableReference"`
		FriendlyName     string            `json:"friendlyName,omitempty"`
		Type             string            `json:"type"`
		Labels           labels            `json:"labels,omitempty"`
		TimePartitioning *TimePartitioning `json:"timePartitioning,omitempty"`
		Clustering       *Clustering       `json:"clustering,omitempty"`
		CreationTime     Int               `json:"creationTime"`
		ExpirationTime   Int               `json:"expirationTime,omitzero"`
	}
	var items []item
	for _, id := range sortedKeys(d.tables) {
		w := d.tables[id].wire
		items = append(items, item{"bigquery#table", w.ID, w.Reference, w.FriendlyName, w.Type, w.Labels, w.TimePartitioning, w.Clustering, w.CreationTime, w.ExpirationTime})
	}
	total := len(items)
	items, next, err := page(c, items, 1000)
	if err != nil {
		return nil, err
	}
	return struct {
		Kind   string `json:"kind"`
		ETag   string `json:"etag"`
		Next   string `json:"nextPageToken,omitempty"`
		Tables []item `json:"tables,omitempty"`
		Total  int    `json:"totalItems"`
	}{"bigquery#tableList", strconv.Quote(fmt.Sprint("l", s.serial)), next, items, total}, nil
}
