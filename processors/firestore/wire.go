package firestore

import (
	"errors"
	"math"
	"unsafe"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// raw is a response in wire form.
type raw struct{ b []byte }

// codec leaves responses asked for as raw in wire form.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Unmarshal keeps a copy of the bytes, which nothing overwrites: rows share it.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if r, ok := v.(*raw); ok {
		r.b = data.Materialize()
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}

// Field numbers of google/firestore/v1/firestore.proto and document.proto.
const (
	responseDocument protowire.Number = 1 // RunQueryResponse

	documentName    protowire.Number = 1
	documentFields  protowire.Number = 2
	documentCreated protowire.Number = 3
	documentUpdated protowire.Number = 4

	entryKey   protowire.Number = 1 // of a map field
	entryValue protowire.Number = 2
)

// kind is the type of a Firestore value: the number of its field in Value's
// oneof.
type kind = protowire.Number

const (
	kindBool      kind = 1
	kindInteger   kind = 2
	kindDouble    kind = 3
	kindReference kind = 5
	kindMap       kind = 6
	kindGeo       kind = 8
	kindArray     kind = 9
	kindTimestamp kind = 10
	kindNull      kind = 11
	kindString    kind = 17
	kindBytes     kind = 18
)

var kindNames = map[kind]string{kindBool: "boolean", kindInteger: "integer", kindDouble: "double", kindReference: "reference",
	kindMap: "map", kindGeo: "geopoint", kindArray: "array", kindTimestamp: "timestamp", kindNull: "null", kindString: "string",
	kindBytes: "bytes"}

// kindName names a type; one that is not known here is newer than this program.
func kindName(k kind) string {
	if n, ok := kindNames[k]; ok {
		return n
	}
	return "of an unknown type"
}

// value is one Firestore value: its type, and its bits or bytes.
type value struct {
	kind kind
	// num holds a bool, an integer, the bits of a double or a timestamp's
	// microseconds.
	num uint64
	// b holds a text, bytes, or the message of a map, array or geopoint.
	b []byte
}

func (v value) text() string     { return view(v.b) }
func (v value) double() float64  { return math.Float64frombits(v.num) }
func (v value) integer() int64   { return int64(v.num) }
func (v value) micros() int64    { return int64(v.num) }
func (v value) boolean() bool    { return v.num != 0 }
func (v value) typeName() string { return kindName(v.kind) }

// view returns b as a string that shares it. Nothing writes to a response once
// it has arrived.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// errWire says that the server sent something that is no message.
var errWire = errors.New("the response is not a valid message")

// field is one field of a document or a map.
type field struct {
	name string
	v    value
}

// document is one document of a response; all of it shares the response's bytes.
type document struct {
	name             string // projects/P/databases/D/documents/...
	created, updated int64  // microseconds
	fields           []field
	missing          bool // only named: it does not exist
}

// reset empties a document, whose memory is used for the next one.
func (d *document) reset() {
	clear(d.fields)
	*d = document{fields: d.fields[:0]}
}

// fieldOf reads one field of a message: its number, and its bits or its bytes.
func fieldOf(b []byte) (num protowire.Number, bits uint64, body, rest []byte, err error) {
	num, typ, n := protowire.ConsumeTag(b)
	if n < 0 {
		return 0, 0, nil, nil, errWire
	}
	b = b[n:]
	switch typ {
	case protowire.VarintType:
		bits, n = protowire.ConsumeVarint(b)
	case protowire.Fixed64Type:
		bits, n = protowire.ConsumeFixed64(b)
	case protowire.BytesType:
		body, n = protowire.ConsumeBytes(b)
	default:
		n = protowire.ConsumeFieldValue(num, typ, b)
	}
	if n < 0 {
		return 0, 0, nil, nil, errWire
	}
	return num, bits, body, b[n:], nil
}

