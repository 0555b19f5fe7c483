package sandbox

import "net/http"

// mountBigQuery serves BigQuery.
func (s *Sandbox) mountBigQuery(Config) error {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refuse("UNIMPLEMENTED", "The sandbox has no BigQuery.").write(w, BigQuery)
	})
	for _, p := range []string{"/bigquery/v2/", "/upload/bigquery/v2/", "/resumable/", "/projects/"} {
		s.mount(p, BigQuery, bigqueryMethod, h)
	}
	return nil
}
