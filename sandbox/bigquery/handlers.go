package bigquery

// handlers answer the methods that take and give JSON. Their answer is nil for
// none.
var handlers map[string]func(*Server, *call) (any, error)

func init() {
	handlers = map[string]func(*Server, *call) (any, error){
		"projects.list":              listProjects,
		"projects.getServiceAccount": getServiceAccount,
		"datasets.list":              listDatasets,
		"datasets.insert":            insertDataset,
		"datasets.get":               getDataset,
		"datasets.patch":             changeDataset,
		"datasets.update":            changeDataset,
		"datasets.delete":            deleteDataset,
		"tables.list":                listTables,
		"tables.insert":              insertTable,
		"tables.get":                 getTable,
		"tables.patch":               changeTable,
		"tables.update":              changeTable,
		"tables.delete":              deleteTable,
		"tables.testIamPermissions":  testTablePermissions,
		"tabledata.list":             listRows,
		"tabledata.insertAll":        insertAll,
		"jobs.insert":                postJob,
		"jobs.get":                   getJob,
		"jobs.list":                  listJobs,
		"jobs.cancel":                cancelJob,
		"jobs.delete":                deleteJob,
		"jobs.query":                 postQuery,
		"jobs.getQueryResults":       getResults,
		"models.list":                listNothing,
		"routines.list":              listNothing,
	}
}

func listProjects(s *Server, _ *call) (any, error) {
	type reference struct {
		ProjectID string `json:"projectId"`
	}
	type item struct {
		Kind         string    `json:"kind"`
		ID           string    `json:"id"`
		NumericID    string    `json:"numericId"`
		Reference    reference `json:"projectReference"`
		FriendlyName string    `json:"friendlyName"`
	}
	p := s.config.Project
	return struct {
		Kind     string `json:"kind"`
		Projects []item `json:"projects"`
		Total    int    `json:"totalItems"`
	}{"bigquery#projectList", []item{{"bigquery#project", p, "412345678001", reference{p}, p}}, 1}, nil
}

func getServiceAccount(s *Server, _ *call) (any, error) {
	return map[string]string{"kind": "bigquery#getServiceAccountResponse", "email": "bq-412345678001@bigquery-encryption.iam.gserviceaccount.com"}, nil
}

func listNothing(_ *Server, c *call) (any, error) {
	return map[string]string{"kind": "bigquery#" + c.method}, nil
}
