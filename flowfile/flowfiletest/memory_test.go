package flowfiletest

import (
	"context"
	"testing"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

func TestCommitIsRefusedAsAWhole(t *testing.T) {
	good := func(m *Memory) *flowfile.Delivery {
		items, err := m.Take([]string{"in"}, 1)
		if err != nil || len(items) != 1 {
			t.Fatal(items, err)
		}
		f := *items[0].FlowFile
		return &flowfile.Delivery{Node: "n", Remove: []flowfile.Removal{{Item: items[0], Class: flowfile.Forwarded}},
			Put: []flowfile.Put{{Conn: "out", FlowFile: &f}}, Warn: []*fault.Note{{Words: "w"}}}
	}
	for _, c := range []struct {
		name   string
		spoil  func(*Memory, *flowfile.Delivery)
		passes bool
	}{
		{"good", func(*Memory, *flowfile.Delivery) {}, true},
		{"released item", func(m *Memory, d *flowfile.Delivery) { m.Release([]*flowfile.Item{d.Remove[0].Item}) }, false},
		{"item removed twice", func(_ *Memory, d *flowfile.Delivery) { d.Remove = append(d.Remove, d.Remove[0]) }, false},
		{"removal without class", func(_ *Memory, d *flowfile.Delivery) { d.Remove[0].Class = flowfile.NoClass }, false},
		{"put twice", func(_ *Memory, d *flowfile.Delivery) { d.Put = append(d.Put, d.Put[0]) }, false},
		{"put without id", func(_ *Memory, d *flowfile.Delivery) { d.Put[0].FlowFile.ID = 0 }, false},
		{"unknown schema", func(_ *Memory, d *flowfile.Delivery) {
			d.Put[0].FlowFile.Attrs = d.Put[0].FlowFile.Attrs.With(flowfile.SchemaAttr, "x")
		}, false},
		{"another count", func(_ *Memory, d *flowfile.Delivery) { d.TakeAll = []flowfile.TakeAll{{Conn: "whole", N: 1}} }, false},
		{"order", func(_ *Memory, d *flowfile.Delivery) { d.Order = &flowfile.Order{} }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := NewMemory()
			m.Put("in", flowfile.FlowFile{})
			d := good(m)
			c.spoil(m, d)
			_, err := m.Commit(context.Background(), d)
			if (err == nil) != c.passes {
				t.Fatalf("Commit = %v", err)
			}
			moved := len(m.Queue("in")) == 0 && len(m.Queue("out")) == 1 && len(m.Warnings()) == 1
			untouched := len(m.Queue("in")) == 1 && len(m.Queue("out")) == 0 && len(m.Warnings()) == 0 && m.Commits() == 0
			if c.passes && !moved || !c.passes && !untouched {
				t.Errorf("in %d, out %d, warnings %d", len(m.Queue("in")), len(m.Queue("out")), len(m.Warnings()))
			}
		})
	}
}

func TestTakeChecksOutOldestFirst(t *testing.T) {
	m := NewMemory()
	for i := range 3 {
		m.Put("a", flowfile.FlowFile{ID: flowfile.ID(10 + i)})
		m.Put("b", flowfile.FlowFile{ID: flowfile.ID(20 + i)})
	}
	ids := func(conns []string, n int) (out []flowfile.ID) {
		items, err := m.Take(conns, n)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range items {
			out = append(out, it.FlowFile.ID)
		}
		return out
	}
	if got := ids([]string{"a"}, 2); len(got) != 2 || got[0] != 10 || got[1] != 11 {
		t.Errorf("first take = %v", got)
	}
	if got := ids([]string{"a", "b"}, 9); len(got) != 4 || got[0] != 12 || got[1] != 20 {
		t.Errorf("second take = %v", got)
	}
	if m.CheckedOut() != 6 {
		t.Errorf("%d checked out", m.CheckedOut())
	}
}
