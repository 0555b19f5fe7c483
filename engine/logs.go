package engine

import (
	"log/slog"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/runs"
)

// loggerFor returns the logger of a run, or of a flow's continuous data when id
// is empty: it writes to the server's log and to the run's own.
func (e *Engine) loggerFor(flow, id string) *slog.Logger {
	h := e.log.Handler()
	if e.cfg.RunLog != nil && id != "" {
		if own := e.cfg.RunLog(flow, id); own != nil {
			h = slog.NewMultiHandler(h, own)
		}
	}
	l := slog.New(h).With("flow", flow)
	if id != "" {
		l = l.With("run", id)
	}
	return l
}

// tell logs the transitions of a commit.
func (e *Engine) tell(flow string, eff runs.Effects) {
	r, err := e.store.Run(flow, eff.Run)
	if err != nil {
		e.log.Error("read run", "flow", flow, "error", err)
		return
	}
	l := e.loggerFor(flow, r.ID)
	for _, c := range eff.Changes {
		args := []any{"to", c.To}
		if c.From != "" {
			args = []any{"from", c.From, "to", c.To}
		}
		if c.Node != "" {
			args = append(args, "node", c.Node)
		}
		if c.Code != "" {
			args = append(args, "code", c.Code)
		}
		if c.Why != "" {
			args = append(args, "why", c.Why)
		}
		l.Info("state changed", args...)
		if c.Node == "" && c.To == string(runs.Failed) {
			e.bulletin(flow, r.ID, "", "error", endOf(r))
		}
	}
}

// endOf is the fault with which a run has ended.
func endOf(r *runs.Run) error {
	if r.Note != nil {
		return r.Note.Err()
	}
	return fault.New("run_failed", "run", r.ID, "why", r.Why)
}
