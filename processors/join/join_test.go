package join_test

import (
	"strings"
	"testing"

	"github.com/weirflow/weir/processors/processorstest"

	_ "github.com/weirflow/weir/processors/join"
	"github.com/weirflow/weir/record"
)

type settings = processorstest.Settings

var (
	events = record.MustSchema("mid", "string", "n", "int64", "name", "string")
	users  = record.MustSchema("uid", "string", "name", "string", "level", "int64")
)

// joined runs a join of events and users.
func joined(t *testing.T, set settings, left, right []string) *processorstest.Runner {
	t.Helper()
	all := settings{"keys": []string{"mid = uid"}}
	for k, v := range set {
		all[k] = v
	}
	r := processorstest.New(t, "JoinRecords", all)
	return r.PutRecordsTo("left", events, left...).PutRecordsTo("right", users, right...).Run()
}

var (
	someEvents = []string{`{"mid":"b","n":1,"name":"open"}`, `{"mid":"a","n":2,"name":"open"}`, `{"mid":"x","n":3,"name":"open"}`,
		`{"mid":null,"n":4,"name":null}`, `{"mid":"a","n":5,"name":"close"}`}
	someUsers = []string{`{"uid":"a","name":"김","level":1}`, `{"uid":"c","name":"이","level":2}`, `{"uid":null,"name":"박","level":3}`,
		`{"uid":"b","name":"최","level":9007199254740993}`}
)

func TestLeftJoinKeepsEveryLeftRowInOrder(t *testing.T) {
	r := joined(t, nil, someEvents, someUsers)
	r.WantRows("success",
		`{"mid":"a","n":2,"name":"open","name_right":"김","level":1}`,
		`{"mid":"a","n":5,"name":"close","name_right":"김","level":1}`,
		`{"mid":"b","n":1,"name":"open","name_right":"최","level":"9007199254740993"}`,
		`{"mid":"x","n":3,"name":"open","name_right":null,"level":null}`,
		`{"mid":null,"n":4,"name":null,"name_right":null,"level":null}`)
	r.WantRows("unmatched_left")
	r.WantRows("unmatched_right", `{"uid":"c","name":"이","level":2}`, `{"uid":null,"name":"박","level":3}`)
	r.WantRows("rejected")
}

func TestInnerAndFullJoin(t *testing.T) {
	r := joined(t, settings{"type": "inner"}, someEvents, someUsers)
	r.WantRows("success",
		`{"mid":"a","n":2,"name":"open","name_right":"김","level":1}`,
		`{"mid":"a","n":5,"name":"close","name_right":"김","level":1}`,
		`{"mid":"b","n":1,"name":"open","name_right":"최","level":"9007199254740993"}`)
	r.WantRows("unmatched_left", `{"mid":"x","n":3,"name":"open"}`, `{"mid":null,"n":4,"name":null}`)
	r.WantRows("unmatched_right", `{"uid":"c","name":"이","level":2}`, `{"uid":null,"name":"박","level":3}`)
	r = joined(t, settings{"type": "full", "nulls": "match", "collisions": "coalesce"}, someEvents, someUsers)
	r.WantRows("success",
		`{"mid":"a","n":2,"name":"open","level":1}`,
		`{"mid":"a","n":5,"name":"close","level":1}`,
		`{"mid":"b","n":1,"name":"open","level":"9007199254740993"}`,
		`{"mid":"c","n":null,"name":"이","level":2}`,
		`{"mid":"x","n":3,"name":"open","level":null}`,
		`{"mid":null,"n":4,"name":"박","level":3}`)
	r.WantRows("unmatched_right")
}

func TestDuplicatesOnTheRight(t *testing.T) {
	twice := append([]string{`{"uid":"a","name":"둘","level":7}`}, someUsers...)
	r := joined(t, nil, someEvents, twice)
	err := r.Err()
	r.WantErr("join_duplicates")
	for _, want := range []string{`"a" (2)`, "result of 7 rows", "5 left rows"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the message lacks %q: %v", want, err)
		}
	}
	r = joined(t, settings{"duplicates": "allow", "type": "inner"}, someEvents[1:2], twice)
	r.WantRows("success",
		`{"mid":"a","n":2,"name":"open","name_right":"둘","level":7}`,
		`{"mid":"a","n":2,"name":"open","name_right":"김","level":1}`)
	r = joined(t, settings{"duplicates": "first", "type": "full", "collisions": "left"}, someEvents[1:2], twice)
	r.WantRows("success",
		`{"mid":"a","n":2,"name":"open","level":7}`,
		`{"mid":"b","n":null,"name":null,"level":"9007199254740993"}`,
		`{"mid":"c","n":null,"name":null,"level":2}`,
		`{"mid":null,"n":null,"name":null,"level":3}`)
	r.WantRows("unmatched_right", `{"uid":"a","name":"김","level":1}`)
}

func TestJoinRecordsConforms(t *testing.T) {
	big := make([]string, 200)
	for i := range big {
		big[i] = someEvents[i%len(someEvents)]
	}
	processorstest.Conform(t, "JoinRecords", settings{"keys": []string{"mid = uid"}, "type": "inner"}, func(r *processorstest.Runner) {
		r.PutRecordsTo("left", events, big...).PutRecordsTo("right", users, someUsers...)
	})
}
