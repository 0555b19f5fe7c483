package sandbox

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/weirflow/weir/fault"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// written makes a file of lines and returns it as a collection.
func written(t *testing.T, name, text string) File {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	b := []byte(text)
	if strings.HasSuffix(name, ".gz") {
		var buf bytes.Buffer
		z := gzip.NewWriter(&buf)
		z.Write(b)
		z.Close()
		b = buf.Bytes()
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return File{Collection: "notes", Path: path}
}

// loaded returns the documents of files by id.
func loaded(t *testing.T, files ...File) (map[string]map[string]*pb.Value, error) {
	t.Helper()
	s := &service{names: newNames("p", "(default)"), db: newDatabase(time.Now)}
	if err := s.loadFiles(t.Context(), files); err != nil {
		return nil, err
	}
	out := map[string]map[string]*pb.Value{}
	for _, id := range s.db.ids() {
		for _, ch := range s.db.groups[id].index.chunks {
			for _, e := range ch {
				out[strings.ReplaceAll(e.key, sep, "/")] = decodeFields(e.head.fields)
			}
		}
	}
	return out, nil
}

func TestFilesBecomeDocuments(t *testing.T) {
	for _, c := range []struct {
		name, idField, line string
		path, fields        string
	}{
		{"plain types", "k", `{"k":"a","i":-9223372036854775808,"d":1.0,"e":1e2,"s":"가\n\"","b":true,"n":null,"l":[1,"x",{"y":[]}],"m":{}}`, "notes/a",
			`fields{key:"k" value{string_value:"a"}} fields{key:"i" value{integer_value:-9223372036854775808}} fields{key:"d" value{double_value:1}}
			fields{key:"e" value{double_value:100}} fields{key:"s" value{string_value:"가\n\""}} fields{key:"b" value{boolean_value:true}}
			fields{key:"n" value{null_value:NULL_VALUE}} fields{key:"m" value{map_value{}}}
			fields{key:"l" value{array_value{values{integer_value:1} values{string_value:"x"} values{map_value{fields{key:"y" value{array_value{}}}}}}}}`},
		{"whole number as id", "k", `{"k":17}`, "notes/17", `fields{key:"k" value{integer_value:17}}`},
		{"id by default", "", `{"id":"x"}`, "notes/x", `fields{key:"id" value{string_value:"x"}}`},
		{"__id is no field", "", `{"__id":"y","id":"x"}`, "notes/y", `fields{key:"id" value{string_value:"x"}}`},
		{"number of the line", "", `{"id":5}`, "notes/0000000001", `fields{key:"id" value{integer_value:5}}`},
		{"empty object", "", ` {} `, "notes/0000000001", ``},
		{"byte order mark", "", "\ufeff{}\r", "notes/0000000001", ``},
		{"REST", "", `{"name":"projects/p/databases/(default)/documents/notes/r","createTime":"2020-01-01T00:00:00Z","fields":{
			"i":{"integerValue":"9007199254740993"},"d":{"doubleValue":"NaN"},"t":{"timestampValue":"2025-01-01T00:00:00.123456789Z"},
			"b":{"bytesValue":"AP8="},"r":{"referenceValue":"projects/p/databases/(default)/documents/a/b"},
			"g":{"geoPointValue":{"latitude":1,"longitude":-1}},"a":{"arrayValue":{"values":[{"nullValue":null}]}},
			"m":{"mapValue":{"fields":{"x":{"booleanValue":false}}}}}}`, "notes/r",
			`fields{key:"i" value{integer_value:9007199254740993}} fields{key:"d" value{double_value:nan}}
			fields{key:"t" value{timestamp_value{seconds:1735689600 nanos:123456000}}} fields{key:"b" value{bytes_value:"\x00\xff"}}
			fields{key:"r" value{reference_value:"projects/p/databases/(default)/documents/a/b"}}
			fields{key:"g" value{geo_point_value{latitude:1 longitude:-1}}} fields{key:"a" value{array_value{values{null_value:NULL_VALUE}}}}
			fields{key:"m" value{map_value{fields{key:"x" value{boolean_value:false}}}}}`},
		{"REST with an id field", "k", `{"fields":{"k":{"integerValue":"3"}}}`, "notes/3", `fields{key:"k" value{integer_value:3}}`},
		{"plain with a field of that name", "", `{"fields":{"a":{"b":1}}}`, "notes/0000000001",
			`fields{key:"fields" value{map_value{fields{key:"a" value{map_value{fields{key:"b" value{integer_value:1}}}}}}}}`},
	} {
		for _, name := range []string{"x.ndjson", "x.ndjson.gz"} {
			f := written(t, name, "\n"+strings.ReplaceAll(c.line, "\n", "")+"\n\n")
			if strings.HasPrefix(c.path, "notes/000") || c.name == "byte order mark" {
				f = written(t, name, c.line)
			}
			f.IDField = c.idField
			got, err := loaded(t, f)
			want := map[string]map[string]*pb.Value{c.path: fields(t, c.fields)}
			if d := cmp.Diff(want, got, protocmp.Transform(), cmpopts.EquateNaNs()); d != "" || err != nil {
				t.Errorf("%s: %v (-want +got)\n%s", c.name, err, d)
			}
		}
	}
}

func TestBadLinesAreNamed(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 22) + "1" + strings.Repeat("}", 22)
	for _, c := range []struct{ name, idField, line, code, says string }{
		{"no JSON", "", `{"a":`, "sandbox_line_json", "unexpected EOF"},
		{"array", "", `[1]`, "sandbox_line_json", "array"},
		{"null", "", `null`, "sandbox_line_json", ""},
		{"two objects", "", `{} {}`, "sandbox_line_json", "follows"},
		{"no UTF-8", "", "{\"a\":\"\xff\"}", "sandbox_line_utf8", ""},
		{"no id", "k", `{"a":1}`, "sandbox_line_id", " k "},
		{"fraction as id", "k", `{"k":1.5}`, "sandbox_line_id", " k "},
		{"no id in REST", "k", `{"fields":{"a":{"nullValue":null}}}`, "sandbox_line_id", " k "},
		{"slash in id", "k", `{"k":"a/b"}`, "sandbox_line_id_value", "a/b"},
		{"reserved id", "k", `{"k":"__a__"}`, "sandbox_line_id_value", "__a__"},
		{"array in array", "", `{"m":{"a":[[1]]}}`, "sandbox_line_array", "m.a"},
		{"reserved field", "", `{"__a__":1}`, "sandbox_line_reserved", "__a__"},
		{"field of no name", "", `{"m":{"":1}}`, "sandbox_line_reserved", "m."},
		{"large integer", "", `{"a":9223372036854775808}`, "sandbox_line_number", "9223372036854775808"},
		{"large double", "", `{"a":1e999}`, "sandbox_line_number", "1e999"},
		{"too deep", "", deep, "sandbox_line_deep", "20"},
		{"too large", "", `{"a":"` + strings.Repeat("x", 1<<20) + `"}`, "sandbox_line_large", "1048576"},
		{"bad REST value", "", `{"fields":{"a":{"integerValue":"x"}}}`, "sandbox_line_document", ""},
		{"unknown REST type", "", `{"fields":{"a":{"moneyValue":"x"}}}`, "sandbox_line_document", ""},
		{"array in array in REST", "", `{"fields":{"a":{"arrayValue":{"values":[{"arrayValue":{}}]}}}}`, "sandbox_line_document", ""},
	} {
		f := written(t, "bad.ndjson", `{"k":"x"}`+"\n"+c.line+"\n"+`{"k":` /* also bad, but later */)
		f.IDField = c.idField
		_, err := loaded(t, f)
		if !errors.Is(err, fault.New(c.code)) || !strings.Contains(err.Error(), "bad.ndjson line 2") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s of line 2 saying %q", c.name, err, c.code, c.says)
		}
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	if _, err := loaded(t, File{Collection: "a", Path: filepath.Join(t.TempDir(), "none")}); !errors.Is(err, fault.New("sandbox_file_open")) {
		t.Errorf("no file: %v", err)
	}
	f := written(t, "x.gz", strings.Repeat("{}\n", 3000))
	b, err := os.ReadFile(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(f.Path, b[:len(b)-9], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loaded(t, f); !errors.Is(err, fault.New("sandbox_file_read")) {
		t.Errorf("torn gzip: %v", err)
	}
	f = written(t, "long", "{}\n{\"a\":\""+strings.Repeat("x", maxLine)+"\"}")
	if _, err := loaded(t, f); !errors.Is(err, fault.New("sandbox_file_read")) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("long line: %v", err)
	}
}

func TestTwoLinesOfOneID(t *testing.T) {
	f := written(t, "twice.ndjson", `{"id":"a"}`+"\n"+`{"id":"b"}`+"\n"+`{"id":"a"}`)
	_, err := loaded(t, f)
	if !errors.Is(err, fault.New("sandbox_duplicate_id")) || !strings.Contains(err.Error(), "twice.ndjson:1") ||
		!strings.Contains(err.Error(), "twice.ndjson:3") {
		t.Errorf("in one file: %v", err)
	}
	g := written(t, "other.ndjson", `{"id":"b"}`)
	f = written(t, "twice.ndjson", `{"id":"a"}`+"\n"+`{"id":"b"}`)
	_, err = loaded(t, f, g)
	if !errors.Is(err, fault.New("sandbox_duplicate_id")) || !strings.Contains(err.Error(), "twice.ndjson:2") ||
		!strings.Contains(err.Error(), "other.ndjson:1") {
		t.Errorf("in two files: %v", err)
	}
	g.Collection = "users/ann/notes"
	got, err := loaded(t, f, g)
	if err != nil || len(got) != 3 || got["users/ann/notes/b"] == nil {
		t.Errorf("in two collections of one id: %v, %v", got, err)
	}
}

func TestParseFile(t *testing.T) {
	for text, want := range map[string]File{
		"reviews=x.ndjson.gz":         {Collection: "reviews", Path: "x.ndjson.gz"},
		"reviews:review_id=a=b.json":  {Collection: "reviews", IDField: "review_id", Path: "a=b.json"},
		"users/ann/notes:id=C:\\x.nd": {Collection: "users/ann/notes", IDField: "id", Path: "C:\\x.nd"},
	} {
		if got, err := ParseFile(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, code := range map[string]string{
		"reviews": "sandbox_file_flag", "=x": "sandbox_file_flag", "a=": "sandbox_file_flag", ":id=x": "sandbox_file_flag",
		"users/ann=x": "sandbox_file_collection", "a//b=x": "sandbox_file_collection", "__a__=x": "sandbox_file_collection",
	} {
		if _, err := ParseFile(text); !errors.Is(err, fault.New(code)) {
			t.Errorf("%s: %v, want %s", text, err, code)
		}
	}
}

func TestFilesAreServedInPlaceOfTheCompanys(t *testing.T) {
	const docsOfFile = 2*lineBatch + 100
	var text strings.Builder
	for i := range docsOfFile {
		fmt.Fprintf(&text, "{\"k\":\"%06d\",\"n\":%d}\n", docsOfFile-i, i)
	}
	f := written(t, "users.ndjson", text.String())
	f.Collection, f.IDField = userCollection, "k"
	c := small
	c.Files = []File{f}
	s := open(t, c)
	at := stamp(s.service.db.readNow())
	docs := readPages(t.Context(), s, t, userCollection, at, 5000)
	if len(docs) != docsOfFile {
		t.Fatalf("%d documents, want %d", len(docs), docsOfFile)
	}
	for i, d := range docs {
		if lastSegment(d.Name) != fmt.Sprintf("%06d", i+1) || d.Fields["n"].GetIntegerValue() != int64(docsOfFile-1-i) {
			t.Fatalf("document %d: %v", i, d)
		}
	}
	if n := len(readPages(t.Context(), s, t, meetingCollection, at, 1000)); n != 80 {
		t.Errorf("%d meetings beside the file, want 80", n)
	}
	again := open(t, c)
	same := readPages(t.Context(), again, t, userCollection, stamp(again.service.db.readNow()), 5000)
	if !slices.EqualFunc(docs, same, func(a, b *pb.Document) bool { return proto.Equal(a, b) }) {
		t.Error("another sandbox of the same file gives other documents or times")
	}
}
