package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/server"
	"github.com/weirflow/weir/setup"
)

func (a *app) initVerb() *cobra.Command {
	var (
		p     setup.Project
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
	f.StringVar(&p.UsersKey, "users-key", setup.DefaultUsersKey, "")
	f.StringVar(&p.Meetings, "meetings", "", "")
	f.StringVar(&p.Dimension, "dimension", "", "")
	f.StringVar(&p.Zone, "zone", "", "")
	f.StringVar(&p.At, "at", setup.DefaultAt, "")
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
func (a *app) initProject(ctx context.Context, p *setup.Project, out string, force, keySaid bool) error {
	q := a.questions(ctx)
	if q == nil {
		if missing := missingOf(p); len(missing) > 0 {
			return fault.New("cli_init_missing", "flags", strings.Join(missing, ", ")).Permanent()
		}
	}
	if err := a.initAccount(p, q); err != nil {
		return err
	}
	flowPath, paramsPath := pathsOf(p, out)
	if !force {
		for _, path := range []string{flowPath, paramsPath} {
			if _, err := os.Lstat(path); err == nil {
				return fault.New("cli_init_exists", "file", path).Permanent()
			}
		}
	}
	var doubts []string
	var made *setup.Made
	err := a.with(ctx, borrow, func(l *link) (err error) {
		look := &prober{ctx: ctx, link: l, project: p}
		if err := a.initChoose(look, q); err != nil {
			return err
		}
		if doubts, err = a.initFields(look, q, keySaid); err != nil {
			return err
		}
		made, err = p.Flow()
		return err
	})
	if err != nil {
		return err
	}
	params, err := json.MarshalIndent(p.Params(), "", "  ")
	if err != nil {
		return err
	}
	if err := errors.Join(replaceFile(flowPath, made.Doc), replaceFile(paramsPath, append(params, '\n'))); err != nil {
		return err
	}
	for _, d := range doubts {
		a.note("infer doubt", "what", d)
	}
	return a.answer(map[string]any{"flow": flowPath, "params": paramsPath, "id": made.ID, "columns": made.Columns, "doubts": doubts}, func() {
		a.showInit(p, made, flowPath, paramsPath)
	})
}

// showInit tells what was written and what to do next.
func (a *app) showInit(p *setup.Project, made *setup.Made, flowPath, paramsPath string) {
	a.print("init written", "flow", flowPath, "params", paramsPath)
	a.print("init columns", "columns", strings.Join(made.Columns, ", "), "users", p.Users)
	if p.Meetings != "" {
		a.print("init meetings", "meetings", p.Meetings, "fields", made.Meetings)
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
	t.row("  "+a.own()+" flow verify "+flow+params+box+a.where(), "# "+a.say("init next verify"))
	t.row("  "+a.own()+" flow access "+flow+params+a.where(), "# "+a.say("init next access"))
	t.row("  "+a.own()+" run start --file "+flow+params+box+a.where(), "# "+a.say("init next run"))
	fmt.Fprint(a.stdout, t)
}

// missingOf are the flags that must be given where nobody can be asked.
func missingOf(p *setup.Project) (flags []string) {
	for _, f := range []struct{ flag, value string }{{"--project", p.Project}, {"--property", p.Property}, {"--dataset", p.Dataset},
		{"--users", p.Users}, {"--dimension", p.Dimension}} {
		if f.value == "" {
			flags = append(flags, f.flag)
		}
	}
	return flags
}

// pathsOf are those of the flow and of its parameters, which lie beside it under
// its name, so that another name is free for both.
func pathsOf(p *setup.Project, out string) (flow, params string) {
	if out == "" {
		out = p.Slug() + "-daily.json"
	}
	return out, strings.TrimSuffix(strings.TrimSuffix(out, filepath.Ext(out)), "-daily") + "-params.json"
}

// initAccount settles what must be known before anything can be asked, by the
// rules of the kinds that will get it.
func (a *app) initAccount(p *setup.Project, q *questions) error {
	good := func(kind, key string) func(string) error {
		return func(v string) error {
			if v == "" {
				return nil
			}
			return setup.Refused(kind, key, v)
		}
	}
	if err := q.settle(&p.Project, "init ask project", "", nil, good(setup.KindOfProject, "project")); err != nil {
		return err
	}
	if err := q.settle(&p.Property, "init ask property", "", nil, good(setup.KindOfProperty, "property")); err != nil {
		return err
	}
	return p.Check()
}

// prober asks the services through nodes of a flow that is never stored.
type prober struct {
	ctx     context.Context
	link    *link
	project *setup.Project
}

func (l *prober) list(kind, property string, pairs ...string) ([]processors.Suggestion, error) {
	doc, err := l.project.Asking(kind, pairs...)
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
	doc, err := l.project.Asking("ReadFirestore", "collection", collection)
	if err != nil {
		return nil, err
	}
	return post[server.Inferred](l.ctx, l.link, at("infer"), server.InferSchema{Doc: doc, Node: "node", Sample: setup.Sample})
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
	isCollection := func(v string) error { return p.CheckCollection(v, collections) }
	if err := q.settle(&p.Users, "init ask users", setup.LikelyUsers(collections), collections, isCollection); err != nil {
		return err
	}
	if p.Meetings == "" && q != nil {
		rest := slices.DeleteFunc(slices.Clone(collections), func(s processors.Suggestion) bool { return s.Value == p.Users })
		if err := q.perhaps(&p.Meetings, "init ask meetings", setup.LikelyMeetings(rest), rest, isCollection); err != nil {
			return err
		}
	} else if err := isCollection(p.Meetings); err != nil {
		return err
	}
	own := setup.OwnDimensions(dimensions)
	isDimension := func(v string) error { return p.CheckDimension(v, dimensions) }
	if err := q.settle(&p.Dimension, "init ask dimension", setup.LikelyDimension(own), own, isDimension); err != nil {
		return err
	}
	return a.initPlaces(look, q, datasets)
}

// initPlaces settles the dataset, where it lies, and the schedule.
func (a *app) initPlaces(look *prober, q *questions, datasets []processors.Suggestion) error {
	p := look.project
	good := func(v string) error { return setup.Refused(setup.KindOfDataset, "dataset", v) }
	if err := q.settle(&p.Dataset, "init ask dataset", p.LikelyDataset(datasets), datasets, good); err != nil {
		return err
	}
	there, err := look.list("LoadBigQuery", "location", "dataset", p.Dataset)
	if err != nil {
		return err
	}
	if len(there) == 0 && p.Location == "" && q != nil {
		if err := q.settle(&p.Location, "init ask location", setup.LikelyLocation, nil, setup.CheckPlace); err != nil {
			return err
		}
	}
	if err := p.CheckLocation(there); err != nil {
		return err
	}
	zone := orDefault(p.PropertyZone, "UTC")
	if q == nil && p.Zone == "" {
		p.Zone = zone
	}
	if err := q.settle(&p.Zone, "init ask zone", zone, nil, setup.CheckZone); err != nil {
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
	p.UsersFields = &setup.Fields{Schema: users.Schema}
	for _, d := range users.Doubts {
		doubts = append(doubts, p.Users+": "+d)
	}
	isKey := func(v string) error { return p.UsersFields.CheckKey(p.Users, v) }
	if q != nil && !keySaid {
		p.UsersKey = ""
	}
	if err := q.settle(&p.UsersKey, "init ask key", p.UsersFields.LikelyKey(), nil, isKey); err != nil {
		return nil, err
	}
	if p.Meetings == "" {
		return doubts, nil
	}
	meetings, err := look.infer(p.Meetings)
	if err != nil {
		return nil, err
	}
	p.MeetingsFields = &setup.Fields{Schema: meetings.Schema}
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
