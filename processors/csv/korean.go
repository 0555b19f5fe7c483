package csv

import (
	_ "embed" // the Korean texts

	"github.com/weirflow/weir/processors"
)

//go:embed korean.json
var korean []byte

var _ = processors.Korean(korean)