// readResponse reads a RunQueryResponse into d and reports whether it holds a
// document.
func readResponse(b []byte, d *document) (bool, error) {
	d.reset()
	found := false
	for len(b) > 0 {
		num, _, body, rest, err := fieldOf(b)
		if err != nil {
			return false, err
		}
		b = rest
		if num == responseDocument {
			found = true
			if err := d.read(body); err != nil {
				return false, err
			}
		}
	}
	return found, nil
}

// read adds the parts of a Document message.
func (d *document) read(b []byte) error {
	for len(b) > 0 {
		num, _, body, rest, err := fieldOf(b)
		if err != nil {
			return err
		}
		b = rest
		switch num {
		case documentName:
			d.name = view(body)
		case documentFields:
			var f field
			if f, err = readEntry(body); err == nil {
				d.fields = append(d.fields, f)
			}
		case documentCreated:
			d.created, err = readTimestamp(body)
		case documentUpdated:
			d.updated, err = readTimestamp(body)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readEntry reads one entry of a map field.
func readEntry(b []byte) (field, error) {
	var f field
	for len(b) > 0 {
		num, _, body, rest, err := fieldOf(b)
		if err != nil {
			return f, err
		}
		b = rest
		switch num {
		case entryKey:
			f.name = view(body)
		case entryValue:
			if f.v, err = readValue(body); err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// readValue reads a Value message; its last part holds, as for every oneof.
func readValue(b []byte) (value, error) {
	var v value
	for len(b) > 0 {
		num, bits, body, rest, err := fieldOf(b)
		if err != nil {
			return v, err
		}
		b = rest
		v = value{kind: num, num: bits, b: body}
		if num == kindTimestamp {
			us, err := readTimestamp(body)
			if err != nil {
				return v, err
			}
			v.num = uint64(us)
		}
	}
	return v, nil
}

// readTimestamp reads a Timestamp as microseconds, finer digits cut off towards
// the past.
func readTimestamp(b []byte) (int64, error) {
	var sec, nanos int64
	for len(b) > 0 {
		num, bits, _, rest, err := fieldOf(b)
		if err != nil {
			return 0, err
		}
		b = rest
		switch num {
		case 1:
			sec = int64(bits)
		case 2:
			nanos = int64(int32(bits))
		}
	}
	return sec*1e6 + nanos/1e3, nil
}

// readGeo reads a LatLng.
func readGeo(b []byte) (lat, lng float64, err error) {
	for len(b) > 0 {
		num, bits, _, rest, err := fieldOf(b)
		if err != nil {
			return 0, 0, err
		}
		b = rest
		switch num {
		case 1:
			lat = math.Float64frombits(bits)
		case 2:
			lng = math.Float64frombits(bits)
		}
	}
	return lat, lng, nil
}

// readArray calls each for every element of an ArrayValue.
func readArray(b []byte, each func(value) error) error {
	for len(b) > 0 {
		num, _, body, rest, err := fieldOf(b)
		if err != nil {
			return err
		}
		b = rest
		if num != 1 {
			continue
		}
		v, err := readValue(body)
		if err == nil {
			err = each(v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// readMap appends the fields of a MapValue to to.
func readMap(b []byte, to []field) ([]field, error) {
	for len(b) > 0 {
		num, _, body, rest, err := fieldOf(b)
		if err != nil {
			return to, err
		}
		b = rest
		if num != 1 {
			continue
		}
		f, err := readEntry(body)
		if err != nil {
			return to, err
		}
		to = append(to, f)
	}
	return to, nil
}

// vectorOf returns the elements' array of a map that stands for a vector:
// {"__type__": "__vector__", "value": [...]}.
func vectorOf(fields []field) (value, bool) {
	if len(fields) != 2 {
		return value{}, false
	}
	t, v := fields[0], fields[1]
	if t.name == "value" {
		t, v = v, t
	}
	if t.name != "__type__" || t.v.kind != kindString || t.v.text() != "__vector__" || v.name != "value" || v.v.kind != kindArray {
		return value{}, false
	}
	return v.v, true
}
