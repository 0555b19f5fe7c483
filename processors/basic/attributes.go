package basic

import (
	"strings"

	"github.com/weirflow/weir/flowfile"
)

// reserved reports whether an attribute belongs to Weir.
func reserved(name string) bool {
	return name == flowfile.SchemaAttr || strings.HasPrefix(name, flowfile.RunPrefix)
}
