package basic

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.Register(func() processors.Processor { return &UpdateAttribute{} })
}

// UpdateAttribute sets and deletes attributes.
type UpdateAttribute struct {
	set      map[string]processors.Expr
	remove   []string
	matching string

	names   []string // of set, sorted
	pattern *regexp.Regexp
}

// Define describes the kind.
func (u *UpdateAttribute) Define(s *processors.Spec) {
	s.Describe("UpdateAttribute", "Sets and deletes attributes; the content stays as it is.", "attributes", "set", "rename", "delete")
	s.Input("", "The FlowFiles to change.")
	s.ExprMap(&u.set, "set", "The attributes to set. All values are worked out from the attributes as they came in.",
		processors.Example(`{"day": "${run.date}"}`))
	s.List(&u.remove, "delete", "The names of attributes to delete.")
	s.String(&u.matching, "delete_matching", "A regular expression; attributes whose whole name matches it are deleted. What set names is set in any case.",
		processors.Verbatim, processors.Example(`http\..*`))
	s.Output("success", "The changed FlowFiles.")
	s.Output("failure", "Those whose attributes make an expression fail, unchanged, with reject.code and reject.reason.", processors.Reject)
	s.Batching()
}

// Validate refuses attributes that belong to Weir and a pattern that is none.
func (u *UpdateAttribute) Validate(r *processors.Report) {
	refuseReserved(r, "set", slices.Sorted(maps.Keys(u.set)))
	refuseReserved(r, "delete", u.remove)
	if _, err := wholeName(u.matching); err != nil {
		r.Problem("delete_matching", fault.New("setting_bad_regexp", "property", "delete_matching", "value", u.matching).Because(err).Permanent())
	}
}

// wholeName compiles a pattern for whole names; an empty one is nil.
func wholeName(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, nil
	}
	// By itself first: a pattern such as )|( would only make sense in brackets.
	if _, err := regexp.Compile(pattern); err != nil {
		return nil, err
	}
	return regexp.Compile(`\A(?:` + pattern + `)\z`)
}

// Start prepares names and pattern.
func (u *UpdateAttribute) Start(context.Context, processors.Env) error {
	u.names = slices.Sorted(maps.Keys(u.set))
	var err error
	u.pattern, err = wholeName(u.matching)
	return err
}

// Process changes one FlowFile.
func (u *UpdateAttribute) Process(_ context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	values := make([]string, len(u.names))
	for i, name := range u.names {
		v, err := u.set[name].Eval(s, f)
		if err != nil {
			refuse(s, f, err)
			return nil
		}
		values[i] = v
	}
	for _, name := range u.doomed(f) {
		s.Unset(f, name)
	}
	for i, name := range u.names {
		s.Set(f, name, values[i])
	}
	s.Transfer(f, "success")
	return nil
}

// doomed returns the names of the attributes to delete.
func (u *UpdateAttribute) doomed(f *flowfile.FlowFile) []string {
	var out []string
	for _, a := range f.Attrs {
		if slices.Contains(u.remove, a.Name) || u.pattern != nil && !reserved(a.Name) && u.pattern.MatchString(a.Name) {
			out = append(out, a.Name)
		}
	}
	return out
}
