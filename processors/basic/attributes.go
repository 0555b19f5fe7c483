package basic

import (
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// reserved reports whether an attribute belongs to Weir.
func reserved(name string) bool {
	return name == flowfile.SchemaAttr || strings.HasPrefix(name, flowfile.RunPrefix)
}

// refuse sends a FlowFile to the output failure with the reason.
func refuse(s *flowfile.Session, f *flowfile.FlowFile, err error) {
	s.Set(f, "reject.code", fault.CodeOf(err))
	s.Set(f, "reject.reason", err.Error())
	s.Transfer(f, "failure")
}
