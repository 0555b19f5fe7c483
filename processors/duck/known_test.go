package duck

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
)

// TestCheckAgain asks twice: the answer is the same, nobody can change it for
// those who ask later, and what a query may name is part of the question.
func TestCheckAgain(t *testing.T) {
	ctx := context.Background()
	const query = "SELECT a FROM events JOIN users USING (a) WHERE d = $date AND z = $zone ORDER BY a"
	tables := []string{"events", "users"}
	first, err := Check(ctx, query, tables)
	if err != nil {
		t.Fatal(err)
	}
	want := Checked{Tables: []string{"events", "users"}, Params: []string{"date", "zone"}, Ordered: true}
	if d := cmp.Diff(&want, first); d != "" {
		t.Fatalf("first (-want +got):\n%s", d)
	}
	first.Tables[0], first.Params[0] = "changed", "changed"
	// With no time left only what is remembered can be told.
	over, cancel := context.WithCancel(ctx)
	cancel()
	again, err := Check(over, query, tables)
	if err != nil {
		t.Fatalf("the parser was asked again: %v", err)
	}
	if d := cmp.Diff(&want, again); d != "" {
		t.Errorf("again (-want +got):\n%s", d)
	}
	for name, tables := range map[string][]string{"other tables": {"events"}, "no tables": {}, "joined": {"eventsusers"}} {
		if _, err := Check(ctx, query, tables); fault.CodeOf(err) != "duck_table_unknown" {
			t.Errorf("%s: %v, want duck_table_unknown", name, err)
		}
	}
	for range 2 { // a refusal stays one
		if _, err := Check(ctx, "SELECT getenv('HOME')", nil); fault.CodeOf(err) != "duck_function" {
			t.Errorf("%v, want duck_function", err)
		}
	}
}

func TestKnownQueriesAreBounded(t *testing.T) {
	var q queries
	key := func(i int) [32]byte { return keyOf(fmt.Sprint(i), nil) }
	for i := range 3 * mostKnown {
		q.put(key(i), &Checked{Params: []string{fmt.Sprint(i)}})
		q.put(key(i), &Checked{Params: []string{fmt.Sprint(i)}})
	}
	if len(q.said) != mostKnown || len(q.order) != mostKnown {
		t.Errorf("%d queries in the order of %d, want %d", len(q.said), len(q.order), mostKnown)
	}
	for i, want := range map[int]bool{0: false, 2*mostKnown - 1: false, 2 * mostKnown: true, 3*mostKnown - 1: true} {
		c := q.get(key(i))
		if (c != nil) != want {
			t.Errorf("query %d is known: %t, want %t", i, c != nil, want)
		}
		if c != nil && c.Params[0] != fmt.Sprint(i) {
			t.Errorf("query %d has the answer of %s", i, c.Params[0])
		}
	}
}
