package processorstest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// prompt is how long a processor may take to notice that its context has ended.
const prompt = 5 * time.Second

// Conform runs what every kind must pass: its description is whole, Define has
// no effect, without input nothing happens, a full disk is an error and not the
// data's fault, a cancelled context ends it promptly with nothing lost, it runs
// in parallel, and two runs over the same input give the same bytes. The
// settings and the input that put queues (nil for a source) must be good: the
// node has to do some work on them without an error.
func Conform(t *testing.T, kind string, settings Settings, put func(*Runner), options ...Option) {
	t.Helper()
	if put == nil {
		put = func(*Runner) {}
	}
	c := &conformance{kind: kind, settings: settings, put: put, options: options}
	for _, check := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Description", c.description},
		{"DefineHasNoEffect", c.define},
		{"UnknownPropertyIsRefused", c.unknownProperty},
		{"NoInputNothingHappens", c.noInput},
		{"FullDiskIsAnError", c.fullDisk},
		{"FullFilesAreAnError", c.fullFiles},
		{"CancelledContextReturnsPromptly", c.cancelled},
		{"TwoRunsGiveTheSameBytes", c.deterministic},
		{"ParallelSessions", c.parallel},
	} {
		t.Run(check.name, check.run)
	}
}

type conformance struct {
	kind     string
	settings Settings
	put      func(*Runner)
	options  []Option
}

func (c *conformance) runner(t *testing.T, more ...Option) *Runner {
	t.Helper()
	return New(t, c.kind, c.settings, append(slices.Clone(c.options), more...)...)
}

// baseline is a run as it should be.
func (c *conformance) baseline(t *testing.T) *Runner {
	t.Helper()
	r := c.runner(t)
	c.put(r)
	if r.Run().err != nil {
		r.asked = true
		t.Fatalf("a run over good input fails: %v", r.err)
	}
	return r
}

func (c *conformance) description(t *testing.T) {
	info, ok := processors.Lookup(c.kind)
	if !ok {
		t.Fatalf("there is no kind %s", c.kind)
	}
	if len(info.Inputs)+len(info.Outputs) == 0 {
		t.Error("it has neither inputs nor outputs")
	}
	for _, p := range info.Properties {
		if p.Required && p.Example == "" && p.Type != processors.TypeService && p.Type != processors.TypeSchema && p.Type != processors.TypeSecret {
			t.Errorf("the required property %s has no Example", p.Key)
		}
	}
	var page strings.Builder
	if err := processors.Markdown(&page, info, fault.English); err != nil {
		t.Error(err)
	}
	if _, err := json.Marshal(info); err != nil {
		t.Error(err)
	}
}

