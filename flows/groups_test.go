package flows_test

import (
	_ "github.com/weirflow/weir/processors/basic" // the ports of groups
)
