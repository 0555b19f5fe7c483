package bigquery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// dataset is a dataset and its tables. The Server's mu guards it.
type dataset struct {
	wire   Dataset
	tables map[string]*table
}

// sandboxMs is how long tables and partitions live without billing: 60 days.
const sandboxMs = Int(60 * 24 * time.Hour / time.Millisecond)

// billingURL is where Google sends who has no billing.
const billingURL = "Billing has not been enabled for this project. Enable billing at https://console.cloud.google.com/billing."

var validName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func (s *Server) millis() Int { return Int(s.config.Now().UnixMilli()) }

// nextETag returns a tag that was never given before; mu is held.
func (s *Server) nextETag() string {
	s.serial++
	return strconv.Quote("v" + strconv.FormatInt(s.serial, 10))
}

// body decodes the request's JSON into v, over what is there.
func body(c *call, v any) error {
	b, err := io.ReadAll(io.LimitReader(c.Body, 64<<20))
	if err != nil {
		return problem(ReasonInvalid, "The request cannot be read: %v", err)
	}
	return decode(b, v)
}

func decode(b []byte, v any) error {
	if err := json.Unmarshal(b, v); err != nil {
		return problem("parseError", "Invalid JSON payload received. %v", err)
	}
	return nil
}

// matches checks If-Match against the etag of what is to be changed.
func matches(c *call, etag string) error {
	if m := c.Header.Get("If-Match"); m != "" && m != "*" && m != etag {
		return problem(ReasonConditionNotMet, "Precondition check failed.").at("If-Match")
	}
	return nil
}

// datasetOf finds a dataset; mu is held.
func (s *Server) datasetOf(id string) (*dataset, error) {
	if d := s.datasets[id]; d != nil {
		return d, nil
	}
	return nil, problem(ReasonNotFound, "Not found: Dataset %s:%s", s.config.Project, id)
}

func (s *Server) checkExpirations(d *Dataset) error {
	if s.config.Billing {
		return nil
	}
	if d.DefaultPartitionExpirationMs == 0 {
		d.DefaultPartitionExpirationMs = sandboxMs
	}
	if d.DefaultTableExpirationMs == 0 {
		d.DefaultTableExpirationMs = sandboxMs
	}
	if d.DefaultPartitionExpirationMs > sandboxMs || d.DefaultTableExpirationMs > sandboxMs {
		return problem(ReasonBillingNotEnabled, "%s Datasets must have a default expiration time and default partition expiration time of less than 60 days while in sandbox mode.", billingURL)
	}
	return nil
}

