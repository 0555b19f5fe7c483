package basic

import (
	"context"
	"log/slog"
	"slices"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors"
)

func init() {
	processors.Register(func() processors.Processor { return &LogAttribute{level: "info"} })
}

// LogAttribute writes attributes to the log and passes its FlowFiles on.
type LogAttribute struct {
	level      string
	message    processors.Expr
	attributes []string
	leaveOut   []string
}

// Define describes the kind.
func (l *LogAttribute) Define(s *processors.Spec) {
	s.Describe("LogAttribute", "Writes the attributes of each FlowFile to the log and passes it on.", "log", "attributes", "debug")
	s.Input("", "The FlowFiles to log.")
	s.Choice(&l.level, "level", "The level of the log lines.", []processors.ChoiceValue{
		{Value: "debug", Doc: "For finding faults."}, {Value: "info", Doc: "For reading along."},
		{Value: "warn", Doc: "For what should be looked at."}, {Value: "error", Doc: "For what should not happen."},
	})
	s.Expr(&l.message, "message", "A text to log beside the attributes.", processors.Example("got ${filename}"))
	s.List(&l.attributes, "attributes", "The attributes to log; all when empty.")
	s.List(&l.leaveOut, "leave_out", "Attributes not to log, such as tokens.")
	s.Output("success", "The FlowFiles, unchanged.")
	s.Output("failure", "Those whose attributes make the message fail, with reject.code and reject.reason.", processors.Reject)
	s.Batching()
}

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// Process logs one FlowFile.
func (l *LogAttribute) Process(ctx context.Context, s *flowfile.Session) error {
	f := s.Get()
	if f == nil {
		return nil
	}
	text, err := l.message.Eval(s, f)
	if err != nil {
		refuse(s, f, err)
		return nil
	}
	if log, level := s.Log(), levels[l.level]; log.Enabled(ctx, level) {
		log.LogAttrs(ctx, level, "flowfile", l.line(f, text)...)
	}
	s.Transfer(f, "success")
	return nil
}

// line is what is logged of a FlowFile.
func (l *LogAttribute) line(f *flowfile.FlowFile, text string) []slog.Attr {
	out := []slog.Attr{slog.String("id", f.ID.String()), slog.Int64("size", f.Size())}
	if f.Rows >= 0 && f.Attr(flowfile.SchemaAttr) != "" {
		out = append(out, slog.Int64("rows", f.Rows))
	}
	if text != "" {
		out = append(out, slog.String("message", text))
	}
	var shown []any
	for _, a := range f.Attrs {
		if (len(l.attributes) == 0 || slices.Contains(l.attributes, a.Name)) && !slices.Contains(l.leaveOut, a.Name) {
			shown = append(shown, slog.String(a.Name, a.Value))
		}
	}
	return append(out, slog.Group("attributes", shown...))
}
