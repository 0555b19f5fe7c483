package sandbox

import (
	"math"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// Field numbers of google/firestore/v1/document.proto and firestore.proto that
// are written and read here byte by byte.
const (
	documentName    = 1
	documentFields  = 2
	documentCreated = 3
	documentUpdated = 4

	responseDocument = 1 // RunQueryResponse
	responseReadTime = 3
	responseSkipped  = 4

	entryKey   = 1 // a map's entry
	entryValue = 2
)

// Field numbers of Value's types.
const (
	valueBoolean   protowire.Number = 1
	valueInteger   protowire.Number = 2
	valueDouble    protowire.Number = 3
	valueReference protowire.Number = 5
	valueMap       protowire.Number = 6
	valueGeo       protowire.Number = 8
	valueArray     protowire.Number = 9
	valueTimestamp protowire.Number = 10
	valueNull      protowire.Number = 11
	valueString    protowire.Number = 17
	valueBytes     protowire.Number = 18
)

// encodeFields returns the wire form of Document.fields with sorted keys, so
// that equal fields have equal bytes.
func encodeFields(fields map[string]*pb.Value) ([]byte, error) {
	return proto.MarshalOptions{Deterministic: true}.Marshal(&pb.Document{Fields: fields})
}

// decodeFields is the inverse of encodeFields for bytes held by the database.
func decodeFields(b []byte) map[string]*pb.Value {
	var d pb.Document
	if err := proto.Unmarshal(b, &d); err != nil {
		panic("sandbox: stored fields do not decode: " + err.Error())
	}
	return d.Fields
}

// eachField calls yield with each top-level field: its name, its Value's bytes
// and the whole map entry with its tag. It stops when yield returns false.
func eachField(fields []byte, yield func(name, value, whole []byte) bool) {
	for len(fields) > 0 {
		_, _, n := protowire.ConsumeTag(fields)
		e, m := protowire.ConsumeBytes(fields[n:])
		whole := fields[:n+m]
		fields = fields[n+m:]
		var name, value []byte
		for len(e) > 0 {
			num, _, n := protowire.ConsumeTag(e)
			b, m := protowire.ConsumeBytes(e[n:])
			if num == entryKey {
				name = b
			} else {
				value = b
			}
			e = e[n+m:]
		}
		if !yield(name, value, whole) {
			return
		}
	}
}

// lookup returns the value at path, or nil when the document lacks it.
func lookup(fields []byte, path fieldPath) *pb.Value {
	var found *pb.Value
	eachField(fields, func(name, value, _ []byte) bool {
		if string(name) != path[0] {
			return true
		}
		found = new(pb.Value)
		if err := proto.Unmarshal(value, found); err != nil {
			panic("sandbox: stored value does not decode: " + err.Error())
		}
		return false
	})
	for _, seg := range path[1:] {
		found = found.GetMapValue().GetFields()[seg]
	}
	return found
}

// appendTime appends a Timestamp field of us microseconds.
func appendTime(b []byte, num protowire.Number, us int64) []byte {
	sec, nanos := us/1e6, us%1e6*1e3
	if nanos < 0 {
		sec, nanos = sec-1, nanos+1e9
	}
	size := 0
	if sec != 0 {
		size += 1 + protowire.SizeVarint(uint64(sec))
	}
	if nanos != 0 {
		size += 1 + protowire.SizeVarint(uint64(nanos))
	}
	b = protowire.AppendTag(b, num, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	if sec != 0 {
		b = protowire.AppendTag(b, 1, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(sec))
	}
	if nanos != 0 {
		b = protowire.AppendTag(b, 2, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(nanos))
	}
	return b
}

// nested appends a length-delimited field whose bytes body appends.
func nested(b []byte, num protowire.Number, body func([]byte) []byte) []byte {
	b = protowire.AppendTag(b, num, protowire.BytesType)
	at := len(b)
	b = append(b, 0) // one byte suffices for most lengths
	b = body(b)
	size := len(b) - at - 1
	if extra := protowire.SizeVarint(uint64(size)) - 1; extra > 0 {
		b = append(b, make([]byte, extra)...)
		copy(b[at+1+extra:], b[at+1:at+1+size])
	}
	protowire.AppendVarint(b[:at], uint64(size))
	return b
}

// fieldWriter appends values in wire form. Fields are to be written in the
// order of their names, as encodeFields does.
type fieldWriter struct {
	b   []byte
	num protowire.Number // documentFields, or 1 inside a MapValue
}

func (w *fieldWriter) entry(name string, value func([]byte) []byte) {
	w.b = nested(w.b, w.num, func(b []byte) []byte {
		b = protowire.AppendTag(b, entryKey, protowire.BytesType)
		b = protowire.AppendString(b, name)
		return nested(b, entryValue, value)
	})
}

func (w *fieldWriter) str(name, s string) {
	w.entry(name, func(b []byte) []byte { return appendString(b, s) })
}
func (w *fieldWriter) integer(name string, i int64) {
	w.entry(name, func(b []byte) []byte { return appendInteger(b, i) })
}
func (w *fieldWriter) double(name string, d float64) {
	w.entry(name, func(b []byte) []byte { return appendDouble(b, d) })
}
func (w *fieldWriter) boolean(name string, v bool) {
	w.entry(name, func(b []byte) []byte { return appendBoolean(b, v) })
}
func (w *fieldWriter) null(name string) { w.entry(name, appendNull) }
func (w *fieldWriter) time(name string, us int64) {
	w.entry(name, func(b []byte) []byte { return appendTime(b, valueTimestamp, us) })
}
func (w *fieldWriter) bytes(name string, v []byte) {
	w.entry(name, func(b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(b, valueBytes, protowire.BytesType), v)
	})
}
func (w *fieldWriter) reference(name, ref string) {
	w.entry(name, func(b []byte) []byte {
		return protowire.AppendString(protowire.AppendTag(b, valueReference, protowire.BytesType), ref)
	})
}
func (w *fieldWriter) geo(name string, lat, lng float64) {
	w.entry(name, func(b []byte) []byte {
		return nested(b, valueGeo, func(b []byte) []byte {
			b = protowire.AppendFixed64(protowire.AppendTag(b, 1, protowire.Fixed64Type), math.Float64bits(lat))
			return protowire.AppendFixed64(protowire.AppendTag(b, 2, protowire.Fixed64Type), math.Float64bits(lng))
		})
	})
}

// array writes n elements; element i is appended by each.
func (w *fieldWriter) array(name string, n int, each func(b []byte, i int) []byte) {
	w.entry(name, func(b []byte) []byte {
		return nested(b, valueArray, func(b []byte) []byte {
			for i := range n {
				b = nested(b, 1, func(b []byte) []byte { return each(b, i) })
			}
			return b
		})
	})
}

// object writes a map whose fields body writes.
func (w *fieldWriter) object(name string, body func(*fieldWriter)) {
	w.entry(name, func(b []byte) []byte { return appendObject(b, body) })
}

func appendObject(b []byte, body func(*fieldWriter)) []byte {
	return nested(b, valueMap, func(b []byte) []byte {
		in := fieldWriter{b: b, num: 1}
		body(&in)
		return in.b
	})
}

func appendString(b []byte, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, valueString, protowire.BytesType), s)
}

func appendInteger(b []byte, i int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, valueInteger, protowire.VarintType), uint64(i))
}

func appendDouble(b []byte, d float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, valueDouble, protowire.Fixed64Type), math.Float64bits(d))
}

func appendBoolean(b []byte, v bool) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, valueBoolean, protowire.VarintType), protowire.EncodeBool(v))
}

func appendNull(b []byte) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, valueNull, protowire.VarintType), 0)
}