func insertDataset(s *Server, c *call) (any, error) {
	var d Dataset
	if err := body(c, &d); err != nil {
		return nil, err
	}
	if d.Reference == nil || d.Reference.DatasetID == "" {
		return nil, problem(ReasonRequired, "Required parameter is missing: datasetReference")
	}
	id := d.Reference.DatasetID
	if len(id) > 1024 || !validName.MatchString(id) {
		return nil, problem(ReasonInvalid, "Invalid dataset ID %q. Dataset IDs must be alphanumeric (plus underscores) and must be at most 1024 characters long.", id)
	}
	if p := d.Reference.ProjectID; p != "" && p != s.config.Project {
		return nil, problem(ReasonInvalid, "Project %s does not match the project of the request.", p)
	}
	if d.Location == "" {
		d.Location = s.config.Location
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.datasets[id] != nil {
		return nil, problem(ReasonDuplicate, "Already Exists: Dataset %s:%s", s.config.Project, id)
	}
	if err := s.checkExpirations(&d); err != nil {
		return nil, err
	}
	d.Kind, d.ID, d.Type = "bigquery#dataset", s.config.Project+":"+id, "DEFAULT"
	d.Reference.ProjectID = s.config.Project
	d.SelfLink = s.link(c, "datasets/"+id)
	if d.Access == nil {
		d.Access = json.RawMessage(`[{"role":"OWNER","specialGroup":"projectOwners"},{"role":"WRITER","specialGroup":"projectWriters"},{"role":"READER","specialGroup":"projectReaders"}]`)
	}
	d.CreationTime, d.LastModifiedTime, d.ETag = s.millis(), s.millis(), s.nextETag()
	s.datasets[id] = &dataset{wire: d, tables: map[string]*table{}}
	return &d, nil
}

// link returns the address of a resource of the project.
func (s *Server) link(c *call, path string) string {
	return "http://" + c.Host + "/bigquery/v2/projects/" + s.config.Project + "/" + path
}

func getDataset(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(c.dataset)
	if err != nil {
		return nil, err
	}
	wire := d.wire
	return &wire, nil
}

func changeDataset(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(c.dataset)
	if err != nil {
		return nil, err
	}
	if err := matches(c, d.wire.ETag); err != nil {
		return nil, err
	}
	old := d.wire
	next := old
	if c.method == "datasets.update" {
		next = Dataset{Location: old.Location, Access: old.Access}
	}
	next.Reference = &DatasetReference{}
	if err := body(c, &next); err != nil {
		return nil, err
	}
	if next.Location != old.Location {
		return nil, problem(ReasonInvalid, "Cannot change the location of dataset %s from %s to %s: the location of a dataset is immutable.", old.ID, old.Location, next.Location)
	}
	if err := s.checkExpirations(&next); err != nil {
		return nil, err
	}
	next.Kind, next.ID, next.Type, next.SelfLink, next.Reference = old.Kind, old.ID, old.Type, old.SelfLink, old.Reference
	next.CreationTime, next.LastModifiedTime, next.ETag = old.CreationTime, s.millis(), s.nextETag()
	d.wire = next
	return &next, nil
}

func deleteDataset(s *Server, c *call) (any, error) {
	s.write.Lock()
	defer s.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.datasetOf(c.dataset)
	if err != nil {
		return nil, err
	}
	if err := matches(c, d.wire.ETag); err != nil {
		return nil, err
	}
	if len(d.tables) > 0 && c.URL.Query().Get("deleteContents") != "true" {
		return nil, problem(ReasonResourceInUse, "Dataset %s:%s is still in use", s.config.Project, c.dataset)
	}
	for _, t := range d.tables {
		if err := s.dropPhysical(c.Context(), t); err != nil {
			return nil, err
		}
	}
	delete(s.datasets, c.dataset)
	return nil, nil
}

func (s *Server) dropPhysical(ctx context.Context, t *table) error {
	_, err := s.db.ExecContext(context.WithoutCancel(ctx), "DROP TABLE IF EXISTS "+quoteName(t.physical))
	return err
}

func listDatasets(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	type item struct {
		Kind         string            `json:"kind"`
		ID           string            `json:"id"`
		Reference    *DatasetReference `json:"datasetReference"`
		FriendlyName string            `json:"friendlyName,omitempty"`
		Labels       labels            `json:"labels,omitempty"`
		Location     string            `json:"location"`
		Type         string            `json:"type"`
	}
	var items []item
	for _, id := range sortedKeys(s.datasets) {
		if id[0] == '_' && c.URL.Query().Get("all") != "true" {
			continue
		}
		d := s.datasets[id].wire
		items = append(items, item{"bigquery#dataset", d.ID, d.Reference, d.FriendlyName, d.Labels, d.Location, d.Type})
	}
	items, next, err := page(c, items, 1000)
	if err != nil {
		return nil, err
	}
	return struct {
		Kind     string `json:"kind"`
		ETag     string `json:"etag"`
		Next     string `json:"nextPageToken,omitempty"`
		Datasets []item `json:"datasets,omitempty"`
	}{"bigquery#datasetList", strconv.Quote(fmt.Sprint("l", s.serial)), next, items}, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// page cuts the part of the items that the request asks for, and the token of
// the part after it.
func page[T any](c *call, items []T, most int) ([]T, string, error) {
	from, err := pageStart(c)
	if err != nil {
		return nil, "", err
	}
	if v := c.URL.Query().Get("maxResults"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, "", problem(ReasonInvalid, "Invalid value %q for maxResults.", v)
		}
		most = min(n, most)
	}
	from = min(from, len(items))
	to := min(from+most, len(items))
	next := ""
	if to < len(items) {
		next = pageToken(to)
	}
	return items[from:to], next, nil
}

func pageToken(row int) string { return "P" + strconv.Itoa(row) }

func pageStart(c *call) (int, error) {
	token := c.URL.Query().Get("pageToken")
	if token == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.TrimPrefix(token, "P"))
	if err != nil || n < 0 || token[0] != 'P' {
		return 0, problem(ReasonInvalid, "Invalid page token %q.", token)
	}
	return n, nil
}
