package flows_test

import (
	"context"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/runs"
)

// The kinds of these tests: a source with a property of every type, maps, a
// router, whole-run kinds and services.
func init() {
	processors.Register(func() processors.Processor { return &emit{mode: "whole", page: 100, delimiter: ',', header: true} })
	processors.Register(func() processors.Processor { return &tag{} })
	processors.Register(func() processors.Processor { return &choose{} })
	processors.Register(func() processors.Processor { return &number{} })
	processors.Register(func() processors.Processor { return &keep{} })
	processors.Register(func() processors.Processor { return &fill{} })
	processors.Register(func() processors.Processor { return &meet{} })
	processors.Register(func() processors.Processor { return &send{} })
	processors.Register(func() processors.Processor { return &gather{tables: []string{"records"}} })
	processors.RegisterService(func() processors.Service { return &account{} })
	processors.RegisterService(func() processors.Service { return &mailbox{} })
}

type idle struct{}

func (idle) Process(context.Context, *flowfile.Session) error { return nil }

type emit struct {
	idle
	collection, mode, query, code string
	suffix                        string
	page                          int64
	ratio                         float64
	header                        bool
	delimiter                     rune
	fields                        []string
	labels                        map[string]string
	pause                         time.Duration
	chunk                         int64
	title                         processors.Expr
	attributes                    map[string]processors.Expr
	key                           processors.Secret
	service                       processors.ServiceRef
	schema                        *record.Schema
	first, last                   int64
}

func (e *emit) Define(s *processors.Spec) {
	s.Describe("TestEmit", "Emits records.", "source")
	s.Output("success", "The records.")
	s.String(&e.collection, "collection", "What to read.", processors.Required, processors.Example("users"))
	s.Choice(&e.mode, "mode", "How much to read.", []processors.ChoiceValue{{Value: "whole", Doc: "All."}, {Value: "query", Doc: "Some."}})
	s.String(&e.suffix, "suffix", "What follows the code.", processors.DependsOn("code"))
	s.Text(&e.query, "query", "Which ones.", processors.DependsOn("mode", "query"), processors.Required)
	s.String(&e.code, "code", "A country.", processors.Pattern("[A-Z]{2}", "two capital letters"))
	s.Int(&e.page, "page", "How many at a time.", processors.Min(1), processors.Max(1000))
	s.Float(&e.ratio, "ratio", "The share to read.", processors.Min(0.0), processors.Max(1.0))
	s.Bool(&e.header, "header", "Whether to name columns.")
	s.Rune(&e.delimiter, "delimiter", "What stands between fields.")
	s.List(&e.fields, "fields", "Which fields.")
	s.Map(&e.labels, "labels", "Labels by name.")
	s.Duration(&e.pause, "pause", "How long to rest.", processors.Max(time.Hour))
	s.Bytes(&e.chunk, "chunk", "How much at a time.")
	s.Expr(&e.title, "title", "What to call it.")
	s.ExprMap(&e.attributes, "attributes", "Attributes to set.")
	s.Secret(&e.key, "key", "The key.")
	s.Service(&e.service, "service", "TestAccount", "The account.")
	s.Schema(&e.schema, "schema", "The columns.")
	s.Int(&e.first, "first", "The first row.")
	s.Int(&e.last, "last", "The last row.")
}

func (e *emit) Validate(r *processors.Report) {
	if e.first > e.last && r.Known("first", "last") {
		r.Problem("last", fault.New("setting_too_small", "property", "last", "value", e.last, "limit", e.first).Permanent())
	}
}

type tag struct {
	idle
	attributes map[string]processors.Expr
}

func (t *tag) Define(s *processors.Spec) {
	s.Describe("TestTag", "Sets attributes.")
	s.Input("", "What to tag.")
	s.Output("success", "What was tagged.")
	s.Output("failure", "What could not be.", processors.Reject)
	s.ExprMap(&t.attributes, "attributes", "Attributes to set.")
	s.Batching()
}

type choose struct {
	idle
	routes map[string]processors.Expr
}

