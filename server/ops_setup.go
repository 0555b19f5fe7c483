package server

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/setup"
	"github.com/weirflow/weir/web"
)

// SetupScript asks for the script that prepares a project at Google.
type SetupScript struct {
	Project  string `json:"project"`
	Property string `json:"property,omitempty"`
	Dataset  string `json:"dataset,omitempty"`
	Location string `json:"location,omitempty"`
	// Account is the first part of the service account's e-mail; empty means the
	// usual one.
	Account string     `json:"account,omitempty"`
	Lang    fault.Lang `json:"lang,omitempty"`
}

// SetupScripted is the script, which has not been run, and the account it makes.
type SetupScripted struct {
	Script string `json:"script"`
	Email  string `json:"email"`
}

func (s *Server) setupScript(_ context.Context, in *SetupScript) (*SetupScripted, error) {
	g := setup.Google{Project: in.Project, Property: in.Property, Dataset: in.Dataset, Location: in.Location, Name: in.Account}
	if g.Name == "" {
		g.Name = setup.DefaultName
	}
	if err := g.Check(); err != nil {
		return nil, err
	}
	g.Gather(processors.Kinds())
	text, err := g.Script(in.Lang)
	if err != nil {
		return nil, err
	}
	return &SetupScripted{Script: text, Email: g.Email()}, nil
}

// SetupFind asks a project what there is of something.
type SetupFind struct {
	Project     string `json:"project"`
	Database    string `json:"database,omitempty"`
	Property    string `json:"property,omitempty"`
	Dataset     string `json:"dataset,omitempty"`
	Key         string `json:"key,omitempty"`
	Impersonate string `json:"impersonate,omitempty"`
	Endpoint    string `json:"endpoint,omitempty"`
	// What is collections, fields (of Collection), dimensions, zone (both of
	// Property), datasets or location (of Dataset).
	What       string `json:"what"`
	Collection string `json:"collection,omitempty"`
}

// SetupFound is what there is, and which of it is probably meant.
type SetupFound struct {
	Items []processors.Suggestion `json:"items"`
	// Likely is empty where nothing can be proposed.
	Likely string `json:"likely,omitempty"`
	// Second is the collection that probably holds meetings.
	Second string `json:"second,omitempty"`
}

func (s *Server) setupFind(ctx context.Context, in *SetupFind) (*SetupFound, error) {
	p := &setup.Project{Project: in.Project, Database: in.Database, Property: in.Property, Dataset: in.Dataset, Key: in.Key,
		Impersonate: in.Impersonate, Endpoint: in.Endpoint}
	if err := checkSetup(p, "project", in.Project); err != nil {
		return nil, err
	}
	var out SetupFound
	var err error
	switch in.What {
	case "collections":
		if out.Items, err = s.setupList(ctx, p, "ReadFirestore", "collection"); err != nil {
			return nil, err
		}
		out.Likely = setup.LikelyUsers(out.Items)
		out.Second = setup.LikelyMeetings(slices.DeleteFunc(slices.Clone(out.Items), func(i processors.Suggestion) bool { return i.Value == out.Likely }))
	case "fields":
		fields, _, err := s.setupFields(ctx, p, in.Collection, setup.Sample)
		if err != nil {
			return nil, err
		}
		out.Items, out.Likely = fields.Keys(), fields.LikelyKey()
	case "dimensions":
		if out.Items, err = s.setupList(ctx, p, setup.KindOfProperty, "dimensions", "property", p.Property); err != nil {
			return nil, err
		}
		out.Items = setup.OwnDimensions(out.Items)
		out.Likely = setup.LikelyDimension(out.Items)
	case "zone":
		if out.Items, err = s.setupList(ctx, p, setup.KindOfProperty, "zone", "property", p.Property); err != nil {
			return nil, err
		}
		if len(out.Items) > 0 {
			out.Likely = out.Items[0].Value
		}
	case "datasets":
		if out.Items, err = s.setupList(ctx, p, setup.KindOfDataset, "dataset"); err != nil {
			return nil, err
		}
		out.Likely = p.LikelyDataset(out.Items)
	case "location":
		if out.Items, err = s.setupList(ctx, p, setup.KindOfDataset, "location", "dataset", p.Dataset); err != nil {
			return nil, err
		}
		out.Likely = setup.LikelyLocation
		if len(out.Items) > 0 {
			out.Likely = out.Items[0].Value
		}
	default:
		return nil, fault.New("setup_what", "what", in.What).Permanent()
	}
	if out.Items == nil {
		out.Items = []processors.Suggestion{}
	}
	return &out, nil
}

