package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/sandbox"
)

// settled is how long after its slot a test takes place unless the fixture says
// otherwise: no source revises its numbers any more then.
const settled = 96 * time.Hour

// fixture is what a directory of fixtures says, apart from what is expected.
type fixture struct {
	dir string

	// Doc is for people.
	Doc json.RawMessage `json:"doc,omitempty"`
	// Slot and Params are the run's, unless the command line says otherwise.
	Slot   string            `json:"slot,omitempty"`
	Params map[string]string `json:"params,omitempty"`
	// Now is when the run takes place.
	Now time.Time `json:"now,omitzero"`
	// Location is where BigQuery datasets are made that name none.
	Location string `json:"location,omitempty"`
	// IDs name the field of a collection that holds the document's id.
	IDs map[string]string `json:"ids,omitempty"`
	// Faults are what goes wrong, as `weir sandbox --fault` takes it.
	Faults []string `json:"faults,omitempty"`
}

// The parts of a directory of fixtures.
const (
	fixtureFile     = "fixture.json"
	partFirestore   = "firestore"
	partGA4         = "ga4"
	partBigQuery    = "bigquery"
	partDuckDB      = "duckdb"
	partFiles       = "files"
	partExpected    = "expected"
	partExpectedRun = "run.json"
)

// readFixture reads a directory of fixtures and refuses what has no meaning
// there, so that a misspelt name does not go unnoticed.
func readFixture(dir string) (*fixture, error) {
	f := &fixture{dir: dir}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fault.New("flow_test_no_fixtures", "dir", dir).Because(err).Permanent()
	}
	for _, e := range entries {
		known := []string{partFirestore, partGA4, partBigQuery, partFiles, partExpected}
		if e.IsDir() != slices.Contains(known, e.Name()) || !e.IsDir() && e.Name() != fixtureFile && !strings.EqualFold(filepath.Ext(e.Name()), ".md") {
			return nil, f.stranger(e.Name())
		}
	}
	if err := decodeFile(filepath.Join(dir, fixtureFile), f); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return f, nil
}

func (f *fixture) stranger(name string) error {
	return fault.New("flow_test_stranger", "file", filepath.Join(f.dir, filepath.FromSlash(name))).Permanent()
}

// decodeFile reads a JSON file strictly.
func decodeFile(path string, v any) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	d := json.NewDecoder(in)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fault.New("flow_test_json", "file", path).Because(err).Permanent()
	}
	return nil
}

// list returns the files of a part, by their slash-separated paths in it.
func (f *fixture) list(part string) ([]string, error) {
	var out []string
	root := filepath.Join(f.dir, filepath.FromSlash(part))
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, name)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return out, err
}

// path is where a file of a part lies.
func (f *fixture) path(part, name string) string {
	return filepath.Join(f.dir, filepath.FromSlash(path.Join(part, name)))
}

// sandbox describes a sandbox that holds the inputs and nothing else.
func (f *fixture) sandbox() (sandbox.Config, error) {
	c := sandbox.Config{Users: -1, Meetings: -1, Events: -1}
	c.BigQuery.Billing, c.BigQuery.Location = true, f.Location // what stands there does not expire
	for _, text := range f.Faults {
		fault, err := sandbox.ParseFault(text)
		if err != nil {
			return c, err
		}
		c.Faults = append(c.Faults, fault)
	}
	names, err := f.list(partFirestore)
	if err != nil {
		return c, err
	}
	for _, name := range names {
		collection, ok := cutLines(name)
		if !ok {
			return c, f.stranger(path.Join(partFirestore, name))
		}
		c.Files = append(c.Files, sandbox.File{Collection: collection, Path: f.path(partFirestore, name), IDField: f.IDs[collection]})
	}
	names, err = f.list(partGA4)
	if err != nil {
		return c, err
	}
	for _, name := range names {
		if _, ok := cutLines(name); !ok {
			return c, f.stranger(path.Join(partGA4, name))
		}
		c.EventFiles = append(c.EventFiles, f.path(partGA4, name))
	}
	return c, nil
}

// cutLines cuts off the end of a name of a file of JSON lines.
func cutLines(name string) (string, bool) {
	return strings.CutSuffix(strings.TrimSuffix(name, ".gz"), ".ndjson")
}

// kindGoogle is the kind of the services that are put on the sandbox.
const kindGoogle = "GoogleCloud"

// rehearse changes a flow so that a run of it touches the sandbox alone, tells
// nobody and does not wait long to try again, and has the sandbox be what the
// flow looks for.
func rehearse(f *flows.Flow, params map[string]string, c *sandbox.Config) error {
	f.Notify = nil
	policy := flows.Policy{}
	if f.Policy != nil {
		policy = *f.Policy
	}
	if len(c.Faults) == 0 {
		policy.Retries = new(int)
	}
	policy.RetryDelay = "1ms"
	f.Policy = &policy
	one := func(what string, of string, settings map[string]json.RawMessage, name string, to *string) error {
		v := plainSetting(settings[name], params)
		if v == "" {
			return nil
		}
		if *to != "" && *to != v {
			return fault.New("flow_test_two", "what", what, "first", *to, "second", v, "of", of).Permanent()
		}
		*to = v
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(f.Services)) {
		s := f.Services[id]
		if s.Kind != kindGoogle {
			continue
		}
		if err := errors.Join(one("project", id, s.Settings, "project", &c.Project), one("database", id, s.Settings, "database", &c.Database)); err != nil {
			return err
		}
		settings := map[string]json.RawMessage{"endpoint": json.RawMessage(`"sandbox"`)}
		for k, v := range s.Settings {
			if k != "endpoint" && k != "key" && k != "impersonate" {
				settings[k] = v
			}
		}
		f.Services[id] = flows.Service{Kind: s.Kind, Settings: settings}
	}
	for _, id := range slices.Sorted(maps.Keys(f.Nodes)) {
		if n := f.Nodes[id]; n.Kind == "ReadGA4" {
			if err := one("property", id, n.Settings, "property", &c.Property.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainSetting is a setting that is text, with its parameters filled in.
func plainSetting(raw json.RawMessage, params map[string]string) string {
	var v string
	if len(raw) == 0 {
		return ""
	}
	if json.Unmarshal(raw, &v) != nil {
		return string(raw) // a number, as a property may be written
	}
	for name, p := range params {
		v = strings.ReplaceAll(v, "#{"+name+"}", p)
	}
	return v
}
