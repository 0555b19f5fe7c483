package firestore

import (
	"fmt"
	"strings"

	"github.com/weirflow/weir/fault"
)

// prices are about what 100,000 document reads cost, in US dollars, by the
// location of the database. They are list prices as they were once read, without
// the free daily quota; they are to tell cents from hundreds of dollars.
var prices = map[string]float64{
	"nam5": 0.06, "nam7": 0.06, "eur3": 0.06,
	"us-central1": 0.03, "us-east1": 0.03, "us-east4": 0.033, "us-west1": 0.03, "us-west2": 0.036,
	"europe-west1": 0.033, "europe-west2": 0.039, "europe-west3": 0.039,
	"asia-northeast1": 0.038, "asia-northeast2": 0.038, "asia-northeast3": 0.038, "asia-east1": 0.035,
	"asia-southeast1": 0.037, "asia-south1": 0.035, "australia-southeast1": 0.045, "southamerica-east1": 0.045,
}

// The least and the most of prices, for a location that is not known.
const (
	cheapest = 0.03
	dearest  = 0.06
)

// freeReads are read for nothing each day, in one database of a project.
const freeReads = 50_000

// cost tells about what reads cost at a location, in words of the catalogue.
func cost(reads int64, location string) *fault.Error {
	unit := float64(reads) / 100_000
	least, most := unit*cheapest, unit*dearest
	p, known := prices[strings.ToLower(location)]
	if known {
		least, most = unit*p, unit*p
	}
	var text *fault.Error
	switch {
	case most < 0.01:
		text = fault.New("firestore_cost_little")
	case least == most:
		text = fault.New("firestore_cost_about", "price", fmt.Sprintf("%.2f", least))
	default:
		text = fault.New("firestore_cost_between", "least", fmt.Sprintf("%.2f", least), "most", fmt.Sprintf("%.2f", most))
	}
	if known {
		text = fault.New("firestore_cost_in", "cost", text, "location", location)
	}
	if reads <= freeReads {
		text = fault.New("firestore_cost_free", "cost", text)
	}
	return text
}