func (c *choose) Define(s *processors.Spec) {
	s.Describe("TestChoose", "Routes by condition.")
	s.Input("", "What to route.")
	s.Output("unmatched", "What fits no route.", processors.Filter)
	s.ExprMap(&c.routes, "routes", "Conditions by output.")
	s.OutputsFrom("routes")
}

type number struct{ idle }

func (n *number) Define(s *processors.Spec) {
	s.Describe("TestNumber", "Numbers what passes.")
	s.Input("", "What to number.")
	s.Output("success", "What was numbered.")
	s.Single()
}

type keep struct {
	idle
	path processors.Expr
}

func (k *keep) Define(s *processors.Spec) {
	s.Describe("TestKeep", "Writes one file.", "sink")
	s.Input("", "What to keep.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Output("success", "What was kept.")
	s.Expr(&k.path, "path", "Where the file goes.", processors.Required, processors.Example("out/${run.date}.csv"))
	s.Effects("Replaces a file.")
	s.Needs(processors.Need{Kind: processors.NeedWrite, Value: &k.path, Why: "The file is written there."})
}

type fill struct {
	idle
	service               processors.ServiceRef
	project, group, table string
}

func (l *fill) Define(s *processors.Spec) {
	s.Describe("TestFill", "Fills a table.", "sink")
	s.Input("", "What to fill it with.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Output("success", "What was filled.")
	s.Service(&l.service, "service", "TestAccount", "The account.", processors.Required)
	s.String(&l.project, "project", "The project; without it the account's.")
	s.String(&l.group, "group", "The group of tables.", processors.Required)
	s.String(&l.table, "table", "The table.", processors.Required)
	s.Effects("Replaces a table.")
	s.Needs(
		processors.Need{Kind: processors.NeedRole, Value: "roles/test.writer", On: &l.project, Of: &l.service, Why: "The table is written."},
		processors.Need{Kind: processors.NeedResource, Value: &l.group, On: &l.project, Of: &l.service, Why: "The group of the table."},
		processors.Need{Kind: processors.NeedResource, Value: &l.table, On: &l.group, Replaces: true, Why: "The table that is filled."})
}

type meet struct {
	idle
	keys []string
}

func (m *meet) Define(s *processors.Spec) {
	s.Describe("TestMeet", "Joins records.")
	s.Input("left", "The left side.", processors.WholeRun, processors.OnEmpty("fail"))
	s.Input("right", "The right side.", processors.WholeRun)
	s.Output("success", "The joined records.")
	s.Output("unmatched", "What has no partner.", processors.Filter)
	s.List(&m.keys, "keys", "The keys.", processors.Required)
	s.Law(runs.LawNone)
}

type gather struct {
	idle
	tables []string
}

func (g *gather) Define(s *processors.Spec) {
	s.Describe("TestGather", "Takes tables.")
	s.Input("records", "A table.", processors.WholeRun, processors.OnEmpty("pass"))
	s.InputsFrom("tables")
	s.Output("success", "What was gathered.")
	s.List(&g.tables, "tables", "The inputs.", processors.Min(1))
	s.Law(runs.LawNone)
}

type send struct{ idle }

func (m *send) Define(s *processors.Spec) {
	s.Describe("TestSend", "Sends each thing as it comes.", "sink")
	s.Input("", "What to send.")
	s.Output("failure", "What could not be sent.", processors.Reject)
}

type account struct {
	project, endpoint string
	key               processors.Secret
}

func (a *account) Define(s *processors.Spec) {
	s.Describe("TestAccount", "An account.")
	s.String(&a.project, "project", "The project.", processors.Required)
	s.String(&a.endpoint, "endpoint", "Another address.")
	s.Secret(&a.key, "key", "The key.")
	s.Needs(processors.Need{Kind: processors.NeedResource, Value: &a.project, Why: "The project."})
}
func (a *account) Open(context.Context, processors.Env) (any, error) { return a, nil }
func (a *account) Close(context.Context) error                       { return nil }

type mailbox struct{}

func (m *mailbox) Define(s *processors.Spec)                         { s.Describe("TestMailbox", "A mailbox.") }
func (m *mailbox) Open(context.Context, processors.Env) (any, error) { return m, nil }
func (m *mailbox) Close(context.Context) error                       { return nil }
