package server

import "github.com/weirflow/weir/web"

// Audit tells which flow is run, and for which slot.
func (in *StartRun) Audit(a *web.Act) {
	a.Flow = in.Flow
	a.Args = pairs("slot", in.Slot, "kind", in.Kind, "by", in.By)
}

// Audit tells what was done to the draft; edits of a kind that follow each other
// are one line.
func (in *EditFlow) Audit(a *web.Act) {
	a.Args, a.Fold = pairs("label", in.Label), true
}

// pairs returns the named values that are not empty.
func pairs(all ...string) map[string]string {
	out := map[string]string{}
	for i := 0; i < len(all); i += 2 {
		if all[i+1] != "" {
			out[all[i]] = all[i+1]
		}
	}
	return out
}