// checkSetup refuses a project of which something is missing or cannot be meant.
func checkSetup(p *setup.Project, needed ...string) error {
	for i := 0; i < len(needed); i += 2 {
		if needed[i+1] == "" {
			return fault.New("setup_missing", "field", needed[i]).Permanent()
		}
	}
	return p.Check()
}

// setupList asks what a property of a kind may be.
func (s *Server) setupList(ctx context.Context, p *setup.Project, kind, property string, pairs ...string) ([]processors.Suggestion, error) {
	doc, err := p.Asking(kind, pairs...)
	if err != nil {
		return nil, err
	}
	out, err := s.suggest(ctx, &SuggestValues{Doc: doc, Node: setup.AskingNode, Property: property})
	if err != nil {
		return nil, err
	}
	return out.Values, nil
}

// setupFields looks at documents of a collection for its fields.
func (s *Server) setupFields(ctx context.Context, p *setup.Project, collection string, sample int) (*setup.Fields, []string, error) {
	doc, err := p.Asking("ReadFirestore", "collection", collection)
	if err != nil {
		return nil, nil, err
	}
	out, err := s.infer(ctx, &InferSchema{Doc: doc, Node: setup.AskingNode, Sample: sample})
	if err != nil {
		return nil, nil, err
	}
	doubts := make([]string, len(out.Doubts))
	for i, d := range out.Doubts {
		doubts[i] = collection + ": " + d
	}
	return &setup.Fields{Schema: out.Schema}, doubts, nil
}

// SetupProject is all that is said of a project.
type SetupProject struct {
	Project  string `json:"project"`
	Database string `json:"database,omitempty"`
	Property string `json:"property"`
	Dataset  string `json:"dataset"`
	// Location may be left out where the dataset is there.
	Location    string `json:"location,omitempty"`
	Key         string `json:"key,omitempty"`
	Impersonate string `json:"impersonate,omitempty"`
	Endpoint    string `json:"endpoint,omitempty"`
	// Users and Meetings are collections; there may be no meetings.
	Users     string `json:"users,omitempty"`
	UsersKey  string `json:"users_key,omitempty"`
	Meetings  string `json:"meetings,omitempty"`
	Dimension string `json:"dimension,omitempty"`
	// Zone and At are the schedule's; empty means the property's zone and 06:00.
	Zone string `json:"zone,omitempty"`
	At   string `json:"at,omitempty"`
	// Replace lets the flow take the place of a draft that is there; Dry only
	// makes it.
	Replace bool `json:"replace,omitempty"`
	Dry     bool `json:"dry,omitempty"`
}

func (in *SetupProject) project() *setup.Project {
	return &setup.Project{Project: in.Project, Database: in.Database, Property: in.Property, Dataset: in.Dataset, Location: in.Location,
		Users: in.Users, UsersKey: in.UsersKey, Meetings: in.Meetings, Dimension: in.Dimension, Zone: in.Zone, At: in.At,
		Key: in.Key, Impersonate: in.Impersonate, Endpoint: in.Endpoint}
}

// Audit tells which flow is made.
func (in *SetupProject) Audit(a *web.Act) {
	a.Flow = in.project().FlowID()
	a.Args = pairs("project", in.Project)
	if in.Dry {
		a.Args["dry"] = "true"
	}
}

// SetupChecks is a flow whose verification tries a project; it is never stored.
type SetupChecks struct {
	Doc json.RawMessage `json:"doc"`
}

// setupChecks makes the flow that tries a project. Firestore is tried with the
// collection that there is; where none can be listed, the verification says why.
func (s *Server) setupChecks(ctx context.Context, in *SetupProject) (*SetupChecks, error) {
	p := in.project()
	if err := checkSetup(p, "project", p.Project, "property", p.Property, "dataset", p.Dataset, "location", p.Location); err != nil {
		return nil, err
	}
	collection := "users"
	found, listing := s.setupList(ctx, p, "ReadFirestore", "collection")
	if listing == nil && len(found) > 0 {
		if collection = setup.LikelyUsers(found); collection == "" {
			collection = found[0].Value
		}
	}
	const few = 20
	fields, _, err := s.setupFields(ctx, p, collection, few)
	if err != nil { // the verification comes to the same fault, and tells it as a step
		fields = &setup.Fields{}
	}
	doc, err := p.Checks(collection, fields.Schema)
	return &SetupChecks{Doc: doc}, err
}
