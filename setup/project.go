package setup

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
)

// Project is what a person says, or is found, about the project that a flow
// is to be written for.
type Project struct {
	Project, Database, Property, Dataset, Location string
	// Users and Meetings are collections; there may be no meetings. UsersKey is
	// the field by which Analytics knows a user, Dimension where it does.
	Users, UsersKey, Meetings, Dimension string
	// Zone and At are those of the schedule; PropertyZone is Analytics' own.
	Zone, At, PropertyZone string
	// Key names a secret, Impersonate an account; without them the server's own
	// credentials are used. Endpoint is the word sandbox, or empty.
	Key, Impersonate, Endpoint string

	// DatasetThere is false when the first run is to make the dataset.
	DatasetThere bool
	// UsersFields and MeetingsFields are the schemas that were found.
	UsersFields, MeetingsFields *Fields
}

const (
	// DefaultUsersKey is the field that names users unless another is said,
	// DefaultAt the time of the schedule.
	DefaultUsersKey = "uid"
	DefaultAt       = "06:00"
	// Sample is how many documents of a collection are read to find its fields.
	Sample = 500
)

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// Slug is the project's id as the beginning of slugs and file names.
func (p *Project) Slug() string {
	s := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(p.Project), "-"), "-")
	return s
}

// FlowID is the id of the project's flow.
func (p *Project) FlowID() string { return p.Slug() + "-daily" }

// Default fills in the schedule where it was not said.
func (p *Project) Default() {
	p.Zone = orElse(p.Zone, orElse(p.PropertyZone, "UTC"))
	p.At = orElse(p.At, DefaultAt)
}

// Params are the values of the flow's parameters.
func (p *Project) Params() map[string]string {
	return map[string]string{"project": p.Project, "property": p.Property, "dataset": p.Dataset, "location": p.Location}
}

// Check refuses what cannot be meant, by the rules of the kinds that will get
// it. What is empty is not looked at.
func (p *Project) Check() error {
	for _, v := range []struct{ kind, key, value string }{{KindOfProject, "project", p.Project}, {KindOfProject, "database", p.Database},
		{KindOfProject, "impersonate", p.Impersonate}, {KindOfProject, "endpoint", p.Endpoint},
		{KindOfProperty, "property", p.Property}, {KindOfDataset, "dataset", p.Dataset}} {
		if v.value == "" {
			continue
		}
		if err := Refused(v.kind, v.key, v.value); err != nil {
			return err
		}
	}
	if p.Location != "" {
		if err := CheckPlace(p.Location); err != nil {
			return err
		}
	}
	if p.Zone != "" {
		return CheckZone(p.Zone)
	}
	return nil
}

// CheckPlace refuses what is no location of BigQuery.
func CheckPlace(name string) error {
	if !GoodPlace(name) {
		return fault.New("cli_setup_place", "location", name).Permanent()
	}
	return nil
}

// CheckZone refuses what is no time zone.
func CheckZone(name string) error {
	if _, err := time.LoadLocation(name); err != nil || name == "Local" || name == "" {
		return fault.New("cli_init_zone", "zone", name).Permanent()
	}
	return nil
}

// CheckCollection refuses a collection that is not among those listed. One below
// a document is never listed.
func (p *Project) CheckCollection(name string, among []processors.Suggestion) error {
	names := Names(among)
	if name == "" || slices.Contains(names, name) || strings.Contains(name, "/") {
		return nil
	}
	return fault.New("cli_init_collection", "collection", name, "project", p.Project, "nearest", orDash(near.Nearest(name, names, 5))).Permanent()
}

// CheckDimension refuses a dimension that is not among those listed.
func (p *Project) CheckDimension(name string, among []processors.Suggestion) error {
	names := Names(among)
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	return fault.New("cli_init_dimension", "dimension", name, "property", p.Property, "nearest", orDash(near.Nearest(name, names, 5))).Permanent()
}

// CheckLocation compares where the dataset shall lie with where it does: a
// dataset that is not there yet needs a location, another cannot be moved.
func (p *Project) CheckLocation(there []processors.Suggestion) error {
	switch {
	case len(there) > 0 && p.Location != "" && !strings.EqualFold(p.Location, there[0].Value):
		return fault.New("cli_init_location", "dataset", p.Dataset, "have", there[0].Value, "want", p.Location).Permanent()
	case len(there) > 0:
		p.DatasetThere, p.Location = true, there[0].Value
	case p.Location == "":
		return fault.New("cli_setup_location", "dataset", p.Dataset).Permanent()
	}
	return nil
}

// AskingNode is the node of the flow that Asking makes.
const AskingNode = "node"

// Asking is a flow of one node that is never stored: through it the
// services are asked what there is.
func (p *Project) Asking(kind string, pairs ...string) (json.RawMessage, error) {
	settings := map[string]json.RawMessage{"service": encode(Account)}
	for i := 0; i < len(pairs); i += 2 {
		settings[pairs[i]] = encode(pairs[i+1])
	}
	return json.Marshal(flows.Flow{Weir: flows.FormatVersion, ID: "init", Mode: flows.ModeRuns, Services: p.services(false),
		Nodes: map[string]flows.Node{AskingNode: {Kind: kind, Settings: settings}}})
}

func orDash(names []string) string {
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
