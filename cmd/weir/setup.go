package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
)

func (a *app) setup() *cobra.Command { return a.group("setup", a.setupGoogle()) }

func (a *app) setupGoogle() *cobra.Command {
	var s googleSetup
	c := a.verb("google", 0, 0, func(*cobra.Command, []string) error {
		if err := s.check(); err != nil {
			return err
		}
		s.gather(processors.Kinds())
		text, err := s.script(a.lang)
		if err != nil {
			return err
		}
		return a.answer(map[string]any{"script": text}, func() { fmt.Fprint(a.stdout, text) })
	})
	f := c.Flags()
	f.StringVar(&s.Project, "project", "", "")
	f.StringVar(&s.Property, "property", "", "")
	f.StringVar(&s.Dataset, "dataset", "", "")
	f.StringVar(&s.Location, "location", "", "")
	f.StringVar(&s.Name, "service-account", "weir-reader", "")
	return c
}

// googleSetup is what a person wants to use at Google, and what the kinds need
// for it.
type googleSetup struct {
	Project, Property, Dataset, Location string
	// Name is the first part of the service account's e-mail.
	Name string

	// APIs are to be switched on, Roles to be granted.
	APIs  []neededAPI
	Roles []neededRole
}

// neededAPI is an API and the kinds that use it.
type neededAPI struct {
	Name  string
	Kinds string
}

// neededRole is a role, the kinds that need it and what it is granted on.
type neededRole struct {
	Name  string
	Kinds string
	// OnDataset narrows it to the dataset.
	OnDataset bool
}

var (
	accountName = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	place       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{1,40}$`)
)

// The kinds whose own rules tell whether a value is good.
const (
	kindOfProject  = "GoogleCloud"
	kindOfProperty = "ReadGA4"
	kindOfDataset  = "LoadBigQuery"
)

// check refuses what cannot be meant, by the rules of the kinds that will get
// it, so that nothing is set up that a flow then refuses.
func (s *googleSetup) check() error {
	if s.Project == "" {
		return fault.New("cli_setup_project").Permanent()
	}
	if err := refused(kindOfProject, "project", s.Project); err != nil {
		return err
	}
	if s.Property != "" {
		if err := refused(kindOfProperty, "property", s.Property); err != nil {
			return err
		}
	}
	if s.Dataset != "" {
		if err := refused(kindOfDataset, "dataset", s.Dataset); err != nil {
			return err
		}
	}
	switch {
	case s.Dataset != "" && s.Location == "":
		return fault.New("cli_setup_location", "dataset", s.Dataset).Permanent()
	case s.Location != "" && s.Dataset == "":
		return fault.New("cli_setup_dataset", "location", s.Location).Permanent()
	case s.Location != "" && !place.MatchString(s.Location):
		return fault.New("cli_setup_place", "location", s.Location).Permanent()
	case !accountName.MatchString(s.Name):
		return fault.New("cli_setup_account", "name", s.Name).Permanent()
	}
	return nil
}

// refused returns what a kind says against a value of one of its properties.
// The other properties that it cannot do without have their examples, so that
// nothing else keeps it from looking.
func refused(kind, key, value string) error {
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
			settings[p.Key] = encode("gcp")
		case p.Required && json.Valid([]byte(p.Example)) && strings.HasPrefix(p.Example, "["):
			settings[p.Key] = json.RawMessage(p.Example)
		case p.Required:
			settings[p.Key] = encode(p.Example)
		}
	}
	_, problems := build(kind, settings, processors.BuildEnv{Runs: true, Services: map[string]string{"gcp": kindOfProject}})
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

func encode(text string) json.RawMessage {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a text can always be written
	}
	return b
}

// gather collects what the registered kinds need, of those that the person can
// use with what was given: a kind that names a property of Analytics needs
// --property, one that names a dataset --dataset.
func (s *googleSetup) gather(kinds []processors.Info) {
	apis, roles := map[string][]string{}, map[neededRole][]string{}
	for _, k := range kinds {
		if !s.uses(k) {
			continue
		}
		for _, n := range k.Needs {
			switch n.Kind {
			case processors.NeedAPI:
				apis[n.Value] = append(apis[n.Value], k.Kind)
			case processors.NeedRole:
				r := neededRole{Name: n.Value, OnDataset: n.OnProperty == "dataset"}
				roles[r] = append(roles[r], k.Kind)
			}
		}
	}
	// Tokens of an impersonated account, which is how the script ends.
	apis["iamcredentials.googleapis.com"] = append(apis["iamcredentials.googleapis.com"], kindOfProject)
	s.APIs, s.Roles = nil, nil
	for name, by := range apis {
		s.APIs = append(s.APIs, neededAPI{name, strings.Join(by, ", ")})
	}
	for r, by := range roles {
		r.Kinds = strings.Join(by, ", ")
		s.Roles = append(s.Roles, r)
	}
	slices.SortFunc(s.APIs, func(a, b neededAPI) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(s.Roles, func(a, b neededRole) int { return strings.Compare(a.Name, b.Name) })
}

// uses reports whether a kind is one of Google's that can be used with what was
// given.
func (s *googleSetup) uses(k processors.Info) bool {
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
func (s *googleSetup) OnProject() bool {
	return slices.ContainsFunc(s.Roles, func(r neededRole) bool { return !r.OnDataset })
}

// Email is the service account's e-mail.
func (s *googleSetup) Email() string {
	// The id of a project in a domain, example.com:name, is turned round there.
	project := s.Project
	if domain, name, ok := strings.Cut(project, ":"); ok {
		project = name + "." + domain
	}
	return s.Name + "@" + project + ".iam.gserviceaccount.com"
}
