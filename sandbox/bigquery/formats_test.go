package bigquery

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	bq "cloud.google.com/go/bigquery"
	"github.com/google/go-cmp/cmp"
)

func zipped(t testing.TB, s string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parquet makes a file from a query, with a database of its own.
func parquet(t testing.TB, query string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, spoolName), 0o700); err != nil {
		t.Fatal(err)
	}
	db, err := openDuck(context.Background(), dir, false)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(dir, spoolName, "x.parquet")
	if _, err := db.Exec("COPY (" + query + ") TO " + quoteText(path) + " (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// every has a column of each type.
var every = bq.Schema{
	{Name: "s", Type: bq.StringFieldType}, {Name: "b", Type: bq.BytesFieldType}, {Name: "i", Type: bq.IntegerFieldType},
	{Name: "f", Type: bq.FloatFieldType}, {Name: "n", Type: bq.NumericFieldType}, {Name: "g", Type: bq.BigNumericFieldType},
	{Name: "o", Type: bq.BooleanFieldType}, {Name: "t", Type: bq.TimestampFieldType}, {Name: "d", Type: bq.DateFieldType},
	{Name: "m", Type: bq.TimeFieldType}, {Name: "dt", Type: bq.DateTimeFieldType}, {Name: "이름", Type: bq.StringFieldType},
}

const everyValue = "[가 AP8= -9223372036854775808 1.5 123.456789012 -0.000000000000000001 true 2026-06-30T11:00:00.123456Z 2026-06-30 23:59:59.5 2026-06-30T01:02:03 값]"

func TestEveryFormatLoadsEveryType(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	nested := append(append(bq.Schema{}, every...), &bq.FieldSchema{Name: "r", Type: bq.RecordFieldType, Repeated: true, Schema: bq.Schema{
		{Name: "k", Type: bq.StringFieldType}, {Name: "v", Type: bq.IntegerFieldType, Repeated: true}}})
	line := `{"s":"가","b":"AP8=","i":"-9223372036854775808","f":1.5,"n":"123.456789012","g":"-0.000000000000000001","o":true,"t":"2026-06-30 20:00:00.123456 Asia/Seoul","d":"2026-06-30","m":"23:59:59.5","dt":"2026-06-30T01:02:03","이름":"값"}`
	csv := "가,AP8=,-9223372036854775808,1.5,123.456789012,-0.000000000000000001,true,2026-06-30T20:00:00.123456+09:00,2026-06-30,23:59:59.5,2026-06-30 01:02:03,값\n"
	file := parquet(t, `SELECT '값' AS 이름, '가' AS s, unhex('00FF') AS b, -9223372036854775808 AS i, 1.5::DOUBLE AS f, 123.456789012::DECIMAL(30,9) AS n,
		-0.000000000000000001::DECIMAL(38,18) AS g, true AS o, TIMESTAMPTZ '2026-06-30 20:00:00.123456+09' AS t, DATE '2026-06-30' AS d,
		TIME '23:59:59.5' AS m, TIMESTAMP '2026-06-30 01:02:03' AS dt, [{'k': 'x', 'v': [1, 2]}] AS r`)
	for _, c := range []struct {
		name   string
		format bq.DataFormat
		data   string
		schema bq.Schema
		extra  string
	}{
		{"json", bq.JSON, line, every, ""},
		{"json_gz", bq.JSON, zipped(t, line), every, ""},
		{"json_nested", bq.JSON, line[:len(line)-1] + `,"r":[{"k":"x","v":[1,"2"]}]}`, nested, ` [{"k":"x","v":[1,2]}]`},
		{"csv", bq.CSV, csv, every, ""},
		{"csv_gz", bq.CSV, zipped(t, csv), every, ""},
		{"parquet", bq.Parquet, file, nested, ` [{"k":"x","v":[1,2]}]`},
	} {
		_, err := w.load(d.Table(c.name), c.format, c.data, func(_ *bq.Loader, s *bq.ReaderSource) {
			s.Schema = c.schema
			s.ParquetOptions = &bq.ParquetOptions{EnableListInference: true}
		})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff([]string{everyValue[:len(everyValue)-1] + c.extra + "]"}, w.rows(c.name, "")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		got, err := w.ask("SELECT * FROM `calback." + c.name + "`")
		w.must(err)
		if want := "가 [0 255] -9223372036854775808 1.5"; !strings.Contains(got[0], want) || !strings.Contains(got[0], "2026-06-30 11:00:00.123456 +0000 UTC") {
			t.Errorf("%s: the client reads %s", c.name, got[0])
		}
	}
}

func TestBadRowsAreToldAndNothingIsWritten(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	schema := bq.Schema{{Name: "id", Type: bq.IntegerFieldType, Required: true}, {Name: "n", Type: bq.NumericFieldType}, {Name: "tags", Type: bq.StringFieldType, Repeated: true}}
	flat := schema[:2]
	for i, c := range []struct {
		format       bq.DataFormat
		schema       bq.Schema
		data         string
		want, detail string
	}{
		{bq.JSON, schema, `{"id":1}` + "\n" + `{"id":2,"x":1}`, "JSON table encountered too many errors, giving up. Rows: 2; errors: 1.", "starting at position 9: No such field: x."},
		{bq.JSON, schema, `{"n":1}`, "JSON table encountered", "Missing required field: id."},
		{bq.JSON, schema, `{"id":"1.5"}`, "JSON table", "to int64. Field: id; Value:"},
		{bq.JSON, schema, `{"id":1.0,"n":true}`, "JSON table", "Field: n"},
		{bq.JSON, schema, `{"id":1,"tags":[null]}`, "JSON table", "Only optional fields can be set to NULL"},
		{bq.JSON, schema, `{"id":1`, "JSON table", "Parser terminated"},
		{bq.JSON, schema, `{"id":9223372036854775808}`, "JSON table", "64-bit"},
		{bq.CSV, flat, "1,2\nx,3\n", "CSV table encountered too many errors, giving up. Rows: 2; errors: 1.", "Could not parse 'x' as INT64 for field id (position 0)"},
		{bq.CSV, flat, "1,2,3\n", "CSV table", "Found 3 column(s) while expected 2"},
		{bq.CSV, flat, "1\n", "CSV table", "Too few values"},
		{bq.CSV, flat, "1,99999999999999999999999999999999\n", "CSV table", "as NUMERIC"},
		{bq.CSV, flat, ",1\n", "CSV table", "Required column value"},
		{bq.CSV, flat, "\"1,2\n", "CSV table", "Missing close double quote"},
		{bq.Parquet, flat, "not parquet", "not in Parquet format", ""},
		{bq.Parquet, flat, parquet(t, "SELECT 'x' AS id"), "Parquet column 'id' has type STRING", ""},
		{bq.Parquet, flat, parquet(t, "SELECT CAST(NULL AS BIGINT) AS id"), "Required field id cannot be null", ""},
		{bq.Parquet, bq.Schema{{Name: "j", Type: bq.JSONFieldType}}, parquet(t, "SELECT 'x' AS j"), "Unsupported field type: JSON", ""},
	} {
		name := fmt.Sprint("bad", i)
		src := bq.NewReaderSource(strings.NewReader(c.data))
		src.SourceFormat, src.Schema = c.format, c.schema
		j, err := d.Table(name).LoaderFrom(src).Run(w.ctx)
		w.must(err)
		st, err := w.wait(j)
		w.must(err)
		w.fails(st.Err(), "job invalid", c.want)
		if all := fmt.Sprint(st.Errors); !strings.Contains(all, c.detail) {
			t.Errorf("%s %q: no %q in %s", c.format, c.data, c.detail, all)
		}
		if _, err := d.Table(name).Metadata(w.ctx); reason(err) != "404 notFound" {
			t.Errorf("%q: the table is there: %v", c.data, err)
		}
	}
	st, err := w.load(d.Table("some"), bq.JSON, `{"id":1}`+"\nnot json\n"+`{"id":2}`, func(_ *bq.Loader, s *bq.ReaderSource) {
		s.Schema, s.MaxBadRecords = schema, 1
	})
	w.must(err)
	if s := st.Statistics.Details.(*bq.LoadStatistics); s.OutputRows != 2 || len(st.Errors) != 1 {
		t.Errorf("%+v %v", s, st.Errors)
	}
}

func TestCSVOptions(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	schema := bq.Schema{{Name: "a", Type: bq.StringFieldType}, {Name: "n", Type: bq.IntegerFieldType}}
	for i, c := range []struct {
		data string
		set  func(*bq.ReaderSource)
		want []string
	}{
		{"a,n\n\"x,\"\"y\"\"\",1\n\"\",\n,2\n", func(s *bq.ReaderSource) { s.SkipLeadingRows = 1 }, []string{"[ NULL]", "[NULL 2]", `[x,"y" 1]`}},
		{"\"p\nq\"|1\r\n\\N|\\N\r\n|3\r\n", func(s *bq.ReaderSource) {
			s.FieldDelimiter, s.AllowQuotedNewlines, s.NullMarker = "|", true, `\N`
		}, []string{"[ 3]", "[NULL NULL]", "[p\nq 1]"}},
		{"'it''s',1\n", func(s *bq.ReaderSource) { s.Quote = "'" }, []string{"[it's 1]"}},
		{"\"x\",1\n", func(s *bq.ReaderSource) { s.ForceZeroQuote = true }, []string{`["x" 1]`}},
		{"x\n", func(s *bq.ReaderSource) { s.AllowJaggedRows = true }, []string{"[x NULL]"}},
		{"x,1,9\n", func(s *bq.ReaderSource) { s.IgnoreUnknownValues = true }, []string{"[x 1]"}},
	} {
		name := fmt.Sprint("csv", i)
		_, err := w.load(d.Table(name), bq.CSV, c.data, func(_ *bq.Loader, s *bq.ReaderSource) {
			s.Schema = schema
			c.set(s)
		})
		if err != nil {
			t.Errorf("%q: %v", c.data, err)
		} else if diff := cmp.Diff(c.want, w.rows(name, "")); diff != "" {
			t.Errorf("%q: %s", c.data, diff)
		}
	}
	_, err := w.load(d.Table("auto"), bq.CSV, "날짜,uid,n\n2026-01-31,a,1\n2026-02-01,b,2.5\n", func(_ *bq.Loader, s *bq.ReaderSource) { s.AutoDetect = true })
	w.must(err)
	m, err := d.Table("auto").Metadata(w.ctx)
	w.must(err)
	got := ""
	for _, f := range m.Schema {
		got += f.Name + ":" + string(f.Type) + " "
	}
	if got != "날짜:DATE uid:STRING n:FLOAT " || m.NumRows != 2 {
		t.Errorf("detected %s and %d rows", got, m.NumRows)
	}
	_, err = w.load(d.Table("autojson"), bq.JSON, `{"a":1,"r":{"x":["p"]},"t":"2026-01-31T01:02:03Z"}`, func(_ *bq.Loader, s *bq.ReaderSource) { s.AutoDetect = true })
	w.must(err)
	if diff := cmp.Diff([]string{`[1 {"x":["p"]} 2026-01-31T01:02:03Z]`}, w.rows("autojson", "")); diff != "" {
		t.Error(diff)
	}
}

// TestLargeUploadsResume sends 20 MiB, which the client cuts into chunks.
func TestLargeUploadsResume(t *testing.T) {
	w := open(t, Config{})
	d := w.dataset()
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	sum, rows := int64(0), 0
	for b.Len() < 20<<20 {
		n := r.Int64N(1000)
		sum += n
		rows++
		b.WriteString(`{"n":` + strconv.FormatInt(n, 10) + `,"pad":"` + strings.Repeat("x", 2000) + "\"}\n")
	}
	_, err := w.load(d.Table("big"), bq.JSON, b.String(), func(_ *bq.Loader, s *bq.ReaderSource) {
		s.Schema = bq.Schema{{Name: "n", Type: bq.IntegerFieldType}, {Name: "pad", Type: bq.StringFieldType}}
	})
	w.must(err)
	got, err := w.ask("SELECT COUNT(*), SUM(n), MIN(LENGTH(pad)) FROM calback.big")
	w.must(err)
	if want := fmt.Sprintf("[%d %d 2000]", rows, sum); got[0] != want {
		t.Errorf("got %s, want %s", got[0], want)
	}
	if n := w.s.Stats().Requests["jobs.insert"]; n < 3 {
		t.Errorf("%d requests of jobs.insert for an upload in chunks", n)
	}
}

func TestResumableProtocol(t *testing.T) {
	w := open(t, Config{})
	w.dataset()
	job := `{"jobReference":{"jobId":"up"},"configuration":{"load":{"destinationTable":{"projectId":"calback-demo","datasetId":"calback","tableId":"r"},"sourceFormat":"CSV","schema":{"fields":[{"name":"a","type":"STRING"}]}}}}`
	res, _ := w.call("POST", "/resumable/upload/bigquery/v2/projects/calback-demo/jobs?uploadType=resumable", job, "Content-Type", "application/json")
	to := res.Header.Get("Location")
	step := func(body, span string, status int, header ...string) (*http.Response, string) {
		t.Helper()
		res, text := send(w, "PUT", to, body, append([]string{"Content-Range", span}, header...)...)
		if res.StatusCode != status {
			t.Fatalf("%s: status %d: %s", span, res.StatusCode, text)
		}
		return res, text
	}
	if res, _ := step("", "bytes */*", 308); res.Header.Get("Range") != "" {
		t.Error("bytes have come before any was sent")
	}
	if res, _ := step("x\n", "bytes 0-1/*", 308); res.Header.Get("Range") != "bytes=0-1" {
		t.Errorf("Range %q", res.Header.Get("Range"))
	}
	res, _ = step("y\n", "bytes 2-3/6", 200, "X-GUploader-No-308", "yes")
	if res.Header.Get("X-Http-Status-Code-Override") != "308" || res.Header.Get("Range") != "bytes=0-3" {
		t.Errorf("%v", res.Header)
	}
	step("z\n", "bytes 9-10/11", 400)
	if res, _ := step("", "bytes */6", 308); res.Header.Get("Range") != "bytes=0-3" {
		t.Errorf("Range %q", res.Header.Get("Range"))
	}
	_, text := step("z\n", "bytes 4-5/6", 200)
	var j jobResource
	w.must(json.Unmarshal([]byte(text), &j))
	if j.ID != "calback-demo:asia-northeast3.up" || j.Reference.Location != "asia-northeast3" {
		t.Errorf("%s", text)
	}
	if _, again := step("", "bytes */6", 200); again != text {
		t.Errorf("asked again: %s", again)
	}
	job2, err := w.client.JobFromID(w.ctx, "up")
	w.must(err)
	st, err := w.wait(job2)
	w.must(errors.Join(err, st.Err()))
	if diff := cmp.Diff([]string{"[x]", "[y]", "[z]"}, w.rows("r", "")); diff != "" {
		t.Error(diff)
	}
}
