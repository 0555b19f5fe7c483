package bigquery

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// ReadOnlyHeader is set, to any value, on a request for what may be done to a
// table when whoever asks may only read it. Who that is, and what is his to do,
// is for the caller of the Server to know.
const ReadOnlyHeader = "X-Sandbox-Read-Only"

// testTablePermissions answers which of some permissions one has on a table.
func testTablePermissions(s *Server, c *call) (any, error) {
	if _, err := getTable(s, c); err != nil {
		return nil, err
	}
	var in, out struct {
		Permissions []string `json:"permissions,omitempty"`
	}
	if err := json.NewDecoder(io.LimitReader(c.Body, 1<<20)).Decode(&in); err != nil {
		return nil, problem(ReasonInvalid, "Invalid JSON payload received: %v", err)
	}
	out.Permissions = slices.DeleteFunc(in.Permissions, func(p string) bool {
		verb := p[strings.LastIndexByte(p, '.')+1:]
		return c.Header.Get(ReadOnlyHeader) != "" && verb != "get" && verb != "getData" && verb != "list"
	})
	return out, nil
}
