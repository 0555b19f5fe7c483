package bigquery

import "net/http"

type jobKey struct{ location, id string }
type job struct{}
type upload struct{}
type jobFault struct{}

var macros []string

func (s *Server) serveUpload(http.ResponseWriter, *call) error {
	return problem(ReasonNotImplemented, "Uploads are not supported by the sandbox.")
}

func serveDiscovery(http.ResponseWriter, *call) error {
	return problem(ReasonNotImplemented, "Discovery is not supported by the sandbox.")
}
