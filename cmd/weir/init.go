package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/server"
)

// ownProject is what a person says, or is found, about the project that a flow
// is to be written for.
type ownProject struct {
	Project, Database, Property, Dataset, Location string
	// Users and Meetings are collections; there may be no meetings. UsersKey is
	// the field by which Analytics knows a user, Dimension where it does.
	Users, UsersKey, Meetings, Dimension string
	// Zone and At are those of the schedule; PropertyZone is Analytics' own.
	Zone, At, PropertyZone string
	// Key names a secret, Impersonate an account; without them the server's own
	// credentials are used. Endpoint is the word sandbox, or empty.
	Key, Impersonate, Endpoint string

	// DatasetThere is false when the first run is to make the dataset.
	DatasetThere bool
	// UsersFields and MeetingsFields are the schemas that were found.
	UsersFields, MeetingsFields *found
}

const (
	defaultUsersKey = "uid"
	defaultAt       = "06:00"
	// initSample is how many documents of a collection are read to find its
	// fields.
	initSample = 500
)

func (a *app) initVerb() *cobra.Command {
	var (
		p     ownProject
		out   string
		force bool
	)
	c := a.verb("init", 0, 0, func(c *cobra.Command, _ []string) error {
		return a.initProject(c.Context(), &p, out, force, c.Flags().Changed("users-key"))
	})
	f := c.Flags()
	f.StringVar(&p.Project, "project", "", "")
	f.StringVar(&p.Database, "database", "", "")
	f.StringVar(&p.Property, "property", "", "")
	f.StringVar(&p.Dataset, "dataset", "", "")
	f.StringVar(&p.Location, "location", "", "")
	f.StringVar(&p.Users, "users", "", "")
	f.StringVar(&p.UsersKey, "users-key", defaultUsersKey, "")
	f.StringVar(&p.Meetings, "meetings", "", "")
	f.StringVar(&p.Dimension, "dimension", "", "")
	f.StringVar(&p.Zone, "zone", "", "")
	f.StringVar(&p.At, "at", defaultAt, "")
	f.StringVar(&p.Key, "key", "", "")
	f.StringVar(&p.Impersonate, "impersonate", "", "")
	f.StringVar(&p.Endpoint, "endpoint", "", "")
	f.StringVar(&out, "out", "", "")
	f.BoolVar(&force, "force", false, "")
	f.StringVar(&a.sandbox, "sandbox", "", "")
	return c
}

// initProject asks for what was not said, looks at the services, and writes the
// flow and its parameters.
func (a *app) initProject(ctx context.Context, p *ownProject, out string, force, keySaid bool) error {
	q := a.questions(ctx)
	if q == nil {
		if missing := p.missing(); len(missing) > 0 {
			return fault.New("cli_init_missing", "flags", strings.Join(missing, ", ")).Permanent()
		}
	}
	if err := a.initAccount(p, q); err != nil {
		return err
	}
	flowPath, paramsPath := p.paths(out)
	if !force {
		for _, path := range []string{flowPath, paramsPath} {
			if _, err := os.Lstat(path); err == nil {
				return fault.New("cli_init_exists", "file", path).Permanent()
			}
		}
	}
	var doubts []string
	var made *madeFlow
	err := a.with(ctx, borrow, func(l *link) (err error) {
		look := &prober{ctx: ctx, link: l, project: p}
		if err := a.initChoose(look, q); err != nil {
			return err
		}
		if doubts, err = a.initFields(look, q, keySaid); err != nil {
			return err
		}
		made, err = p.flow()
		return err
	})
	if err != nil {
		return err
	}
	params, err := json.MarshalIndent(p.params(), "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(replaceFile(flowPath, made.doc), replaceFile(paramsPath, append(params, '\n'))); err != nil {
		return err
	}
	for _, d := range doubts {
		a.note("infer doubt", "what", d)
	}
	return a.answer(map[string]any{"flow": flowPath, "params": paramsPath, "id": made.id, "columns": made.columns, "doubts": doubts}, func() {
		a.showInit(p, made, flowPath, paramsPath)
	})
}

// showInit tells what was written and what to do next.
func (a *app) showInit(p *ownProject, made *madeFlow, flowPath, paramsPath string) {
	a.print("init written", "flow", flowPath, "params", paramsPath)
	a.print("init columns", "columns", strings.Join(made.columns, ", "), "users", p.Users)
	if p.Meetings != "" {
		a.print("init meetings", "meetings", p.Meetings, "fields", made.meetings)
	}
	if !p.DatasetThere {
		a.print("init dataset", "dataset", p.Dataset, "location", p.Location)
	}
	a.print("init next")
	t := &columns{}
	box := ""
	if p.Endpoint != "" {
		box = " --sandbox " + orDefault(a.sandbox, "127.0.0.1:9000")
	}
	flow, params := shellWord(flowPath), " --params "+shellWord(paramsPath)
	t.row("  weir flow verify "+flow+params+box, "# "+a.say("init next verify"))
	t.row("  weir flow access "+flow+params, "# "+a.say("init next access"))
	t.row("  weir run start --file "+flow+params+box, "# "+a.say("init next run"))
	fmt.Fprint(a.stdout, t)
}

