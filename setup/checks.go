package setup

import (
	"encoding/json"

	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/record"
)

// checksTable is a table that nobody has, so that no columns are compared; a
// verification makes none.
const checksTable = "weir_connect_check"

// Checks is a flow that is never stored nor run: its verification tries each
// service of the project, before it is known which data is meant. Collection and
// fields are those of any collection.
func (p *Project) Checks(collection string, fields *record.Schema) (json.RawMessage, error) {
	if fields == nil {
		fields = record.MustSchema("id", "string")
	}
	schema, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	service := encode(Account)
	f := flows.Flow{Weir: flows.FormatVersion, ID: "connect", Mode: flows.ModeRuns, Services: p.services(false),
		Nodes: map[string]flows.Node{
			"firestore": {Kind: "ReadFirestore", Discard: true, Terminate: []string{"success", "rejected"},
				Settings: map[string]json.RawMessage{"service": service, "collection": encode(collection), "schema": schema}},
			"analytics": {Kind: KindOfProperty, Settings: map[string]json.RawMessage{"service": service, "property": encode(p.Property),
				"dimensions": json.RawMessage(`["date"]`), "metrics": json.RawMessage(`["eventCount"]`)}},
			"bigquery": {Kind: KindOfDataset, Terminate: []string{"rejected", "success"},
				Settings: map[string]json.RawMessage{"service": service, "dataset": encode(p.Dataset), "table": encode(checksTable),
					"partition": encode("date"), "create": encode("dataset"), "location": encode(p.Location)}},
		},
		Connections: map[string]flows.Connection{"analytics-bigquery": {From: "analytics", Output: flows.Outputs{"success"}, To: "bigquery"}},
	}
	if problems := f.Validate(); len(problems) > 0 {
		return nil, problems.Err()
	}
	return f.Canonical()
}
