package server

import (
	"context"
	"encoding/json"

	"github.com/weirflow/weir/setup"
)

// SetupFlow is the flow that was made of a project's values.
type SetupFlow struct {
	Flow string          `json:"flow"`
	Doc  json.RawMessage `json:"doc"`
	// Columns are what of users stands beside what they did; Meetings names the
	// fields of meetings that are used.
	Columns  []string `json:"columns"`
	Meetings string   `json:"meetings,omitempty"`
	// NewDataset says that the first run makes the dataset.
	NewDataset bool `json:"new_dataset,omitempty"`
	// Doubts tell what the documents left open.
	Doubts []string `json:"doubts,omitempty"`
	// PropertyZone is the zone in which Analytics counts days.
	PropertyZone string `json:"property_zone,omitempty"`
}

// setupFlow makes the flow of a project and, unless dry, imports it as a draft.
func (s *Server) setupFlow(ctx context.Context, in *SetupProject) (*SetupFlow, error) {
	p := in.project()
	if err := checkSetup(p, "project", p.Project, "property", p.Property, "dataset", p.Dataset, "users", p.Users, "dimension", p.Dimension); err != nil {
		return nil, err
	}
	if err := s.setupServices(ctx, p); err != nil {
		return nil, err
	}
	doubts, err := s.setupCollections(ctx, p)
	if err != nil {
		return nil, err
	}
	made, err := p.Flow()
	if err != nil {
		return nil, err
	}
	if !in.Dry {
		if _, err := s.importFlow(ctx, &ImportFlow{Doc: made.Doc, Draft: true, New: !in.Replace}); err != nil {
			return nil, err
		}
	}
	return &SetupFlow{Flow: made.ID, Doc: made.Doc, Columns: made.Columns, Meetings: made.Meetings, NewDataset: !p.DatasetThere,
		Doubts: doubts, PropertyZone: p.PropertyZone}, nil
}

// setupServices compares what was said with what the services have, and takes
// from them what was not said.
func (s *Server) setupServices(ctx context.Context, p *setup.Project) error {
	collections, err := s.setupList(ctx, p, "ReadFirestore", "collection")
	if err != nil {
		return err
	}
	for _, c := range []string{p.Users, p.Meetings} {
		if err := p.CheckCollection(c, collections); err != nil {
			return err
		}
	}
	dimensions, err := s.setupList(ctx, p, setup.KindOfProperty, "dimensions", "property", p.Property)
	if err != nil {
		return err
	}
	if err := p.CheckDimension(p.Dimension, dimensions); err != nil {
		return err
	}
	zones, err := s.setupList(ctx, p, setup.KindOfProperty, "zone", "property", p.Property)
	if err != nil {
		return err
	}
	if len(zones) > 0 {
		p.PropertyZone = zones[0].Value
	}
	p.Default()
	there, err := s.setupList(ctx, p, setup.KindOfDataset, "location", "dataset", p.Dataset)
	if err != nil {
		return err
	}
	return p.CheckLocation(there)
}

// setupCollections finds the fields of the collections and checks the key.
func (s *Server) setupCollections(ctx context.Context, p *setup.Project) (doubts []string, err error) {
	if p.UsersFields, doubts, err = s.setupFields(ctx, p, p.Users, setup.Sample); err != nil {
		return nil, err
	}
	if p.UsersKey == "" {
		p.UsersKey = p.UsersFields.LikelyKey()
	}
	if err := p.UsersFields.CheckKey(p.Users, p.UsersKey); err != nil || p.Meetings == "" {
		return doubts, err
	}
	fields, more, err := s.setupFields(ctx, p, p.Meetings, setup.Sample)
	p.MeetingsFields = fields
	return append(doubts, more...), err
}
