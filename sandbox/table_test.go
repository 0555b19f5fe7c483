package sandbox

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/firestore"
	"google.golang.org/api/iterator"
	"google.golang.org/genproto/googleapis/type/latlng"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// things are documents of one field v of every type, in Firestore's order.
func things(c *firestore.Client) []struct {
	id string
	v  any
} {
	at := time.Date(2025, 1, 2, 3, 4, 5, 678901000, time.UTC)
	return []struct {
		id string
		v  any
	}{
		{"00null", nil},
		{"01false", false},
		{"02true", true},
		{"03nan", math.NaN()},
		{"04-inf", math.Inf(-1)},
		{"05min", int64(math.MinInt64)},
		{"06-1.5", -1.5},
		{"07-0", math.Copysign(0, -1)},
		{"08int0", 0},
		{"09int1", 1},
		{"10dbl1", 1.0},
		{"11dbl2.5", 2.5},
		{"12dbl2^53", float64(1 << 53)},
		{"13int2^53+1", int64(1<<53 + 1)},
		{"14max", int64(math.MaxInt64)},
		{"15dbl2^63", float64(1 << 63)},
		{"16inf", math.Inf(1)},
		{"20time", at},
		{"21time+us", at.Add(time.Microsecond)},
		{"30empty", ""},
		{"31Z", "Z"},
		{"32a", "a"},
		{"33aa", "aa"},
		{"34é", "é"},
		{"35가", "가나"},
		{"36private", "\ue000"},
		{"37emoji", "😀"},
		{"40bytes", []byte{0}},
		{"41bytes", []byte{0, 1}},
		{"42bytes", []byte{255}},
		{"50ref", c.Doc("a/b")},
		{"51ref", c.Doc("a/b/c/d")},
		{"52ref", c.Doc("a/b0")},
		{"60geo", &latlng.LatLng{Latitude: -10, Longitude: 20}},
		{"61geo", &latlng.LatLng{Latitude: 10, Longitude: -20}},
		{"70array", []any{}},
		{"71array", []any{nil, 5}},
		{"72array", []any{1, 2}},
		{"73array", []any{1, 2, "x"}},
		{"74array", []any{"a", "b"}},
		{"80vector", firestore.Vector64{9}},
		{"81vector", firestore.Vector64{1, 2}},
		{"82vector", firestore.Vector64{1, 3}},
		{"90map", map[string]any{}},
		{"91map", map[string]any{"a": 1}},
		{"92map", map[string]any{"a": 1, "b": 1}},
		{"93map", map[string]any{"a": 2}},
		{"94map", map[string]any{"b": 0}},
	}
}

// people are documents to filter and order by several fields.
var people = []struct {
	id     string
	fields map[string]any
}{
	{"ann", map[string]any{"age": 30, "city": "서울", "tags": []any{"a", "b", 1}, "p": map[string]any{"x": 1, "y q": "u"}}},
	{"bob", map[string]any{"age": 25, "city": "부산", "tags": []any{"b"}, "p": map[string]any{"x": 2}}},
	{"cho", map[string]any{"age": 30.0, "city": "부산", "tags": []any{}, "p": map[string]any{"x": nil}}},
	{"dan", map[string]any{"age": "30", "city": "서울"}},
	{"eun", map[string]any{"age": nil, "city": "대구", "tags": []any{1.0, nil}}},
	{"fay", map[string]any{"city": "서울", "tags": "b"}},
	{"gil", map[string]any{"age": 41, "tags": []any{"c", math.NaN()}}},
	{"han", map[string]any{"age": 25, "city": "서울", "tags": []any{"a"}, "best": true}},
}

// nested are documents below others, some of which do not exist.
var nested4 = []string{
	"people/ann/notes/n1", "people/ann/notes/n2", "people/bob/notes/n1", "people/ghost/notes/n9",
	"notes/top", "notes/top/notes/deep", "notes/zed", "people/ghost2/other/o1", "lost/x/notes/y",
}

// fillTable writes the documents that the table is about.
func fillTable(t *testing.T, c *firestore.Client) {
	t.Helper()
	ctx := t.Context()
	b := c.BulkWriter(ctx)
	var jobs []*firestore.BulkWriterJob
	put := func(path string, data map[string]any) {
		j, err := b.Set(c.Doc(path), data)
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	for _, x := range things(c) {
		put("things/"+x.id, map[string]any{"v": x.v})
	}
	put("things/99missing", map[string]any{"w": 1})
	for _, p := range people {
		put("people/"+p.id, p.fields)
	}
	for i, path := range nested4 {
		put(path, map[string]any{"n": i})
	}
	b.End()
	for _, j := range jobs {
		if _, err := j.Results(); err != nil {
			t.Fatal(err)
		}
	}
}

func ids(from, to string) func(string) bool {
	return func(id string) bool { return id >= from && id < to }
}

func thingIDs(c *firestore.Client, keep ...func(string) bool) []string {
	var out []string
	for _, x := range things(c) {
		if slices.ContainsFunc(keep, func(f func(string) bool) bool { return f(x.id) }) {
			out = append(out, x.id)
		}
	}
	return out
}

// row is a query with the ids it returns, or the code it fails with.
type row struct {
	name  string
	query func(c *firestore.Client) firestore.Query
	want  []string
	code  codes.Code
	ours  bool // the emulator has no descending order of names, as Google has with an index
}

func run(ctx context.Context, q firestore.Query) ([]string, error) {
	it := q.Documents(ctx)
	defer it.Stop()
	var ids []string
	for {
		d, err := it.Next()
		if err == iterator.Done {
			return ids, nil
		}
		if err != nil {
			return ids, err
		}
		ids = append(ids, d.Ref.ID)
	}
}

// checkTable runs the table against a server that holds the documents.
func checkTable(t *testing.T, c *firestore.Client, emulated bool) {
	t.Helper()
	for _, r := range table(c) {
		if r.ours && emulated {
			continue
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		got, err := run(ctx, r.query(c))
		cancel()
		if status.Code(err) != r.code {
			t.Errorf("%s: %v, want code %v", r.name, err, r.code)
		}
		if !slices.Equal(got, r.want) {
			t.Errorf("%s:\n got %v\nwant %v", r.name, got, r.want)
		}
	}
}

func TestQueryTable(t *testing.T) {
	s := open(t, empty)
	c := client(t, s.Addr(), s.Project())
	fillTable(t, c)
	checkTable(t, c, false)
}
