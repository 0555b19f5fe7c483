package sandbox

import (
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// encoded is a response that is in wire form already.
type encoded []byte

// codec sends encoded responses as they are and leaves all else to protobuf,
// so that a document goes from the store to the socket without being decoded.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

// Marshal returns v in wire form.
func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if b, ok := v.(encoded); ok {
		return mem.BufferSlice{mem.SliceBuffer(b)}, nil
	}
	return c.CodecV2.Marshal(v)
}

// appendDocument appends a Document in wire form as field num.
func (n names) appendDocument(b []byte, num protowire.Number, h hit, m *mask) []byte {
	fields := m.apply(h.fields)
	const times = 2 * (2 + 2*6) // two timestamps of at most this size
	size := len(n.root) + len(h.key) + len(fields) + times + 8
	if spare := cap(b) - len(b); spare < size {
		b = append(make([]byte, 0, len(b)+size), b...)
	}
	return nested(b, num, func(b []byte) []byte {
		b = protowire.AppendTag(b, documentName, protowire.BytesType)
		b = protowire.AppendVarint(b, uint64(len(n.root)+1+len(h.key)))
		b = append(b, n.root...)
		b = append(b, '/')
		at := len(b)
		b = append(b, h.key...)
		for i := at; i < len(b); i++ {
			if b[i] == sep[0] {
				b[i] = '/'
			}
		}
		b = append(b, fields...)
		b = appendTime(b, documentCreated, h.created)
		return appendTime(b, documentUpdated, h.updated)
	})
}
