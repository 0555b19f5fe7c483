package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/weirflow/weir/processors"
)

// services are the shared clients of one instance, each opened when a node
// first needs it.
type services struct {
	env  processors.Env
	mu   sync.Mutex
	conf map[string]*processors.Configured
	open map[string]any
}

func newServices(env processors.Env, conf map[string]*processors.Configured) *services {
	return &services{env: env, conf: conf, open: map[string]any{}}
}

// clients returns the clients that a node refers to, opening what is not open.
func (s *services) clients(ctx context.Context, names []string) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]any, len(names))
	for _, name := range names {
		if _, ok := s.open[name]; !ok {
			env := s.env
			env.Node = name
			// The client outlives the task that first asked for it.
			c, err := s.conf[name].Service.Open(context.WithoutCancel(ctx), env)
			if err != nil {
				return nil, err
			}
			s.open[name] = c
		}
		out[name] = s.open[name]
	}
	return out, nil
}

func (s *services) close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(s.open)) {
		errs = append(errs, s.conf[name].Service.Close(ctx))
	}
	s.open = map[string]any{}
	return errors.Join(errs...)
}
