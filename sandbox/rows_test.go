package sandbox

import (
	"math"
	"slices"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/grpc/codes"
)

// table lists queries with their answers, which Google's emulator shares.
func table(c *firestore.Client) []row {
	all := thingIDs(c, ids("", "99"))
	numbers := thingIDs(c, ids("04", "20"))
	reversed := slices.Clone(all)
	slices.Reverse(reversed)
	where := func(coll, field, op string, v any) func(*firestore.Client) firestore.Query {
		return func(c *firestore.Client) firestore.Query { return c.Collection(coll).Where(field, op, v) }
	}
	q := func(f func(people, things firestore.Query) firestore.Query) func(*firestore.Client) firestore.Query {
		return func(c *firestore.Client) firestore.Query {
			return f(c.Collection("people").Query, c.Collection("things").Query)
		}
	}
	at := time.Date(2025, 1, 2, 3, 4, 5, 678901000, time.UTC)
	asc, desc, byID := firestore.Asc, firestore.Desc, firestore.DocumentID
	return []row{
		{name: "types in order", want: all,
			query: q(func(_, th firestore.Query) firestore.Query { return th.OrderBy("v", asc) })},
		{name: "types in reverse order", want: reversed,
			query: q(func(_, th firestore.Query) firestore.Query { return th.OrderBy("v", desc) })},
		{name: "less than a number", query: where("things", "v", "<", 1), want: thingIDs(c, ids("04", "09"))},
		{name: "at most a number", query: where("things", "v", "<=", 1), want: thingIDs(c, ids("04", "11"))},
		{name: "greater than a double", query: where("things", "v", ">", 1.0), want: thingIDs(c, ids("11", "20"))},
		{name: "greater than 2^53", query: where("things", "v", ">", float64(1<<53)), want: thingIDs(c, ids("13", "20"))},
		{name: "at least -0", query: where("things", "v", ">=", math.Copysign(0, -1)), want: thingIDs(c, ids("07", "20"))},
		{name: "equal across number types", query: where("things", "v", "==", 1), want: []string{"09int1", "10dbl1"}},
		{name: "equal 0", query: where("things", "v", "==", 0.0), want: []string{"07-0", "08int0"}},
		{name: "equal null", query: where("things", "v", "==", nil), want: []string{"00null"}},
		{name: "equal NaN", query: where("things", "v", "==", math.NaN()), want: []string{"03nan"}},
		{name: "not null", query: where("things", "v", "!=", nil), want: all[1:]},
		{name: "not NaN", query: where("things", "v", "!=", math.NaN()), want: thingIDs(c, ids("01", "03"), ids("04", "99"))},
		{name: "not 1", query: where("things", "v", "!=", 1), want: thingIDs(c, ids("01", "09"), ids("11", "99"))},
		{name: "strings at least", query: where("things", "v", ">=", "a"), want: thingIDs(c, ids("32", "40"))},
		{name: "strings less", query: where("things", "v", "<", "가나"), want: thingIDs(c, ids("30", "35"))},
		{name: "bytes", query: where("things", "v", ">", []byte{0}), want: []string{"41bytes", "42bytes"}},
		{name: "times", query: where("things", "v", ">", at), want: []string{"21time+us"}},
		{name: "references", query: where("things", "v", ">", c.Doc("a/b")), want: []string{"51ref", "52ref"}},
		{name: "bools", query: where("things", "v", "<", true), want: []string{"01false"}},
		{name: "array equal", query: where("things", "v", "==", []any{1.0, 2}), want: []string{"72array"}},
		{name: "array greater", query: where("things", "v", ">", []any{1, 2}), want: []string{"73array", "74array"}},
		{name: "map equal", query: where("things", "v", "==", map[string]any{"a": 1}), want: []string{"91map"}},
		{name: "map less", query: where("things", "v", "<", map[string]any{"a": 2}), want: thingIDs(c, ids("90", "93"))},
		{name: "in", query: where("things", "v", "in", []any{1, "a", true}), want: []string{"02true", "09int1", "10dbl1", "32a"}},
		{name: "in with null", query: where("things", "v", "in", []any{nil, "a"}), want: []string{"32a"}},
		{name: "in with NaN", query: where("things", "v", "in", []any{math.NaN(), "a"}), want: []string{"32a"}},
		{name: "not in", query: where("things", "v", "not-in", []any{"a", 1, math.NaN()}),
			want: thingIDs(c, ids("01", "09"), ids("11", "32"), ids("33", "99"))},
		{name: "not in null", query: where("things", "v", "not-in", []any{nil, "a"}), want: nil},
		{name: "in nothing", query: where("things", "v", "in", []any{}), code: codes.InvalidArgument},
		{name: "array contains", query: where("people", "tags", "array-contains", "b"), want: []string{"ann", "bob"}},
		{name: "array contains number", query: where("people", "tags", "array-contains", 1), want: []string{"ann", "eun"}},
		{name: "array contains any", query: where("people", "tags", "array-contains-any", []any{"c", "a"}), want: []string{"ann", "gil", "han"}},
		{name: "nested field", query: where("people", "p.x", ">=", 1), want: []string{"ann", "bob"}},
		{name: "quoted field", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.WherePath(firestore.FieldPath{"p", "y q"}, "==", "u")
		}), want: []string{"ann"}},
		{name: "and", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where("city", "==", "서울").Where("age", ">", 20)
		}), want: []string{"han", "ann"}},
		{name: "two inequalities", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where("city", ">", "").Where("age", ">", 20)
		}), want: []string{"bob", "han", "cho", "ann"}},
		{name: "two inequalities, one ordered", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where("city", ">", "").Where("age", ">", 20).OrderBy("city", desc)
		}), want: []string{"ann", "han", "cho", "bob"}},
		{name: "or", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.WhereEntity(firestore.OrFilter{Filters: []firestore.EntityFilter{
				firestore.PropertyFilter{Path: "city", Operator: "==", Value: "대구"},
				firestore.PropertyFilter{Path: "age", Operator: ">", Value: 30},
				firestore.PropertyFilter{Path: "best", Operator: "==", Value: true}}})
		}), want: []string{"eun", "han", "gil"}},
		{name: "or of equalities", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.WhereEntity(firestore.OrFilter{Filters: []firestore.EntityFilter{
				firestore.PropertyFilter{Path: "city", Operator: "==", Value: "대구"},
				firestore.PropertyFilter{Path: "age", Operator: "==", Value: 41},
				firestore.PropertyFilter{Path: "best", Operator: "==", Value: true}}})
		}), want: []string{"eun", "gil", "han"}},
		{name: "order excludes what lacks the field", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", desc)
		}), want: []string{"dan", "gil", "cho", "ann", "han", "bob", "eun"}},
		{name: "order by two", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("city", asc).OrderBy("age", desc)
		}), want: []string{"eun", "cho", "bob", "dan", "ann", "han"}},
		{name: "by name backwards", ours: true, query: q(func(p, _ firestore.Query) firestore.Query { return p.OrderBy(byID, desc).Limit(3) }),
			want: []string{"han", "gil", "fay"}},
		{name: "name in a range", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where(byID, ">", c.Doc("people/bob")).Where(byID, "<=", c.Doc("people/eun"))
		}), want: []string{"cho", "dan", "eun"}},
		{name: "name in a range backwards", ours: true, query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where(byID, ">=", c.Doc("people/bob")).Where(byID, "<", c.Doc("people/eun")).OrderBy(byID, desc)
		}), want: []string{"dan", "cho", "bob"}},
		{name: "name in a list", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where(byID, "in", []any{c.Doc("people/gil"), c.Doc("people/nobody"), c.Doc("people/ann")})
		}), want: []string{"ann", "gil"}},
		{name: "name equal", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where(byID, "==", c.Doc("people/gil"))
		}), want: []string{"gil"}},
		{name: "name not equal", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where(byID, "!=", c.Doc("people/gil"))
		}), want: []string{"ann", "bob", "cho", "dan", "eun", "fay", "han"}},
		{name: "start at", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", asc).StartAt(30)
		}), want: []string{"ann", "cho", "gil", "dan"}},
		{name: "start after", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", asc).OrderBy(byID, asc).StartAfter(25, "bob")
		}), want: []string{"han", "ann", "cho", "gil", "dan"}},
		{name: "end before", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", asc).EndBefore(30)
		}), want: []string{"eun", "bob", "han"}},
		{name: "end at, backwards", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", desc).StartAfter("30").EndAt(30)
		}), want: []string{"gil", "cho", "ann"}},
		{name: "cursors on names", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy(byID, asc).StartAt("bob").EndBefore("eun")
		}), want: []string{"bob", "cho", "dan"}},
		{name: "cursors on names, backwards", ours: true, query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy(byID, desc).StartAfter("eun").EndAt("bob")
		}), want: []string{"dan", "cho", "bob"}},
		{name: "cursor between names", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy(byID, asc).StartAfter("c").Limit(1)
		}), want: []string{"cho"}},
		{name: "offset and limit", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy(byID, asc).Offset(2).Limit(2)
		}), want: []string{"cho", "dan"}},
		{name: "offset and limit, sorted", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.OrderBy("age", asc).Offset(2).Limit(2)
		}), want: []string{"han", "ann"}},
		{name: "limit to last", query: q(func(p, _ firestore.Query) firestore.Query {
			return p.Where("age", ">=", 25).OrderBy("age", asc).Limit(10)
		}), want: []string{"bob", "han", "ann", "cho", "gil"}},
		{name: "numbers only", query: where("things", "v", "<=", math.Inf(1)), want: numbers},
		{name: "no such collection", query: where("nowhere", "v", "==", 1), want: nil},
		{name: "subcollection", query: func(c *firestore.Client) firestore.Query { return c.Collection("people/ann/notes").Query },
			want: []string{"n1", "n2"}},
		{name: "collection with a namesake below", query: func(c *firestore.Client) firestore.Query { return c.Collection("notes").Query },
			want: []string{"top", "zed"}},
		{name: "group", query: func(c *firestore.Client) firestore.Query { return c.CollectionGroup("notes").Query },
			want: []string{"y", "top", "deep", "zed", "n1", "n2", "n1", "n9"}},
		{name: "group backwards", ours: true, query: func(c *firestore.Client) firestore.Query {
			return c.CollectionGroup("notes").OrderBy(byID, desc)
		}, want: []string{"n9", "n1", "n2", "n1", "zed", "deep", "top", "y"}},
		{name: "group from a name", query: func(c *firestore.Client) firestore.Query {
			return c.CollectionGroup("notes").OrderBy(byID, asc).StartAfter(c.Doc("people/ann/notes/n1"))
		}, want: []string{"n2", "n1", "n9"}},
		{name: "group by field", query: func(c *firestore.Client) firestore.Query {
			return c.CollectionGroup("notes").Where("n", ">=", 3).OrderBy("n", desc)
		}, want: []string{"y", "zed", "deep", "top", "n9"}},
	}
}
