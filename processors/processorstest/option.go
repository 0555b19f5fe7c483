package processorstest

import (
	"context"
	"io"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

// Settings are the settings of a node as Go values; they are encoded as JSON.
type Settings map[string]any

// Option changes the surroundings of a node.
type Option func(*config)

type config struct {
	run        flowfile.Run
	continuous bool
	params     map[string]processors.Param
	services   map[string]string
	clients    map[string]any
	secrets    processors.MemorySecrets
	sandbox    string
	now        time.Time
	unwired    map[string]bool
	dir        string
	through    func(io.Writer) io.Writer
	ctx        context.Context
	process    func(processors.Processor) processors.Processor
}

// Zone is the zone of the run that nodes work for.
const Zone = "Asia/Seoul"

func defaults() *config {
	c := &config{params: map[string]processors.Param{}, services: map[string]string{}, clients: map[string]any{},
		secrets: processors.MemorySecrets{}, unwired: map[string]bool{}, ctx: context.Background(),
		now: time.Date(2026, 11, 21, 21, 0, 0, 0, time.UTC)}
	Date("2026-11-21")(c)
	return c
}

// Date makes the node work for the daily slot of a date.
func Date(date string) Option {
	return func(c *config) {
		zone, err := time.LoadLocation(Zone)
		if err != nil {
			panic(err) // no zone data: nothing in Weir would work
		}
		start, err := time.ParseInLocation(time.DateOnly, date, zone)
		if err != nil {
			panic(err)
		}
		c.run = flowfile.Run{Number: 1, ID: "01JD0000000000000000000000", Flow: "test", Slot: date, Date: date, Start: start,
			End: start.AddDate(0, 0, 1), Zone: Zone, Generation: 1, Kind: "manual", Try: 1}
	}
}

// Run makes the node work for this run; its Number must not be zero.
func Run(run flowfile.Run) Option { return func(c *config) { c.run = run } }

// Continuous makes the node work on continuous data, which belongs to no run.
func Continuous() Option {
	return func(c *config) { c.continuous, c.run = true, flowfile.Run{} }
}

// Param declares a parameter of the flow with its value.
func Param(name, typ, value string) Option {
	return func(c *config) { c.params[name] = processors.Param{Type: typ, Value: value, Known: true} }
}

// Service gives the flow a service of a kind with an open client.
func Service(name, kind string, client any) Option {
	return func(c *config) { c.services[name], c.clients[name] = kind, client }
}

// Secret sets a secret.
func Secret(name, value string) Option { return func(c *config) { c.secrets[name] = value } }

// Sandbox sets the address of the sandbox.
func Sandbox(address string) Option { return func(c *config) { c.sandbox = address } }

// Now sets the time at which the clock stands.
func Now(t time.Time) Option { return func(c *config) { c.now = t } }

// Unwired leaves outputs without a connection: they are terminated.
func Unwired(outputs ...string) Option {
	return func(c *config) {
		for _, o := range outputs {
			c.unwired[o] = true
		}
	}
}

// Dir makes dir the files directory instead of a fresh one.
func Dir(dir string) Option { return func(c *config) { c.dir = dir } }

// FilesThrough puts a writer between each file and what is written to it, such
// as one that fails.
func FilesThrough(through func(io.Writer) io.Writer) Option {
	return func(c *config) { c.through = through }
}

// Context sets the context of Start, Process and Stop.
func Context(ctx context.Context) Option { return func(c *config) { c.ctx = ctx } }

// Wrap replaces the processor by what wrap makes of it, to inject a fault.
func Wrap(wrap func(processors.Processor) processors.Processor) Option {
	return func(c *config) { c.process = wrap }
}
