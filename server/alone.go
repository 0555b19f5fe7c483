package server

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
)

// atHand refuses to take up a run that another process began, in a process that
// works alone and lacks what the flow f connects to; without f, the flow that
// the run has. Its node would fail for good, and with it the run, only since
// this process was told less than the one that began it.
func (s *Server) atHand(r *runs.Run, f *flows.Flow) error {
	if !s.cfg.Alone || s.cfg.Sandbox != "" || s.cfg.Embedded != nil || s.isOwn(r.Flow, r.Number) {
		return nil
	}
	if f == nil {
		var err error
		if f, err = s.parsed(r.Flow, r.FlowVersions[len(r.FlowVersions)-1]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(f.Services)) {
		var endpoint string
		if json.Unmarshal(f.Services[name].Settings["endpoint"], &endpoint) == nil && known(endpoint, r.Params) == "sandbox" {
			return fault.New("run_lacks_sandbox", "run", r.ID, "service", name, "state", r.State).Permanent()
		}
	}
	return nil
}
