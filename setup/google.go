// Package setup connects a project at Google: it writes the script that prepares
// the project, proposes which collections, dimensions and fields are meant, and
// makes the example's flow into one for the project.
package setup

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

// Google is what a person wants to use at Google, and what the kinds need
// for it.
type Google struct {
	Project, Property, Dataset, Location string
	// Name is the first part of the service account's e-mail.
	Name string

	// APIs are to be switched on, Roles to be granted.
	APIs  []API
	Roles []Role
}

// API is one of Google's interfaces and the kinds that use it.
type API struct {
	Name  string
	Kinds string
}

// Role is one of Google's roles, the kinds that need it and what it is granted on.
type Role struct {
	Name  string
	Kinds string
	// OnDataset narrows it to the dataset.
	OnDataset bool
}

// DefaultName is the service account's unless another is said.
const DefaultName = "weir-reader"

var (
	accountName = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	place       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{1,40}$`)
)

// The kinds whose own rules tell whether a value is good.
const (
	// KindOfProject is the service, KindOfProperty the reader of Analytics and
	// KindOfDataset the loader of BigQuery.
	KindOfProject  = "GoogleCloud"
	KindOfProperty = "ReadGA4"
	KindOfDataset  = "LoadBigQuery"
)

// Check refuses what cannot be meant, by the rules of the kinds that will get
// it, so that nothing is set up that a flow then refuses.
func (s *Google) Check() error {
	if s.Project == "" {
		return fault.New("cli_setup_project").Permanent()
	}
	if err := Refused(KindOfProject, "project", s.Project); err != nil {
		return err
	}
	if s.Property != "" {
		if err := Refused(KindOfProperty, "property", s.Property); err != nil {
			return err
		}
	}
	if s.Dataset != "" {
		if err := Refused(KindOfDataset, "dataset", s.Dataset); err != nil {
			return err
		}
	}
	switch {
	case s.Dataset != "" && s.Location == "":
		return fault.New("cli_setup_location", "dataset", s.Dataset).Permanent()
	case s.Location != "" && s.Dataset == "":
		return fault.New("cli_setup_dataset", "location", s.Location).Permanent()
	case s.Location != "" && !GoodPlace(s.Location):
		return fault.New("cli_setup_place", "location", s.Location).Permanent()
	case !accountName.MatchString(s.Name):
		return fault.New("cli_setup_account", "name", s.Name).Permanent()
	}
	return nil
}

// Refused returns what a kind says against a value of one of its properties.
// The other properties that it cannot do without have their examples, so that
// nothing else keeps it from looking.
func Refused(kind, key, value string) error {
	info, ok := processors.Lookup(kind)
	build := processors.Build
	if !ok {
		info, build = serviceInfo(kind), processors.BuildService
	}
	settings := map[string]json.RawMessage{}
	for _, p := range info.Properties {
		switch {
		case p.Key == key:
			settings[key] = encode(value)
		case p.Required && p.Type == processors.TypeService:
			settings[p.Key] = encode(Account)
		case p.Required && json.Valid([]byte(p.Example)) && strings.HasPrefix(p.Example, "["):
			settings[p.Key] = json.RawMessage(p.Example)
		case p.Required:
			settings[p.Key] = encode(p.Example)
		}
	}
	_, problems := build(kind, settings, processors.BuildEnv{Runs: true, Services: map[string]string{Account: KindOfProject}})
	for _, p := range problems {
		if p.Property == key {
			return p.Fault
		}
	}
	return nil
}

func serviceInfo(kind string) processors.Info {
	info, _ := processors.LookupService(kind) // a kind that is not there refuses nothing
	return info
}

// GoodPlace reports whether a text can be a location of BigQuery.
func GoodPlace(name string) bool { return place.MatchString(name) }

func encode(text string) json.RawMessage {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can always be written
	}
	return b
}

// Gather collects what the registered kinds need, of those that the person can
// use with what was given: a kind that names a property of Analytics needs
// --property, one that names a dataset --dataset.
func (s *Google) Gather(kinds []processors.Info) {
	apis, roles := map[string][]string{}, map[Role][]string{}
	for _, k := range kinds {
		if !s.uses(k) {
			continue
		}
		for _, n := range k.Needs {
			switch n.Kind {
			case processors.NeedAPI:
				apis[n.Value] = append(apis[n.Value], k.Kind)
			case processors.NeedRole:
				r := Role{Name: n.Value, OnDataset: n.OnProperty == "dataset"}
				roles[r] = append(roles[r], k.Kind)
			}
		}
	}
	// Tokens of an impersonated account, which is how the script ends.
	apis["iamcredentials.googleapis.com"] = append(apis["iamcredentials.googleapis.com"], KindOfProject)
	s.APIs, s.Roles = nil, nil
	for name, by := range apis {
		s.APIs = append(s.APIs, API{name, strings.Join(by, ", ")})
	}
	for r, by := range roles {
		r.Kinds = strings.Join(by, ", ")
		s.Roles = append(s.Roles, r)
	}
	slices.SortFunc(s.APIs, func(a, b API) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Roles, func(a, b Role) int { return strings.Compare(a.Name, b.Name) })
}

// uses reports whether a kind is one of Google's that can be used with what was
// given.
func (s *Google) uses(k processors.Info) bool {
	ours := false
	for _, n := range k.Needs {
		switch {
		case n.Kind == processors.NeedAPI && strings.HasSuffix(n.Value, ".googleapis.com"):
			ours = true
		case n.Kind == processors.NeedResource && n.Property == "property" && s.Property == "",
			n.Kind == processors.NeedResource && n.Property == "dataset" && s.Dataset == "":
			return false
		}
	}
	return ours
}

// OnProject reports whether any role is granted on the project.
func (s *Google) OnProject() bool {
	return slices.ContainsFunc(s.Roles, func(r Role) bool { return !r.OnDataset })
}

// Email is the service account's e-mail.
func (s *Google) Email() string {
	// The id of a project in a domain, example.com:name, is turned round there.
	project := s.Project
	if domain, name, ok := strings.Cut(project, ":"); ok {
		project = name + "." + domain
	}
	return s.Name + "@" + project + ".iam.gserviceaccount.com"
}
