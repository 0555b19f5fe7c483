package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/record"
	"github.com/weirflow/weir/server"
)

// cellPlaces is how wide a cell may be in a table.
const cellPlaces = 60

func (a *app) sqlVerb() *cobra.Command {
	var limit int
	var asCSV bool
	c := a.verb("sql RUN [SELECT]", 1, 2, func(c *cobra.Command, args []string) error {
		text := ""
		if len(args) == 2 {
			text = args[1]
		} else {
			b, err := io.ReadAll(io.LimitReader(a.stdin, 1<<20))
			if err != nil {
				return err
			}
			text = string(b)
		}
		if strings.TrimSpace(text) == "" {
			return fault.New("cli_sql_empty").Permanent()
		}
		return a.with(c.Context(), refuse, func(l *link) error {
			got, err := post[server.QueryAnswer](c.Context(), l, at("runs", args[0], "sql"), server.QueryRun{SQL: text, Limit: limit})
			if err != nil {
				return err
			}
			if asCSV && !a.json {
				return a.sqlCSV(got)
			}
			return a.answer(got, func() { a.sqlTable(got) })
		})
	})
	c.Flags().IntVar(&limit, "limit", 200, "")
	c.Flags().BoolVar(&asCSV, "csv", false, "")
	return c
}

// sqlTable shows rows as a table, numbers to the right.
func (a *app) sqlTable(got *server.QueryAnswer) {
	t := &columns{right: map[int]bool{}}
	for i, f := range got.Columns.Fields {
		switch f.Type.Kind {
		case record.KindInt64, record.KindDouble, record.KindDecimal:
			t.right[i] = true
		}
	}
	t.row(got.Columns.Names()...)
	for _, row := range got.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = cut(oneLine(shown(v, "·")), cellPlaces)
		}
		t.row(cells...)
	}
	fmt.Fprint(a.stdout, t)
	if n := int64(len(got.Rows)); n < got.Total {
		a.note("sql rows cut", "shown", count(n), "total", count(got.Total))
	} else {
		a.note("sql rows", "total", count(got.Total), "took", got.Took)
	}
}

// sqlCSV writes rows as CSV with a header.
func (a *app) sqlCSV(got *server.QueryAnswer) error {
	w := csv.NewWriter(a.stdout)
	rows := [][]string{got.Columns.Names()}
	for _, row := range got.Rows {
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = shown(v, "")
		}
		rows = append(rows, cells)
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	if n := int64(len(got.Rows)); n < got.Total {
		a.note("sql rows cut", "shown", count(n), "total", count(got.Total))
	}
	return nil
}

// shown is a value as a person reads it: texts without quotes, null as said.
func shown(v json.RawMessage, null string) string {
	if string(v) == "null" {
		return null
	}
	var s string
	if len(v) > 0 && v[0] == '"' && json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// oneLine shows what would break a table or move a terminal's cursor.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return '↵'
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return ' '
		}
		return r
	}, s)
}
