package record

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sharedDir = "../../shared/data"

// allStrings returns the schema of a header whose columns are all strings.
func allStrings(t *testing.T, header []Cell) *Schema {
	t.Helper()
	fields := make([]Field, len(header))
	for i, c := range header {
		fields[i] = Field{c.Text, Of(KindString)}
	}
	s, err := NewSchema(fields...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCSVSpectrum(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedDir, "csv_spectrum", "csvs", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the csv_spectrum files are not beside the project")
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".csv")
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s := allStrings(t, rawRows(t, bytes.NewReader(content), CSVOptions{})[0])
			rows := readAll(t, NewCSVReader(bytes.NewReader(content), s, CSVOptions{}))
			for _, f := range formats {
				var b bytes.Buffer
				writeAll(t, f.write(&b, s), rows)
				sameRows(t, readAll(t, f.read(&b, s)), rows)
			}
			if name == "location_coordinates" {
				return // its JSON holds another telephone number
			}
			other, err := os.ReadFile(filepath.Join(sharedDir, "csv_spectrum", "json", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			sameRows(t, rows, readAll(t, NewJSONReader(bytes.NewReader(other), s, ReadOptions{})))
			// The standard library's decoder is the judge of both.
			var want []map[string]string
			if err := json.Unmarshal(other, &want); err != nil {
				t.Fatal(err)
			}
			for i, row := range rows {
				for j, v := range row {
					if got := v.Text(); got != want[i][s.Fields[j].Name] {
						t.Errorf("row %d, %s = %q, want %q", i+1, s.Fields[j].Name, got, want[i][s.Fields[j].Name])
					}
				}
			}
		})
	}
}

func TestKoreanReviews(t *testing.T) {
	dir := filepath.Join(sharedDir, "korean")
	table, err := os.Open(filepath.Join(dir, "reviews_20k_utf8bom_crlf.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the Korean reviews are not beside the project")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	packed, err := os.Open(filepath.Join(dir, "nsmc_reviews.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	lines, err := gzip.NewReader(bufio.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	s := MustSchema("review_id", "string", "movie_id", "string", "author", "string", "rating", "int64", "date", "string", "review", "string")
	// The file has no nulls; an empty cell is an empty text.
	dialect := CSVOptions{BOM: true, CRLF: true, Null: `\N`}
	cells := NewCSVReader(table, s, dialect)
	objects := NewNDJSONReader(lines, s, ReadOptions{})
	var out bytes.Buffer
	w := NewCSVWriter(&out, s, dialect)
	rows := 0
	for {
		got, err := cells.Next()
		if err == io.EOF {
			break
		}
		want, err2 := objects.Next()
		if err != nil || err2 != nil {
			t.Fatalf("row %d: %v, %v", rows+1, err, err2)
		}
		for j := range want {
			if !got[j].Equal(want[j]) {
				t.Fatalf("row %d, %s = %v, want %v", rows+1, s.Fields[j].Name, got[j], want[j])
			}
		}
		if err := w.Write(got); err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if rows != 20000 {
		t.Fatalf("%d rows, want 20000", rows)
	}
	if _, err := table.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	again := readAll(t, NewCSVReader(&out, s, dialect))
	sameRows(t, again, readAll(t, NewCSVReader(table, s, dialect)))
}

func TestCP949IsRefusedByName(t *testing.T) {
	f, err := os.Open(filepath.Join(sharedDir, "korean", "reviews_20k_cp949.csv"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the Korean reviews are not beside the project")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := MustSchema("review_id", "string", "movie_id", "string", "author", "string", "rating", "string", "date", "string", "review", "string")
	_, err = NewCSVReader(f, s, CSVOptions{}).Next()
	if err == nil || !strings.Contains(err.Error(), "Line 2 of the CSV file is not valid UTF-8") {
		t.Fatalf("a CP949 file: %v", err)
	}
}

// BenchmarkReviewsToCSV turns all 712,404 reviews from NDJSON into CSV.
func BenchmarkReviewsToCSV(b *testing.B) {
	packed, err := os.Open(filepath.Join(sharedDir, "korean", "nsmc_reviews.ndjson.gz"))
	if errors.Is(err, os.ErrNotExist) {
		b.Skip("the Korean reviews are not beside the project")
	}
	if err != nil {
		b.Fatal(err)
	}
	defer packed.Close()
	lines, err := gzip.NewReader(bufio.NewReader(packed))
	if err != nil {
		b.Fatal(err)
	}
	content, err := io.ReadAll(lines)
	if err != nil {
		b.Fatal(err)
	}
	s := MustSchema("review_id", "string", "movie_id", "string", "author", "string", "rating", "string", "date", "string", "review", "string")
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	rows := int64(0)
	for b.Loop() {
		r := NewNDJSONReader(bytes.NewReader(content), s, ReadOptions{})
		w := NewCSVWriter(io.Discard, s, CSVOptions{BOM: true, CRLF: true})
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if err := w.Write(row); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
		rows += w.Rows()
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
