package processors

import (
	"fmt"
	"log/slog"
)

// Secrets knows the secrets of a store.
type Secrets interface {
	// Has reports whether a secret of that name is set.
	Has(name string) bool
	// Reveal returns its value.
	Reveal(name string) (string, error)
}

// Secret is the value of a secret property. Printing, logging or encoding it
// shows its name only; Reveal gives the value, which is fetched each time and
// kept nowhere.
type Secret struct {
	name string
	from Secrets
}

// MemorySecrets are secrets in memory, for tests and tools.
type MemorySecrets map[string]string

// Has reports whether there is one of that name.
func (m MemorySecrets) Has(name string) bool { _, ok := m[name]; return ok }

// Reveal returns its value.
func (m MemorySecrets) Reveal(name string) (string, error) {
	v, ok := m[name]
	if !ok {
		return "", secretUnset(name)
	}
	return v, nil
}

// IsSet reports whether the setting names a secret.
func (s Secret) IsSet() bool { return s.name != "" }

// Name returns the secret's name.
func (s Secret) Name() string { return s.name }

// Reveal returns the value. It is empty when the setting names none.
func (s Secret) Reveal() (string, error) {
	if s.name == "" {
		return "", nil
	}
	if s.from == nil {
		return "", secretUnset(s.name)
	}
	return s.from.Reveal(s.name)
}

// String returns the name in brackets, never the value.
func (s Secret) String() string {
	if s.name == "" {
		return "[no secret]"
	}
	return "[secret " + s.name + "]"
}

// GoString returns the name in brackets, never the value.
func (s Secret) GoString() string { return s.String() }

// Format writes the name in brackets whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue returns the name in brackets.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON writes the reference as it stands in a flow file.
func (s Secret) MarshalJSON() ([]byte, error) {
	if s.name == "" {
		return []byte("null"), nil
	}
	return []byte(compact(map[string]string{"secret": s.name})), nil
}

// ServiceRef is the value of a service property: a name, whose client Client
// returns.
type ServiceRef struct{ name string }

// Name returns the service's name in the flow; empty when none is set.
func (r ServiceRef) Name() string { return r.name }

// IsSet reports whether the setting names a service.
func (r ServiceRef) IsSet() bool { return r.name != "" }

// Client returns the client of a service as the type that its kind promises.
func Client[T any](env Env, ref ServiceRef) (T, error) {
	var zero T
	v, ok := env.Services[ref.name]
	if !ok {
		return zero, fmt.Errorf("service %q of node %q is not open", ref.name, env.Node)
	}
	c, ok := v.(T)
	if !ok {
		return zero, fmt.Errorf("service %q gives a %T, node %q wants a %T", ref.name, v, env.Node, zero)
	}
	return c, nil
}