// missing are the flags that must be given where nobody can be asked.
func (p *ownProject) missing() (flags []string) {
	for _, f := range []struct{ flag, value string }{{"--project", p.Project}, {"--property", p.Property}, {"--dataset", p.Dataset},
		{"--users", p.Users}, {"--dimension", p.Dimension}} {
		if f.value == "" {
			flags = append(flags, f.flag)
		}
	}
	return flags
}

var notSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug is the project's id as the beginning of slugs and file names.
func (p *ownProject) slug() string {
	s := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(p.Project), "-"), "-")
	return s
}

// paths are those of the flow and of its parameters, which lie beside it under
// its name, so that another name is free for both.
func (p *ownProject) paths(out string) (flow, params string) {
	if out == "" {
		out = p.slug() + "-daily.json"
	}
	return out, strings.TrimSuffix(strings.TrimSuffix(out, filepath.Ext(out)), "-daily") + "-params.json"
}

// params are the values of the flow's parameters.
func (p *ownProject) params() map[string]string {
	return map[string]string{"project": p.Project, "property": p.Property, "dataset": p.Dataset, "location": p.Location}
}

// initAccount settles what must be known before anything can be asked, by the
// rules of the kinds that will get it.
func (a *app) initAccount(p *ownProject, q *questions) error {
	good := func(kind, key string) func(string) error {
		return func(v string) error {
			if v == "" {
				return nil
			}
			return refused(kind, key, v)
		}
	}
	if err := q.settle(&p.Project, "init ask project", "", nil, good(kindOfProject, "project")); err != nil {
		return err
	}
	if err := q.settle(&p.Property, "init ask property", "", nil, good(kindOfProperty, "property")); err != nil {
		return err
	}
	for _, v := range []struct{ kind, key, value string }{{kindOfProject, "project", p.Project}, {kindOfProject, "database", p.Database},
		{kindOfProject, "impersonate", p.Impersonate}, {kindOfProject, "endpoint", p.Endpoint},
		{kindOfProperty, "property", p.Property}, {kindOfDataset, "dataset", p.Dataset}} {
		if err := good(v.kind, v.key)(v.value); err != nil {
			return err
		}
	}
	switch {
	case p.Location != "" && !place.MatchString(p.Location):
		return fault.New("cli_setup_place", "location", p.Location).Permanent()
	case p.Zone != "" && !goodZone(p.Zone):
		return fault.New("cli_init_zone", "zone", p.Zone).Permanent()
	}
	return nil
}

func goodZone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local" && name != ""
}

// prober asks the services through nodes of a flow that is never stored.
type prober struct {
	ctx     context.Context
	link    *link
	project *ownProject
}

// doc is a flow of one node.
func (l *prober) doc(kind string, settings map[string]json.RawMessage) (json.RawMessage, error) {
	settings["service"] = encode(serviceName)
	return json.Marshal(flows.Flow{Weir: flows.FormatVersion, ID: "init", Mode: flows.ModeRuns, Services: l.project.services(false),
		Nodes: map[string]flows.Node{"node": {Kind: kind, Settings: settings}}})
}

func (l *prober) list(kind, property string, pairs ...string) ([]processors.Suggestion, error) {
	settings := map[string]json.RawMessage{}
	for i := 0; i < len(pairs); i += 2 {
		settings[pairs[i]] = encode(pairs[i+1])
	}
	doc, err := l.doc(kind, settings)
	if err != nil {
		return nil, err
	}
	out, err := post[server.Suggested](l.ctx, l.link, at("suggest"), server.SuggestValues{Doc: doc, Node: "node", Property: property})
	if err != nil {
		return nil, err
	}
	return out.Values, nil
}

func (l *prober) infer(collection string) (*server.Inferred, error) {
	doc, err := l.doc("ReadFirestore", map[string]json.RawMessage{"collection": encode(collection)})
	if err != nil {
		return nil, err
	}
	return post[server.Inferred](l.ctx, l.link, at("infer"), server.InferSchema{Doc: doc, Node: "node", Sample: initSample})
}

