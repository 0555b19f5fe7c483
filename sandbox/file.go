package sandbox

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
)

// File is a collection that is read from NDJSON, one document a line.
//
// A line is a plain JSON object, whose whole numbers become integers, other
// numbers doubles, objects maps; or a document in the form of Firestore's REST
// API, {"name": ..., "fields": {"a": {"stringValue": ...}}}, which can hold
// every type.
type File struct {
	// Collection is the collection's path, e.g. "reviews" or "users/ann/notes".
	Collection string
	// Path is the file; gzip is recognised by its content.
	Path string
	// IDField names the top-level field that holds the document id. When empty,
	// the id is the end of a REST document's name, or the field "__id" or "id" if
	// that holds a string, or else the number of the line with leading zeros.
	IDField string
}

// ParseFile reads the text form COLLECTION[:IDFIELD]=FILE.
func ParseFile(text string) (File, error) {
	what, file, ok := strings.Cut(text, "=")
	f := File{Path: file}
	f.Collection, f.IDField, _ = strings.Cut(what, ":")
	if !ok || f.Collection == "" || file == "" {
		return File{}, fault.New("sandbox_file_flag", "text", text).Permanent()
	}
	if _, err := f.key(); err != nil {
		return File{}, err
	}
	return f, nil
}

func (f File) key() (key, error) {
	k, err := pathKey(f.Collection)
	if err != nil || depth(k)%2 == 0 {
		return "", fault.New("sandbox_file_collection", "collection", f.Collection, "file", f.Path).Permanent()
	}
	return k, nil
}

// lined is an entry and where it came from.
type lined struct {
	entry
	file *File
	line int
}

func (l lined) place() string { return fmt.Sprintf("%s:%d", l.file.Path, l.line) }

// maxLine bounds a line; a document of 1 MiB stays below it in any spelling.
const maxLine = 16 << 20

// lineBatch is how many lines are parsed in parallel at a time.
const lineBatch = 1 << 12

// loadFiles reads all files into the database.
func (s *service) loadFiles(ctx context.Context, files []File) error {
	byID := map[string][]lined{}
	for i := range files {
		f := &files[i]
		k, err := f.key()
		if err != nil {
			return err
		}
		docs, err := f.read(ctx, k, s.db.now())
		if err != nil {
			return err
		}
		id := k[strings.LastIndex(k, sep)+1:]
		byID[id] = append(byID[id], docs...)
	}
	for id, docs := range byID {
		slices.SortFunc(docs, func(a, b lined) int { return cmp.Or(strings.Compare(a.key, b.key), cmp.Compare(a.line, b.line)) })
		sorted := make([]entry, len(docs))
		for i, d := range docs {
			if i > 0 && d.key == docs[i-1].key {
				return fault.New("sandbox_duplicate_id", "id", d.key[strings.LastIndex(d.key, sep)+1:],
					"first", docs[i-1].place(), "second", d.place()).Permanent()
			}
			sorted[i] = d.entry
		}
		s.db.load(id, sorted)
	}
	return nil
}

// read returns the documents of the file, in its order. They are as old as the
// file is, so that reading it again gives the same times.
func (f *File) read(ctx context.Context, coll key, now time.Time) ([]lined, error) {
	in, err := os.Open(f.Path)
	if err != nil {
		return nil, fault.New("sandbox_file_open", "file", f.Path).Because(err)
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return nil, fault.New("sandbox_file_open", "file", f.Path).Because(err)
	}
	written := st.ModTime()
	if written.After(now) {
		written = now
	}
	var r io.Reader = bufio.NewReaderSize(in, 1<<16)
	if magic, _ := r.(*bufio.Reader).Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, fault.New("sandbox_file_read", "file", f.Path, "line", 1).Because(err)
		}
		r = z
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	parsers := make([]lineParser, runtime.GOMAXPROCS(0))
	for i := range parsers {
		parsers[i] = lineParser{file: f, coll: coll, generator: generator{now: now}, written: written}
	}
	var all []lined
	var text []byte
	var ends []int
	for done, first := false, 1; !done; first += len(ends) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		text, ends = text[:0], ends[:0]
		for len(ends) < lineBatch && !done {
			if done = !lines.Scan(); !done {
				text = append(text, lines.Bytes()...)
				ends = append(ends, len(text))
			}
		}
		docs := make([]lined, len(ends))
		if err := parse(parsers, text, ends, docs, first); err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(docs, func(d lined) bool { return d.head == nil })...)
		if done && lines.Err() != nil {
			return nil, fault.New("sandbox_file_read", "file", f.Path, "line", first+len(ends)).Because(lines.Err())
		}
	}
	return all, nil
}

// parse spreads a batch of lines over the parsers; blank lines leave a zero in
// docs. Of several bad lines the first is reported.
func parse(parsers []lineParser, text []byte, ends []int, docs []lined, first int) error {
	errs := make([]error, len(parsers))
	var wg sync.WaitGroup
	for p := range parsers {
		wg.Go(func() {
			for i := p * len(ends) / len(parsers); i < (p+1)*len(ends)/len(parsers); i++ {
				start := 0
				if i > 0 {
					start = ends[i-1]
				}
				if docs[i], errs[p] = parsers[p].document(text[start:ends[i]], first+i); errs[p] != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs { // the parsers' lines are in order
		if err != nil {
			return err
		}
	}
	return nil
}
