package bigquery

import (
	"net/http"
	"regexp"
	"strings"
)

// described is a method as the discovery document tells it. A parameter of a
// query whose name ends in * may be repeated; types are told by the table of
// parameterTypes, others are strings.
type described struct{ id, verb, path, query, body string }

var describedMethods = []described{
	{"projects.list", "GET", "projects", "maxResults pageToken", ""},
	{"projects.getServiceAccount", "GET", "projects/{+projectId}/serviceAccount", "", ""},
	{"datasets.list", "GET", "projects/{+projectId}/datasets", "all filter maxResults pageToken", ""},
	{"datasets.insert", "POST", "projects/{+projectId}/datasets", "accessPolicyVersion", "Dataset"},
	{"datasets.get", "GET", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion datasetView", ""},
	{"datasets.patch", "PATCH", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion updateMode", "Dataset"},
	{"datasets.update", "PUT", "projects/{+projectId}/datasets/{+datasetId}", "accessPolicyVersion updateMode", "Dataset"},
	{"datasets.delete", "DELETE", "projects/{+projectId}/datasets/{+datasetId}", "deleteContents", ""},
	{"tables.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables", "maxResults pageToken", ""},
	{"tables.insert", "POST", "projects/{+projectId}/datasets/{+datasetId}/tables", "", "Table"},
	{"tables.get", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "selectedFields view", ""},
	{"tables.patch", "PATCH", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "autodetect_schema", "Table"},
	{"tables.update", "PUT", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "autodetect_schema", "Table"},
	{"tables.delete", "DELETE", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}", "", ""},
	{"tabledata.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/data", "maxResults pageToken selectedFields startIndex formatOptions.useInt64Timestamp formatOptions.timestampOutputFormat", ""},
	{"tabledata.insertAll", "POST", "projects/{+projectId}/datasets/{+datasetId}/tables/{+tableId}/insertAll", "", "TableDataInsertAllRequest"},
	{"jobs.list", "GET", "projects/{+projectId}/jobs", "allUsers maxCreationTime maxResults minCreationTime pageToken parentJobId projection stateFilter*", ""},
	{"jobs.insert", "POST", "projects/{+projectId}/jobs", "", "Job"},
	{"jobs.get", "GET", "projects/{+projectId}/jobs/{+jobId}", "location", ""},
	{"jobs.cancel", "POST", "projects/{+projectId}/jobs/{+jobId}/cancel", "location", ""},
	{"jobs.delete", "DELETE", "projects/{+projectId}/jobs/{+jobId}/delete", "location", ""},
	{"jobs.query", "POST", "projects/{+projectId}/queries", "", "QueryRequest"},
	{"jobs.getQueryResults", "GET", "projects/{+projectId}/queries/{+jobId}", "location maxResults pageToken startIndex timeoutMs formatOptions.useInt64Timestamp formatOptions.timestampOutputFormat", ""},
	{"models.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/models", "maxResults pageToken", ""},
	{"routines.list", "GET", "projects/{+projectId}/datasets/{+datasetId}/routines", "filter maxResults pageToken readMask", ""},
}

var parameterTypes = map[string]string{"maxResults": "integer", "accessPolicyVersion": "integer", "timeoutMs": "integer",
	"all": "boolean", "allUsers": "boolean", "deleteContents": "boolean", "autodetect_schema": "boolean", "formatOptions.useInt64Timestamp": "boolean"}

var pathParameter = regexp.MustCompile(`\{\+(\w+)\}`)

// The parts of a discovery document that clients are made from.
type (
	discoveryParameter struct {
		Type     string `json:"type"`
		Location string `json:"location"`
		Required bool   `json:"required,omitempty"`
		Repeated bool   `json:"repeated,omitempty"`
	}
	discoveryRef struct {
		Ref string `json:"$ref"`
	}
	discoveryProtocol struct {
		Multipart bool   `json:"multipart"`
		Path      string `json:"path"`
	}
	discoveryUpload struct {
		Accept    []string                     `json:"accept"`
		Protocols map[string]discoveryProtocol `json:"protocols"`
	}
	discoveryMethod struct {
		ID          string                        `json:"id"`
		Path        string                        `json:"path"`
		FlatPath    string                        `json:"flatPath"`
		HTTPMethod  string                        `json:"httpMethod"`
		Parameters  map[string]discoveryParameter `json:"parameters"`
		Order       []string                      `json:"parameterOrder"`
		Request     *discoveryRef                 `json:"request,omitempty"`
		Response    *discoveryRef                 `json:"response,omitempty"`
		Scopes      []string                      `json:"scopes"`
		Uploads     bool                          `json:"supportsMediaUpload,omitempty"`
		MediaUpload *discoveryUpload              `json:"mediaUpload,omitempty"`
	}
	discoveryResource struct {
		Methods map[string]discoveryMethod `json:"methods"`
	}
	discoverySchema struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	discoveryDocument struct {
		Kind        string                        `json:"kind"`
		Version     string                        `json:"discoveryVersion"`
		ID          string                        `json:"id"`
		Name        string                        `json:"name"`
		APIVersion  string                        `json:"version"`
		Title       string                        `json:"title"`
		Protocol    string                        `json:"protocol"`
		RootURL     string                        `json:"rootUrl"`
		ServicePath string                        `json:"servicePath"`
		BaseURL     string                        `json:"baseUrl"`
		BasePath    string                        `json:"basePath"`
		BatchPath   string                        `json:"batchPath"`
		Parameters  map[string]discoveryParameter `json:"parameters"`
		Schemas     map[string]discoverySchema    `json:"schemas"`
		Resources   map[string]discoveryResource  `json:"resources"`
	}
)

// describe returns the method's part of the document.
func (m described) describe() discoveryMethod {
	d := discoveryMethod{ID: "bigquery." + m.id, Path: m.path, FlatPath: strings.ReplaceAll(m.path, "{+", "{"), HTTPMethod: m.verb,
		Parameters: map[string]discoveryParameter{}, Scopes: []string{"https://www.googleapis.com/auth/bigquery"}}
	for _, p := range pathParameter.FindAllStringSubmatch(m.path, -1) {
		d.Parameters[p[1]] = discoveryParameter{Type: "string", Location: "path", Required: true}
		d.Order = append(d.Order, p[1])
	}
	for name := range strings.FieldsSeq(m.query) {
		name, repeated := strings.CutSuffix(name, "*")
		kind := parameterTypes[name]
		if kind == "" {
			kind = "string"
		}
		d.Parameters[name] = discoveryParameter{Type: kind, Location: "query", Repeated: repeated}
	}
	if m.body != "" {
		d.Request = &discoveryRef{m.body}
	}
	if m.verb != http.MethodDelete {
		d.Response = &discoveryRef{"Answer"}
	}
	if m.id == "jobs.insert" {
		d.Uploads = true
		d.MediaUpload = &discoveryUpload{Accept: []string{"*/*"}, Protocols: map[string]discoveryProtocol{
			"simple":    {true, "/upload/bigquery/v2/" + m.path},
			"resumable": {true, "/resumable/upload/bigquery/v2/" + m.path},
		}}
	}
	return d
}

// serveDiscovery answers with the methods that the server has, from which the
// bq command and other clients are built.
func serveDiscovery(w http.ResponseWriter, c *call) error {
	root := "http://" + c.Host + "/"
	d := discoveryDocument{Kind: "discovery#restDescription", Version: "v1", ID: "bigquery:v2", Name: "bigquery", APIVersion: "v2",
		Title: "BigQuery API", Protocol: "rest", RootURL: root, ServicePath: "bigquery/v2/", BaseURL: root + "bigquery/v2/",
		BasePath: "/bigquery/v2/", BatchPath: "batch/bigquery/v2", Parameters: map[string]discoveryParameter{},
		Schemas:   map[string]discoverySchema{"Answer": {"Answer", "object"}},
		Resources: map[string]discoveryResource{}}
	for _, name := range []string{"alt", "fields", "key", "quotaUser", "access_token", "oauth_token"} {
		d.Parameters[name] = discoveryParameter{Type: "string", Location: "query"}
	}
	d.Parameters["prettyPrint"] = discoveryParameter{Type: "boolean", Location: "query"}
	for _, m := range describedMethods {
		resource, name, _ := strings.Cut(m.id, ".")
		if d.Resources[resource].Methods == nil {
			d.Resources[resource] = discoveryResource{map[string]discoveryMethod{}}
		}
		d.Resources[resource].Methods[name] = m.describe()
		if m.body != "" {
			d.Schemas[m.body] = discoverySchema{m.body, "object"}
		}
	}
	answer(w, http.StatusOK, d)
	return nil
}
