package sandbox

import (
	"net/http"
	"strings"
)

// location is where the sandbox's database is said to lie.
const location = "asia-northeast3"

// databaseAnswer is a database as the administration of Firestore tells it.
type databaseAnswer struct {
	Name     string `json:"name"`
	Location string `json:"locationId"`
	Type     string `json:"type"`
	Edition  string `json:"databaseEdition"`
}

// mountDatabases serves what the administration of Firestore says about
// databases: GET /v1/projects/P/databases and, below that, one of them.
func (s *Sandbox) mountDatabases() {
	method := func(r *http.Request) string {
		if strings.HasSuffix(r.URL.Path, "/databases") {
			return "ListDatabases"
		}
		return "GetDatabase"
	}
	s.mount("/v1/projects/", Firestore, method, http.HandlerFunc(s.serveDatabases))
}

func (s *Sandbox) serveDatabases(w http.ResponseWriter, r *http.Request) {
	n := s.service.names
	mine := databaseAnswer{Name: strings.TrimSuffix(n.root, "/documents"), Location: location, Type: "FIRESTORE_NATIVE", Edition: "STANDARD"}
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	project, all := strings.CutSuffix(path, "/databases")
	if r.Method != http.MethodGet || strings.Count(path, "/") > 3 {
		refuse("NOT_FOUND", "Method not found.").write(w, Firestore)
		return
	}
	if all {
		path = project + "/databases/" + n.database
	}
	if err := n.checkDatabase(path + "/documents"); err != nil {
		s.injected(Firestore, err).write(w, Firestore)
		return
	}
	if all {
		writeJSON(w, http.StatusOK, map[string][]databaseAnswer{"databases": {mine}})
		return
	}
	writeJSON(w, http.StatusOK, mine)
}