// initChoose lists what there is and settles which of it is meant.
func (a *app) initChoose(look *prober, q *questions) error {
	p := look.project
	collections, err1 := look.list("ReadFirestore", "collection")
	dimensions, err2 := look.list("ReadGA4", "dimensions", "property", p.Property)
	var zones []processors.Suggestion
	if err2 == nil {
		zones, err2 = look.list("ReadGA4", "zone", "property", p.Property)
	}
	datasets, err3 := look.list("LoadBigQuery", "dataset")
	if err := distinct(err1, err2, err3); err != nil {
		return err
	}
	if len(zones) > 0 {
		p.PropertyZone = zones[0].Value
	}
	among := func(values []processors.Suggestion, fails func(value, nearest string) error) func(string) error {
		names := namesOf(values)
		return func(v string) error {
			if v == "" || slices.Contains(names, v) {
				return nil
			}
			return fails(v, orDefault(strings.Join(near.Nearest(v, names, 5), ", "), "-"))
		}
	}
	isCollection := among(collections, func(v, nearest string) error {
		if strings.Contains(v, "/") {
			return nil // below a document, which was not listed
		}
		return fault.New("cli_init_collection", "collection", v, "project", p.Project, "nearest", nearest).Permanent()
	})
	if err := q.settle(&p.Users, "init ask users", likely(namesOf(collections), "user", "member", "회원"), collections, isCollection); err != nil {
		return err
	}
	if p.Meetings == "" && q != nil {
		rest := slices.DeleteFunc(slices.Clone(collections), func(s processors.Suggestion) bool { return s.Value == p.Users })
		if err := q.perhaps(&p.Meetings, "init ask meetings", likely(namesOf(rest), "meeting", "call", "미팅"), rest, isCollection); err != nil {
			return err
		}
	} else if err := isCollection(p.Meetings); err != nil {
		return err
	}
	own := slices.DeleteFunc(slices.Clone(dimensions), func(s processors.Suggestion) bool { return !strings.HasPrefix(s.Value, "customUser:") })
	isDimension := among(dimensions, func(v, nearest string) error {
		return fault.New("cli_init_dimension", "dimension", v, "property", p.Property, "nearest", nearest).Permanent()
	})
	if err := q.settle(&p.Dimension, "init ask dimension", likely(namesOf(own), "mid", "uid", "user_id", "userid", "member"), own, isDimension); err != nil {
		return err
	}
	return a.initPlaces(look, q, datasets)
}

// initPlaces settles the dataset, where it lies, and the schedule.
func (a *app) initPlaces(look *prober, q *questions, datasets []processors.Suggestion) error {
	p := look.project
	good := func(v string) error { return refused(kindOfDataset, "dataset", v) }
	fresh := strings.ReplaceAll(p.slug(), "-", "_")
	if err := q.settle(&p.Dataset, "init ask dataset", orDefault(likely(namesOf(datasets)), fresh), datasets, good); err != nil {
		return err
	}
	there, err := look.list("LoadBigQuery", "location", "dataset", p.Dataset)
	switch {
	case err != nil:
		return err
	case len(there) > 0 && p.Location != "" && !strings.EqualFold(p.Location, there[0].Value):
		return fault.New("cli_init_location", "dataset", p.Dataset, "have", there[0].Value, "want", p.Location).Permanent()
	case len(there) > 0:
		p.DatasetThere, p.Location = true, there[0].Value
	case p.Location == "" && q == nil:
		return fault.New("cli_setup_location", "dataset", p.Dataset).Permanent()
	default:
		if err := q.settle(&p.Location, "init ask location", "asia-northeast3", nil, func(v string) error {
			if !place.MatchString(v) {
				return fault.New("cli_setup_place", "location", v).Permanent()
			}
			return nil
		}); err != nil {
			return err
		}
	}
	zone := orDefault(p.PropertyZone, "UTC")
	if q == nil && p.Zone == "" {
		p.Zone = zone
	}
	if err := q.settle(&p.Zone, "init ask zone", zone, nil, func(v string) error {
		if !goodZone(v) {
			return fault.New("cli_init_zone", "zone", v).Permanent()
		}
		return nil
	}); err != nil {
		return err
	}
	if p.PropertyZone != "" && p.Zone != p.PropertyZone {
		a.note("init zones", "property", p.Property, "have", p.PropertyZone, "want", p.Zone)
	}
	return nil
}

// initFields finds out what the collections hold, and settles the key.
func (a *app) initFields(look *prober, q *questions, keySaid bool) (doubts []string, err error) {
	p := look.project
	users, err := look.infer(p.Users)
	if err != nil {
		return nil, err
	}
	p.UsersFields = &found{users.Schema}
	for _, d := range users.Doubts {
		doubts = append(doubts, p.Users+": "+d)
	}
	isKey := func(v string) error { return p.UsersFields.checkKey(p.Users, v) }
	if q != nil && !keySaid {
		p.UsersKey = ""
	}
	if err := q.settle(&p.UsersKey, "init ask key", p.UsersFields.likelyKey(), nil, isKey); err != nil {
		return nil, err
	}
	if p.Meetings == "" {
		return doubts, nil
	}
	meetings, err := look.infer(p.Meetings)
	if err != nil {
		return nil, err
	}
	p.MeetingsFields = &found{meetings.Schema}
	for _, d := range meetings.Doubts {
		doubts = append(doubts, p.Meetings+": "+d)
	}
	return doubts, nil
}

// distinct joins errors, each text once.
func distinct(errs ...error) error {
	var out []error
	for _, e := range errs {
		if e != nil && !slices.ContainsFunc(out, func(o error) bool { return o.Error() == e.Error() }) {
			out = append(out, e)
		}
	}
	return errors.Join(out...)
}

func namesOf(values []processors.Suggestion) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Value
	}
	return out
}

// likely is the first name that holds a word, by the order of the words, or the
// only one there is.
func likely(names []string, wanted ...string) string {
	for _, w := range wanted {
		for _, n := range names {
			if strings.Contains(strings.ToLower(n), w) {
				return n
			}
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return ""
}
