package bigquery

import (
	"net/http"
)

func serveDiscovery(w http.ResponseWriter, c *call) error {
	answer(w, http.StatusOK, map[string]string{"host": c.Host})
	return nil
}
