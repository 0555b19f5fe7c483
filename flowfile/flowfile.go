package flowfile

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ID names a FlowFile within its store. It is never reused.
type ID uint64

// String returns the decimal form, which is also the form on the wire.
func (id ID) String() string { return strconv.FormatUint(uint64(id), 10) }

// RunID is the dense number of a run within its store. Zero stands for
// continuous data, which belongs to no run.
type RunID uint64

// String returns the decimal form.
func (r RunID) String() string { return strconv.FormatUint(uint64(r), 10) }

// Relationship names an output of a processor, such as "success".
type Relationship string

// UnknownRows is the value of FlowFile.Rows for content whose records nobody
// has counted.
const UnknownRows int64 = -1

// FlowFile is one unit of data: attributes and content. A processor gets it
// from a session and must not keep it after the session has ended. Change it
// only through the session.
type FlowFile struct {
	// ID is unique within the store.
	ID ID
	// Run is the run that it belongs to; zero for continuous data.
	Run RunID
	// Attrs are its attributes, sorted by name and shared between copies.
	Attrs Attrs
	// Content is its content; the zero claim is empty.
	Content Claim
	// Rows is how many records the content holds, or UnknownRows. Only a record
	// writer sets it.
	Rows int64
	// Origin places it in the order of its run, whatever ran in parallel.
	Origin Origin
	// Entered is when its oldest ancestor entered the flow.
	Entered time.Time
	// Hops counts the connections that it and its ancestors passed.
	Hops uint32
	// Attempt counts the tries that failed at its present connection.
	Attempt uint32
	// NotBefore is the earliest time for the next try; zero for now.
	NotBefore time.Time

	hold *hold // what the owning session knows of it
}

// Attr returns an attribute's value, or "" when it is not set.
func (f *FlowFile) Attr(name string) string {
	v, _ := f.Attrs.Get(name)
	return v
}

// Size returns the content's length in bytes.
func (f *FlowFile) Size() int64 { return f.Content.Size }

// Claim points at immutable bytes in the content store. The zero Claim is
// empty content. Small content is carried inline in the claim itself.
type Claim struct {
	// Segment is the number of the segment file; zero when the content is
	// inline or empty.
	Segment uint64
	// Offset is where the frame starts in the segment, in bytes.
	Offset int64
	// Size is the length of the content in bytes.
	Size int64
	// Inline is the content itself when Segment is zero.
	Inline string
}

// InlineLimit is the largest content, in bytes, that is carried in the claim.
// Measured: up to about this size a bbolt value is cheaper than a segment frame.
const InlineLimit = 512

// Inline returns a claim that carries its bytes.
func Inline(b []byte) Claim { return Claim{Size: int64(len(b)), Inline: string(b)} }

// Content stores and reads immutable bytes.
//
// Append calls write once with a writer and stores all that was written, or
// nothing: when write or the store fails no claim exists. What was appended is
// durable only with the commit that refers to it; until then it is staged, kept
// while the process lives and purged at the next start. Content of at most
// InlineLimit bytes comes back as an inline claim.
//
// Open returns the bytes of a claim; Close must be called. Damaged bytes are an
// error with code content_damaged, never wrong bytes.
type Content interface {
	Append(ctx context.Context, write func(io.Writer) error) (Claim, error)
	Open(ctx context.Context, c Claim) (io.ReadCloser, error)
}

// Attr is one attribute.
type Attr struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Attrs are attributes sorted by name, without duplicates. They are immutable:
// With and Without return a changed copy, so that copies of a FlowFile share
// one slice.
type Attrs []Attr

// AttrsOf returns attributes from a map.
func AttrsOf(m map[string]string) Attrs {
	if len(m) == 0 {
		return nil
	}
	a := make(Attrs, 0, len(m))
	for n, v := range m {
		a = append(a, Attr{n, v})
	}
	slices.SortFunc(a, func(x, y Attr) int { return strings.Compare(x.Name, y.Name) })
	return a
}

func (a Attrs) find(name string) (int, bool) {
	return slices.BinarySearchFunc(a, name, func(x Attr, n string) int { return strings.Compare(x.Name, n) })
}

// Get returns the value of name and whether it is set.
func (a Attrs) Get(name string) (string, bool) {
	if i, ok := a.find(name); ok {
		return a[i].Value, true
	}
	return "", false
}

// With returns the attributes with name set to value.
func (a Attrs) With(name, value string) Attrs {
	i, ok := a.find(name)
	if ok {
		if a[i].Value == value {
			return a
		}
		b := slices.Clone(a)
		b[i].Value = value
		return b
	}
	b := make(Attrs, 0, len(a)+1)
	b = append(b, a[:i]...)
	b = append(b, Attr{name, value})
	return append(b, a[i:]...)
}

// Without returns the attributes without name.
func (a Attrs) Without(name string) Attrs {
	i, ok := a.find(name)
	if !ok {
		return a
	}
	b := make(Attrs, 0, len(a)-1)
	b = append(b, a[:i]...)
	return append(b, a[i+1:]...)
}

// Map returns a copy as a map.
func (a Attrs) Map() map[string]string {
	m := make(map[string]string, len(a))
	for _, x := range a {
		m[x.Name] = x.Value
	}
	return m
}

// SchemaAttr is the reserved attribute that names the schema of record content
// by its hash.
const SchemaAttr = "record.schema"

// MimeAttr is the attribute that holds the content's media type.
const MimeAttr = "mime.type"

// NDJSON is the media type of record content inside Weir.
const NDJSON = "application/x-ndjson"

// RunPrefix begins the read-only attributes that describe the run.
const RunPrefix = "run."
