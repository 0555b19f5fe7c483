package processors

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

type entry struct {
	processor func() Processor
	service   func() Service
	info      Info
}

var registry struct {
	sync.RWMutex
	processors, services map[string]entry
}

func newSpec() *Spec { return &Spec{byKey: map[string]field{}} }

// Register makes a kind of processor known. It is called from init and panics
// when the kind is registered twice or its Define is wrong, listing every
// defect.
func Register(make func() Processor) {
	s := newSpec()
	p := make()
	p.Define(s)
	register(s, entry{processor: make}, p)
}

// RegisterService makes a kind of service known, as Register does a processor.
func RegisterService(make func() Service) {
	s := newSpec()
	s.service = true
	v := make()
	v.Define(s)
	register(s, entry{service: make}, v)
}

func register(s *Spec, e entry, v any) {
	s.finish()
	if s.service && len(s.info.Inputs)+len(s.info.Outputs) > 0 {
		s.defect("a service has no inputs and outputs")
	}
	if len(s.defects) > 0 {
		panic(fmt.Sprintf("processors: %T (%s): %s", v, s.info.Kind, strings.Join(s.defects, "; ")))
	}
	_, s.info.Verifies = v.(Verifier)
	_, s.info.Infers = v.(Inferrer)
	_, s.info.Suggests = v.(Suggester)
	_, s.info.Previews = v.(Previewer)
	s.info.Service = s.service
	e.info = s.info
	registry.Lock()
	defer registry.Unlock()
	m := &registry.processors
	if s.service {
		m = &registry.services
	}
	if *m == nil {
		*m = map[string]entry{}
	}
	if _, twice := (*m)[s.info.Kind]; twice {
		panic("processors: kind " + s.info.Kind + " is registered twice")
	}
	(*m)[s.info.Kind] = e
}

func lookup(kind string, service bool) (entry, bool) {
	registry.RLock()
	defer registry.RUnlock()
	m := registry.processors
	if service {
		m = registry.services
	}
	e, ok := m[kind]
	return e, ok
}

func kinds(service bool) []string {
	registry.RLock()
	defer registry.RUnlock()
	m := registry.processors
	if service {
		m = registry.services
	}
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Lookup returns the description of a kind of processor.
func Lookup(kind string) (Info, bool) {
	e, ok := lookup(kind, false)
	return e.info, ok
}

// LookupService returns the description of a kind of service.
func LookupService(kind string) (Info, bool) {
	e, ok := lookup(kind, true)
	return e.info, ok
}

// Kinds returns the descriptions of all kinds of processors, by name.
func Kinds() []Info { return infos(false) }

// ServiceKinds returns the descriptions of all kinds of services, by name.
func ServiceKinds() []Info { return infos(true) }

func infos(service bool) []Info {
	var out []Info
	for _, k := range kinds(service) {
		e, _ := lookup(k, service)
		out = append(out, e.info)
	}
	return out
}

// Fresh returns a new processor or service of a kind as its constructor makes
// it, for tests of kinds.
func Fresh(kind string) (interface{ Define(*Spec) }, error) {
	if e, ok := lookup(kind, false); ok {
		return e.processor(), nil
	}
	if e, ok := lookup(kind, true); ok {
		return e.service(), nil
	}
	return nil, kindUnknown(kind, false)
}

// Describe returns what a processor's or service's Define says, its defaults
// taken from the value's present fields.
func Describe(v interface{ Define(*Spec) }) Info {
	s := newSpec()
	_, s.service = v.(Service)
	v.Define(s)
	s.finish()
	return s.info
}
