package bigquery

import (
	"net/http"
	"net/url"
	"strings"
)

// Prefixes are the paths under which a Server expects its requests.
var Prefixes = []string{
	"/bigquery/v2/",
	"/upload/bigquery/v2/",
	"/resumable/upload/bigquery/v2/",
	"/discovery/v1/apis/bigquery/v2/rest",
}

// call is a request told apart.
type call struct {
	*http.Request
	method                      string // "tables.get"; empty if there is none
	project, dataset, table, id string
	upload                      bool
}

// Method returns the name of the API method that a request calls, such as
// "jobs.insert", or "" if it calls none. An upload and each of its chunks are
// "jobs.insert" too.
func Method(r *http.Request) string { return newCall(r).method }

func newCall(r *http.Request) *call {
	c := &call{Request: r}
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, "/discovery/v1/apis/bigquery/v2/rest") || strings.HasPrefix(path, "/$discovery/rest") {
		c.method = "discovery"
		return c
	}
	path, resumable := strings.CutPrefix(path, "/resumable")
	path, upload := strings.CutPrefix(path, "/upload")
	c.upload = upload || resumable
	path = strings.TrimPrefix(path, "/bigquery/v2")
	path = strings.Trim(path, "/")
	var parts []string
	for p := range strings.SplitSeq(path, "/") {
		u, err := url.PathUnescape(p)
		if err != nil {
			return c
		}
		parts = append(parts, u)
	}
	if parts[0] != "projects" {
		return c
	}
	c.find(parts[1:])
	return c
}

// find fills the method and the names of the parts after "projects".
func (c *call) find(parts []string) {
	verb := func(of map[string]string) { c.method = of[c.Request.Method] }
	if len(parts) == 0 {
		verb(map[string]string{"GET": "projects.list"})
		return
	}
	c.project = parts[0]
	parts = parts[1:]
	if len(parts) == 0 {
		return
	}
	kind := parts[0]
	if len(parts) > 1 {
		c.id = parts[1]
	}
	switch {
	case kind == "serviceAccount" && len(parts) == 1:
		verb(map[string]string{"GET": "projects.getServiceAccount"})
	case kind == "queries" && len(parts) == 1:
		verb(map[string]string{"POST": "jobs.query"})
	case kind == "queries" && len(parts) == 2:
		verb(map[string]string{"GET": "jobs.getQueryResults"})
	case kind == "jobs" && len(parts) == 1:
		verb(map[string]string{"GET": "jobs.list", "POST": "jobs.insert", "PUT": "jobs.insert"})
		if c.Request.Method == "PUT" && !c.upload {
			c.method = ""
		}
	case kind == "jobs" && len(parts) == 2:
		verb(map[string]string{"GET": "jobs.get"})
	case kind == "jobs" && len(parts) == 3 && parts[2] == "cancel":
		verb(map[string]string{"POST": "jobs.cancel"})
	case kind == "jobs" && len(parts) == 3 && parts[2] == "delete":
		verb(map[string]string{"DELETE": "jobs.delete"})
	case kind == "datasets" && len(parts) == 1:
		verb(map[string]string{"GET": "datasets.list", "POST": "datasets.insert"})
	case kind == "datasets":
		c.dataset, c.id = c.id, ""
		c.findTable(parts[2:])
	}
}

const testPermissions = ":testIamPermissions"

func (c *call) findTable(parts []string) {
	verb := func(of map[string]string) { c.method = of[c.Request.Method] }
	if len(parts) > 1 {
		c.table = parts[1]
	}
	switch {
	case len(parts) == 0:
		verb(map[string]string{"GET": "datasets.get", "PATCH": "datasets.patch", "PUT": "datasets.update", "DELETE": "datasets.delete"})
	case len(parts) == 1 && parts[0] == "tables":
		verb(map[string]string{"GET": "tables.list", "POST": "tables.insert"})
	case len(parts) == 2 && parts[0] == "tables" && strings.HasSuffix(c.table, testPermissions):
		c.table = strings.TrimSuffix(c.table, testPermissions)
		verb(map[string]string{"POST": "tables.testIamPermissions"})
	case len(parts) == 2 && parts[0] == "tables":
		verb(map[string]string{"GET": "tables.get", "PATCH": "tables.patch", "PUT": "tables.update", "DELETE": "tables.delete"})
	case len(parts) == 3 && parts[0] == "tables" && parts[2] == "data":
		verb(map[string]string{"GET": "tabledata.list"})
	case len(parts) == 3 && parts[0] == "tables" && parts[2] == "insertAll":
		verb(map[string]string{"POST": "tabledata.insertAll"})
	case len(parts) == 1 && (parts[0] == "models" || parts[0] == "routines"):
		verb(map[string]string{"GET": parts[0] + ".list"})
	}
}
