package server

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"time"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/store"
)

// About tells what runs here.
type About struct {
	Version string `json:"version"`
	// Store is the id of the data directory, Data its path.
	Store   string        `json:"store"`
	Data    string        `json:"data"`
	Files   string        `json:"files"`
	PID     int           `json:"pid"`
	Up      time.Duration `json:"up"`
	Sandbox string        `json:"sandbox,omitempty"`
	Listen  string        `json:"listen,omitempty"`
}

// KindList is the kinds of processors and services.
type KindList struct {
	Kinds    []processors.Info `json:"kinds"`
	Services []processors.Info `json:"services"`
}

// SecretRef names a secret; Value is given only to set it and never returned.
type SecretRef struct {
	Name  string `param:"name" json:"-"`
	Value string `json:"value,omitempty"`
}

// SecretList is the names of the secrets that are set.
type SecretList struct {
	Secrets []string `json:"secrets"`
}

// InferSchema asks a source of a flow file for its schema.
type InferSchema struct {
	Doc    json.RawMessage   `json:"doc"`
	Node   string            `json:"node"`
	Sample int               `json:"sample,omitempty"`
	Params map[string]string `json:"params,omitempty"`
}

// Inferred is a schema, what was in doubt, and the property that takes it.
type Inferred struct {
	Schema   *record.Schema `json:"schema"`
	Doubts   []string       `json:"doubts,omitempty"`
	Property string         `json:"property"`
}

// BackupTo copies the data directory, as of one commit, to a new directory.
type BackupTo struct {
	Dir string `json:"dir"`
}

func (s *Server) about(context.Context, *struct{}) (*About, error) {
	a := &About{Version: s.cfg.Version, Store: s.store.ID(), Data: s.store.Dir(), Files: s.cfg.Files, PID: os.Getpid(),
		Up: time.Since(s.began), Sandbox: s.cfg.Sandbox, Listen: s.addr}
	if s.sandbox != nil {
		a.Sandbox = s.sandbox.Addr()
	}
	return a, nil
}

func (s *Server) listKinds(context.Context, *struct{}) (*KindList, error) {
	return &KindList{Kinds: processors.Kinds(), Services: processors.ServiceKinds()}, nil
}

func (s *Server) setSecret(ctx context.Context, in *SecretRef) (*SecretList, error) {
	if err := s.store.SetSecret(ctx, in.Name, in.Value); err != nil {
		return nil, err
	}
	return s.listSecrets(ctx, nil)
}

func (s *Server) removeSecret(ctx context.Context, in *SecretRef) (*SecretList, error) {
	if err := s.store.RemoveSecret(ctx, in.Name); err != nil {
		return nil, err
	}
	return s.listSecrets(ctx, nil)
}

func (s *Server) listSecrets(context.Context, *struct{}) (*SecretList, error) {
	names, err := s.store.Secrets()
	if names == nil {
		names = []string{}
	}
	return &SecretList{Secrets: names}, err
}

func (s *Server) infer(ctx context.Context, in *InferSchema) (*Inferred, error) {
	f, err := flows.Parse(in.Doc)
	if err != nil {
		return nil, err
	}
	params, err := f.ResolveParams(in.Params)
	if err != nil {
		return nil, err
	}
	if in.Sample <= 0 {
		in.Sample = 1000
	}
	schema, doubts, key, err := s.engine.Infer(ctx, f, in.Node, params, in.Sample)
	if err != nil {
		return nil, err
	}
	return &Inferred{Schema: schema, Doubts: doubts, Property: key}, nil
}

func (s *Server) backup(ctx context.Context, in *BackupTo) (*store.BackupReport, error) {
	return s.store.Backup(ctx, in.Dir)
}

// HeldBy returns the process that holds a data directory and its control
// socket, and false when nobody does.
func HeldBy(dir string) (store.Holder, bool) { return store.HeldBy(dir) }

// Restore makes a data directory from a backup and checks it.
func Restore(ctx context.Context, from, to string) (*store.CheckReport, error) {
	return store.Restore(ctx, from, to)
}

// Check verifies a data directory that nobody holds.
func Check(ctx context.Context, dir string) (*store.CheckReport, error) { return store.Check(ctx, dir) }

// Dump prints what a data directory holds, for people.
func Dump(ctx context.Context, w io.Writer, dir, what string) error {
	return store.Dump(ctx, w, dir, what)
}

// CheckReport is what a check of a data directory has found.
type CheckReport = store.CheckReport

// BackupReport tells of a backup.
type BackupReport = store.BackupReport
