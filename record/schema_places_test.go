package record_test

import (
	"slices"
	"testing"

	"github.com/weirflow/weir/record"
)

func TestPlacesOfColumnsInAnotherOrder(t *testing.T) {
	want := record.MustSchema("a", "string", "b", "int64", "c", "date")
	for _, c := range []struct {
		have *record.Schema
		at   []int
		ok   bool
	}{
		{record.MustSchema("a", "string", "b", "int64", "c", "date"), nil, true},
		{record.MustSchema("c", "date", "a", "string", "b", "int64"), []int{1, 2, 0}, true},
		{record.MustSchema("c", "date", "a", "string", "b", "double"), nil, false},
		{record.MustSchema("c", "date", "a", "string", "d", "int64"), nil, false},
		{record.MustSchema("c", "date", "a", "string"), nil, false},
		{record.MustSchema("a", "string", "b", "int64", "c", "date", "d", "date"), nil, false},
	} {
		if at, ok := want.Places(c.have); ok != c.ok || !slices.Equal(at, c.at) {
			t.Errorf("%s: %v, %t; want %v, %t", c.have, at, ok, c.at, c.ok)
		}
	}
}
