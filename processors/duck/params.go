package duck

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Arguments are the values of the names behind $ in a person's query, as Query
// takes them: a value is never read as SQL. The run's own are $date, $slot, $start,
// $end and $zone; all others are parameters, as texts.
func Arguments(names []string, run flowfile.Run) ([]any, error) {
	own := map[string]any{"slot": run.Slot, "zone": run.Zone, "start": Moment(run.Start), "end": Moment(run.End), "date": ""}
	if day, err := time.Parse(time.DateOnly, run.Date); err == nil {
		own["date"] = Day(day)
	}
	var out []any
	for _, name := range names {
		if v, ok := own[strings.ToLower(name)]; ok {
			out = append(out, sql.Named(name, v))
			continue
		}
		v, ok := run.Params[name]
		if !ok {
			have := slices.Sorted(maps.Keys(own))
			have = append(have, slices.Sorted(maps.Keys(run.Params))...)
			return nil, fault.New("duck_param_unknown", "name", name, "have", "$"+strings.Join(have, ", $")).Permanent()
		}
		out = append(out, sql.Named(name, v))
	}
	return out, nil
}
