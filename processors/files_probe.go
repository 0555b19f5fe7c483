package processors

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/weirflow/weir/fault"
)

// errProbe ends a Replace that was only tried.
var errProbe = errors.New("tried")

// Probe tries whether a file could be written at a path, as far as the path is
// known while no run gives its expressions their values, and leaves nothing
// behind: it makes a .part file in the nearest directory that exists. A node that
// cannot write should say so before others read for it.
func (f *Files) Probe(where Expr) error {
	return f.probeAs(where.known())
}

func (f *Files) probeAs(name string) error {
	err := f.probe(name)
	if e := fault.As(err); e != nil && e.Args["path"] != "" {
		e.Args["path"] = name // not the name that was tried for it
	}
	return err
}

// ProbeFor tries, as Probe does, the path that the expression has for the run of
// env, where that is known, and returns it; else the path as far as it is known.
func (f *Files) ProbeFor(where Expr, env Env) (string, error) {
	name, known, err := where.Render(env)
	switch {
	case err != nil:
		return where.Source(), err
	case !known:
		return where.known(), f.Probe(where)
	}
	return name, f.probeAs(name)
}

// known is the source with the values of the parameters that are known, as they
// are once there is a run.
func (e Expr) known() string {
	var pairs []string
	for name, p := range e.params {
		if p.Known {
			pairs = append(pairs, "#{"+name+"}", p.Value)
		}
	}
	return strings.NewReplacer(pairs...).Replace(e.Source())
}

func (f *Files) probe(name string) error {
	open := false
	for _, mark := range []string{"${", "#{"} {
		if before, _, found := strings.Cut(name, mark); found {
			name, open = before, true
		}
	}
	if open {
		// The part that the expression stands in is not known.
		dir, _ := path.Split(name)
		name = dir + ".probe"
	}
	if err := CheckTarget(name); err != nil {
		return err
	}
	name = path.Clean(name)
	if st, err := f.root.Stat(name); err == nil && st.IsDir() && !open {
		return fault.New("path_is_directory", "path", name).Permanent()
	}
	dir := path.Dir(name)
	for ; dir != "."; dir = path.Dir(dir) {
		st, err := f.root.Stat(dir)
		if err == nil && st.IsDir() {
			break
		}
		if err == nil {
			err = syscall.ENOTDIR
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return f.fault("write", name, err)
		}
	}
	_, err := f.Replace(path.Join(dir, ".probe"), func(w io.Writer) error {
		if _, err := w.Write([]byte{'\n'}); err != nil {
			return err
		}
		return errProbe
	})
	if errors.Is(err, errProbe) {
		return nil
	}
	return err
}
