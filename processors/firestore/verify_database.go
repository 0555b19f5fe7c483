package firestore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/googleapi"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/processors/google"
)

// lookTime bounds a look at what databases there are.
const lookTime = 10 * time.Second

// database is what the administration of Firestore says about one.
type database struct {
	Name     string `json:"name"`
	Location string `json:"locationId"`
	Type     string `json:"type"`
}

// id returns the database's id, the last part of its name.
func (d database) id() string { return path.Base(d.Name) }

// native reports whether the database can be read as Firestore.
func (d database) native() bool { return d.Type == "FIRESTORE_NATIVE" }

// look asks the administration of Firestore.
func (r *ReadFirestore) look(ctx context.Context, what string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	client, root := r.client.HTTP(google.Firestore)
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, root+what, nil)
	if err != nil {
		return fmt.Errorf("look for a database: %w", err)
	}
	res, err := client.Do(q)
	if err != nil {
		return fmt.Errorf("look for a database: %w", err)
	}
	err = googleapi.CheckResponse(res)
	if err == nil {
		err = json.NewDecoder(res.Body).Decode(into)
	}
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return fmt.Errorf("look for a database: %w", err)
	}
	return nil
}

// verifyDatabase looks the database up: whether there is one of that name, its
// mode and where it lies. An account that may read documents need not be allowed
// to see that. Further is false when documents cannot be read.
func (r *ReadFirestore) verifyDatabase(ctx context.Context) (step processors.Step, at string, further bool) {
	var d database
	err := r.look(ctx, r.client.DatabasePath(), &d)
	var answered *googleapi.Error
	switch {
	case err == nil && !d.native():
		return processors.Failed(stepDatabase, r.datastoreMode()), "", false
	case err == nil:
		return processors.Passed(stepDatabase, fault.New("firestore_note_database", "database", r.client.Database, "project", r.client.Project, "location", d.Location)), d.Location, true
	case errors.As(err, &answered) && answered.Code == http.StatusNotFound && r.client.Sandboxed && answered.Message == "":
		// Not the sandbox but another stand-in, which serves documents alone.
		return processors.Skipped(stepDatabase, fault.New("firestore_note_database_hidden")), "", true
	case errors.As(err, &answered) && answered.Code == http.StatusNotFound:
		return processors.Failed(stepDatabase, r.noDatabase(ctx)), "", false
	case errors.As(err, &answered) && strings.Contains(answered.Body, datastoreModeText):
		return processors.Failed(stepDatabase, r.datastoreMode()), "", false
	}
	if f := r.client.Explain(google.Firestore, "", err); f != nil {
		return processors.Failed(stepDatabase, f), "", false
	}
	if answered != nil && answered.Code == http.StatusForbidden {
		return processors.Skipped(stepDatabase, fault.New("firestore_note_database_hidden")), "", true
	}
	return processors.Skipped(stepDatabase, fault.New("firestore_note_database_unseen", "error", clipText(err.Error()))), "", true
}

// noDatabase is the fault of a database that there is not, with those that there
// are where the account may see them.
func (r *ReadFirestore) noDatabase(ctx context.Context) error {
	project, name := r.client.Project, r.client.Database
	var all struct {
		Databases []database `json:"databases"`
	}
	if r.look(ctx, "projects/"+project+"/databases", &all) != nil {
		return fault.New("firestore_no_database", "project", project, "database", name).Permanent()
	}
	var ids []string
	for _, d := range all.Databases {
		if d.native() {
			ids = append(ids, d.id())
		}
	}
	if slices.Contains(ids, name) {
		return fault.New("firestore_no_database", "project", project, "database", name).Permanent()
	}
	if len(ids) == 0 {
		return fault.New("firestore_none", "project", project).Permanent()
	}
	slices.Sort(ids)
	return fault.New("firestore_other_databases", "project", project, "database", name, "known", strings.Join(ids, ", ")).Permanent()
}

// datastoreModeText is in what Firestore answers for a database of the other
// mode.
const datastoreModeText = "Datastore Mode"

func (r *ReadFirestore) datastoreMode() error {
	return fault.New("firestore_datastore_mode", "project", r.client.Project, "database", r.client.Database).Permanent()
}
