package segment

import (
	"encoding/binary"
	"hash/crc32"
)

const (
	// version is the version byte that this code writes, and the newest that it
	// reads.
	version = 1
	// headerSize is the length of a file's header in bytes.
	headerSize = 20
	// frameHead is what a frame adds to its payload, in bytes.
	frameHead = 8
	// chunkSize is the longest payload of a content frame. A reader holds one
	// chunk, since it hands out no byte before the checksum agrees.
	chunkSize = 64 << 10
	// moreBit in the length word says that the content goes on in the next frame.
	moreBit = 1 << 31

	contentMagic = "WEIRSEG"
	eventMagic   = "WEIREVT"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendHeader appends the header of a file: magic, version, number, checksum.
func appendHeader(b []byte, magic string, number uint64) []byte {
	start := len(b)
	b = append(b, magic...)
	b = append(b, version)
	b = binary.BigEndian.AppendUint64(b, number)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli))
}

// headerState says what a header is worth.
type headerState uint8

const (
	headerGood headerState = iota
	headerBad
	headerNewer
)

// checkHeader judges a header. The layout of the header is the same in every
// version, so that a damaged version byte is not mistaken for a newer version.
func checkHeader(b []byte, magic string, number uint64) headerState {
	if len(b) < headerSize || string(b[:7]) != magic ||
		binary.BigEndian.Uint32(b[16:]) != crc32.Checksum(b[:16], castagnoli) ||
		binary.BigEndian.Uint64(b[8:]) != number {
		return headerBad
	}
	switch v := b[7]; {
	case v > version:
		return headerNewer
	case v == 0:
		return headerBad
	}
	return headerGood
}

// frameSum finishes the checksum of a frame: over the payload, then the length
// word, the file's number and the frame's offset.
func frameSum(payload uint32, word uint32, number uint64, offset int64) uint32 {
	var tail [20]byte
	binary.BigEndian.PutUint32(tail[0:], word)
	binary.BigEndian.PutUint64(tail[4:], number)
	binary.BigEndian.PutUint64(tail[12:], uint64(offset))
	return crc32.Update(payload, castagnoli, tail[:])
}

// putFrameHead writes the head of a frame whose payload follows it in b.
func putFrameHead(b []byte, more bool, number uint64, offset int64) {
	word := uint32(len(b) - frameHead)
	if more {
		word |= moreBit
	}
	binary.BigEndian.PutUint32(b, word)
	binary.BigEndian.PutUint32(b[4:], frameSum(crc32.Checksum(b[frameHead:], castagnoli), word, number, offset))
}

// frameLength returns the payload length that a frame's head gives and whether
// the content goes on.
func frameLength(head []byte) (n int, more bool) {
	word := binary.BigEndian.Uint32(head)
	return int(word &^ moreBit), word&moreBit != 0
}

// frameGood reports whether b, a head and exactly its payload, is a whole frame
// written at offset of the file with that number.
func frameGood(b []byte, number uint64, offset int64) bool {
	if len(b) <= frameHead {
		return false
	}
	word := binary.BigEndian.Uint32(b)
	if int(word&^moreBit) != len(b)-frameHead {
		return false
	}
	return binary.BigEndian.Uint32(b[4:]) == frameSum(crc32.Checksum(b[frameHead:], castagnoli), word, number, offset)
}
