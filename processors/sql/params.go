package sql

import (
	"database/sql"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/processors/duck"
)

// arguments are the values of the names behind $, as a prepared statement takes
// them: a value is never read as SQL.
func arguments(names []string, run flowfile.Run) ([]any, error) {
	own := map[string]any{"slot": run.Slot, "zone": run.Zone, "start": duck.Moment(run.Start), "end": duck.Moment(run.End), "date": ""}
	if day, err := time.Parse(time.DateOnly, run.Date); err == nil {
		own["date"] = duck.Day(day)
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
			return nil, fault.New("sql_param_unknown", "name", name, "have", "$"+strings.Join(have, ", $")).Permanent()
		}
		out = append(out, sql.Named(name, v))
	}
	return out, nil
}