func (c *conformance) define(t *testing.T) {
	a, err := processors.Fresh(c.kind)
	if err != nil {
		t.Fatal(err)
	}
	b, err := processors.Fresh(c.kind)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(a, b) {
		t.Logf("two fresh values differ; what Define changes cannot be seen")
		return
	}
	processors.Describe(b)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("Define changed the processor:\nbefore %+v\n after %+v", a, b)
	}
	x, y := processors.Describe(a), processors.Describe(b)
	if !reflect.DeepEqual(jsonOf(t, x), jsonOf(t, y)) {
		t.Error("Define describes the kind differently each time")
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (c *conformance) unknownProperty(t *testing.T) {
	bad := maps.Clone(c.settings)
	if bad == nil {
		bad = Settings{}
	}
	bad["no_such_property"] = 1
	_, problems := Build(t, c.kind, bad, c.options...)
	if len(problems) != 1 || problems[0].Fault.Code != "setting_unknown" {
		t.Errorf("problems with an unknown property = %v", problems)
	}
}

func (c *conformance) noInput(t *testing.T) {
	r := c.runner(t)
	info := r.Conf.Info
	if info.Source {
		t.Skip("a source needs no input")
	}
	if err := r.Run().Err(); err != nil {
		if info.WholeRun {
			return // it may refuse to work on nothing, but it must say so
		}
		t.Fatalf("without input it fails: %v", err)
	}
	if !info.WholeRun && r.Store.Commits() != 0 {
		t.Errorf("without input it made %d commits", r.Store.Commits())
	}
}

// rejects counts what lies on reject outputs.
func rejects(r *Runner) int {
	n := 0
	for rel, route := range r.outputs {
		if route.Class == flowfile.Rejected {
			n += len(r.Store.Queue(outConn(string(rel))))
		}
	}
	return n
}

func (c *conformance) fullDisk(t *testing.T) {
	base := c.baseline(t)
	r := c.runner(t)
	c.put(r)
	before := r.Store.Content.Appends()
	r.Store.Content.FillUp(0)
	err := r.Run().Err()
	switch {
	case r.Store.Content.Appends() == before:
		t.Skip("it writes no content")
	case err == nil:
		t.Error("the disk is full, and it reports no error")
	case !errors.Is(err, syscall.ENOSPC):
		t.Errorf("the error hides that the disk is full: %v", err)
	}
	if n := rejects(r); n > rejects(base) {
		t.Errorf("%d FlowFiles were rejected because the disk is full; that is not their fault", n)
	}
	if r.Conf.Info.Source {
		return
	}
	r.Store.Content.MakeRoom()
	if err := r.Run().Err(); err != nil {
		t.Errorf("with room again it fails: %v", err)
	}
	compare(t, base, r)
}

func (c *conformance) fullFiles(t *testing.T) {
	wrote := false
	r := c.runner(t, FilesThrough(func(io.Writer) io.Writer { wrote = true; return fullDisk{} }))
	c.put(r)
	err := r.Run().Err()
	if !wrote {
		t.Skip("it writes no files")
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("the disk of the files directory is full, and the error is %v", err)
	}
	for name := range r.Files() {
		if strings.HasSuffix(name, ".part") {
			t.Errorf("%s was left behind", name)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func (c *conformance) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r := c.runner(t, Context(ctx))
	c.put(r)
	if err := r.start(); err != nil {
		t.Fatalf("Start: %v", err)
	}
	waiting := r.waiting()
	cancel()
	done := make(chan error, 1)
	go func() {
		_, err := r.session()
		done <- err
	}()
	timer := time.NewTimer(prompt)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		t.Fatalf("it did not return within %s of its context's end", prompt)
	}
	if n := r.waiting(); n != waiting {
		t.Errorf("%d FlowFiles were waiting, %d are left", waiting, n)
	}
}

// waiting counts what lies on the inputs.
func (r *Runner) waiting() int {
	n := 0
	for _, conns := range r.inputs {
		for _, c := range conns {
			n += len(r.Store.Queue(c))
		}
	}
	return n
}

func (c *conformance) deterministic(t *testing.T) {
	compare(t, c.baseline(t), c.baseline(t))
}

func (c *conformance) parallel(t *testing.T) {
	base := c.runner(t)
	info := base.Conf.Info
	if info.Single || info.WholeRun || info.Source {
		t.Skip("the engine calls it from one goroutine at a time")
	}
	r := c.runner(t)
	for range 8 {
		c.put(base)
		c.put(r)
	}
	if base.Run().err != nil || r.RunParallel(4).err != nil {
		return // the runners report it
	}
	compare(t, base, r)
}

// compare wants the outputs and files of two runs to be the same.
func compare(t *testing.T, a, b *Runner) {
	t.Helper()
	for _, rel := range slices.Sorted(maps.Keys(a.outputs)) {
		x, y := a.shown(string(rel)), b.shown(string(rel))
		if !slices.Equal(x, y) {
			t.Errorf("output %s differs between two runs:\n%q\n%q", rel, x, y)
		}
	}
	if x, y := a.Files(), b.Files(); !maps.Equal(x, y) {
		t.Errorf("files differ between two runs: %v, %v", slices.Sorted(maps.Keys(x)), slices.Sorted(maps.Keys(y)))
	}
}

// shown renders what lies on an output, without ids.
func (r *Runner) shown(rel string) []string {
	var out []string
	for _, f := range r.Output(rel) {
		out = append(out, fmt.Sprintf("%s %v rows=%d %s", f.Origin, f.Attrs, f.Rows, r.Content(f)))
	}
	return out
}
