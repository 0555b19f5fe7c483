package store

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/store/segment"
)

// dumps are what Dump can print, by name.
var dumps = []string{"summary", "meta", "flows", "versions", "runs", "stream", "slots", "history", "queues", "parked",
	"states", "schedules", "settings", "schemas", "secrets", "endings", "refs", "segments", "segment/N", "events"}

// Dump prints a part of a data directory that no process has open: one of
// summary, meta, flows, versions, runs, stream, slots, history, queues, parked,
// states, schedules, settings, schemas, secrets (their names), endings, refs, segments,
// segment/N and events. Each line is a JSON object, but for segments.
func Dump(ctx context.Context, w io.Writer, dir, what string) error {
	o, err := openOffline(dir)
	if err != nil {
		return err
	}
	defer o.close()
	if o.bad != nil {
		return o.bad
	}
	b := bufio.NewWriter(w)
	p := &printer{o: o, enc: json.NewEncoder(b), w: b}
	p.enc.SetEscapeHTML(false)
	err = guard(boltFile, func() error {
		return o.db.View(func(tx *bolt.Tx) error { return p.print(ctx, tx, what) })
	})
	if ferr := b.Flush(); err == nil {
		err = ferr
	}
	return err
}

type printer struct {
	o   *offline
	enc *json.Encoder
	w   io.Writer
}

func (p *printer) print(ctx context.Context, tx *bolt.Tx, what string) error {
	switch what {
	case "", "summary":
		return p.summary(tx)
	case "meta":
		return p.meta(tx)
	case "queues":
		return p.queues(ctx, tx)
	case "parked":
		return p.parked(tx)
	case "events":
		count, err := readCounters(tx)
		if err != nil {
			return err
		}
		return p.o.seg.WalkEvents(ctx, count.commit, func(r segment.Recorded) error {
			return p.enc.Encode(dumpEvent(r))
		})
	case "segments":
		for _, s := range p.o.seg.Segments() {
			r, err := p.o.seg.Verify(ctx, s.Number)
			if err != nil {
				return err
			}
			if err := p.enc.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	if n, ok := strings.CutPrefix(what, "segment/"); ok {
		if seg, err := strconv.ParseUint(n, 10, 64); err == nil {
			return p.o.seg.Dump(ctx, p.w, seg)
		}
	}
	for _, name := range bucketsOf(p.o.format) {
		if string(name) == what && what != string(bucketQueues) {
			return eachValue(tx, name, func(k, v []byte) error { return p.row(name, k, v) })
		}
	}
	return fault.New("dump_unknown", "what", what, "known", strings.Join(dumps, ", ")).Permanent()
}

// row prints a value: JSON as it is, numbers as numbers, secrets not at all.
func (p *printer) row(bucket, k, v []byte) error {
	line := struct {
		Key   string `json:"key"`
		Value any    `json:"value,omitempty"`
	}{Key: keyName(k)}
	switch {
	case string(bucket) == string(bucketSecrets):
		line.Value = fmt.Sprintf("%d sealed bytes", len(v))
	case json.Valid(v):
		line.Value = json.RawMessage(v)
	case len(v) == 8:
		line.Value = be64(v)
	default:
		line.Value = string(v)
	}
	return p.enc.Encode(line)
}

// keyName shows a key of a top-level bucket: texts as they are, numbers in
// decimal, parts separated by slashes.
func keyName(k []byte) string {
	text, rest, cut := strings.Cut(string(k), "\x00")
	switch {
	case !cut && len(k)%4 == 0 && strings.IndexFunc(string(k), func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
		return keyNumbers(k)
	case !cut && k[0] != 0:
		return text
	case cut && text != "":
		if strings.IndexFunc(rest, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
			return text + "/" + rest
		}
		return text + "/" + keyNumbers([]byte(rest))
	}
	return keyNumbers(k)
}

func keyNumbers(k []byte) string {
	var parts []string
	for len(k) >= 8 {
		parts = append(parts, strconv.FormatUint(be64(k), 10))
		k = k[8:]
	}
	if len(k) > 0 {
		parts = append(parts, fmt.Sprintf("%x", k))
	}
	return strings.Join(parts, "/")
}

func (p *printer) meta(tx *bolt.Tx) error {
	id, err := readIdentity(tx)
	if err != nil {
		return err
	}
	c, err := readCounters(tx)
	if err != nil {
		return err
	}
	return p.enc.Encode(struct {
		Format   uint32   `json:"format"`
		Identity identity `json:"identity"`
		Commit   uint64   `json:"commit"`
		Seq      uint64   `json:"seq"`
		IDMark   uint64   `json:"id_mark"`
		Run      uint64   `json:"run"`
		Segment  uint64   `json:"segment"`
	}{p.o.format, id, c.commit, c.seq, c.idMark, c.run, c.segment})
}

// summary prints how much there is of everything.
func (p *printer) summary(tx *bolt.Tx) error {
	if err := p.meta(tx); err != nil {
		return err
	}
	type line struct {
		What  string `json:"what"`
		Count int    `json:"count"`
	}
	for _, name := range bucketsOf(p.o.format) {
		if string(name) == string(bucketQueues) || string(name) == string(bucketMeta) {
			continue
		}
		n := 0
		if err := eachValue(tx, name, func(_, _ []byte) error { n++; return nil }); err != nil {
			return err
		}
		if err := p.enc.Encode(line{string(name), n}); err != nil {
			return err
		}
	}
	top := tx.Bucket(bucketQueues)
	return top.ForEachBucket(func(name []byte) error {
		return p.enc.Encode(line{placeName(name, nil), top.Bucket(name).Stats().KeyN})
	})
}

// dumpFile is a FlowFile as Dump prints it.
type dumpFile struct {
	Flow      string            `json:"flow,omitempty"`
	Version   uint32            `json:"version,omitempty"`
	Conn      string            `json:"conn"`
	Run       flowfile.RunID    `json:"run"`
	Prio      uint8             `json:"prio,omitempty"`
	Seq       uint64            `json:"seq,omitempty"`
	ID        flowfile.ID       `json:"id"`
	Origin    string            `json:"origin"`
	Rows      int64             `json:"rows"`
	Size      int64             `json:"size"`
	Segment   uint64            `json:"segment,omitempty"`
	Offset    int64             `json:"offset,omitempty"`
	Attrs     map[string]string `json:"attrs,omitempty"`
	Hops      uint32            `json:"hops,omitempty"`
	Attempt   uint32            `json:"attempt,omitempty"`
	Entered   time.Time         `json:"entered,omitzero"`
	NotBefore time.Time         `json:"not_before,omitzero"`
	Code      string            `json:"code,omitempty"`
	Cause     string            `json:"cause,omitempty"`
}

func newDumpFile(f *flowfile.FlowFile) dumpFile {
	return dumpFile{Run: f.Run, ID: f.ID, Origin: f.Origin.String(), Rows: f.Rows, Size: f.Size(), Segment: f.Content.Segment,
		Offset: f.Content.Offset, Attrs: f.Attrs.Map(), Hops: f.Hops, Attempt: f.Attempt, Entered: f.Entered, NotBefore: f.NotBefore}
}

func (p *printer) queues(ctx context.Context, tx *bolt.Tx) error {
	top := tx.Bucket(bucketQueues)
	return top.ForEachBucket(func(name []byte) error {
		flow, version, conn, ok := splitConnKey(name)
		if !ok {
			return damagedAt(bucketQueues, name, "the name of the queue is not valid")
		}
		return top.Bucket(name).ForEach(func(k, stored []byte) error {
			v, err := unseal(name, k, stored)
			if err != nil {
				return err
			}
			run, at, ok := splitEntryKey(k)
			if !ok {
				return damagedAt(name, k, "the key has a wrong length")
			}
			f, err := decodeEntry(v, run)
			if err != nil {
				return damagedAt(name, k, err.Error())
			}
			line := newDumpFile(f)
			line.Flow, line.Version, line.Conn, line.Prio, line.Seq = flow, version, conn, at.prio, at.seq
			if err := ctx.Err(); err != nil {
				return err
			}
			return p.enc.Encode(line)
		})
	})
}

func (p *printer) parked(tx *bolt.Tx) error {
	return eachValue(tx, bucketParked, func(k, v []byte) error {
		if len(k) < 16 {
			return damagedAt(bucketParked, k, "the key is not valid")
		}
		f, err := decodeParked(v, flowfile.RunID(be64(k[len(k)-16:])))
		if err != nil {
			return damagedAt(bucketParked, k, err.Error())
		}
		line := newDumpFile(f.FlowFile)
		line.Flow, line.Conn, line.Code, line.Cause = strings.SplitN(string(k), "\x00", 2)[0], f.Conn, f.Code, f.Cause
		return p.enc.Encode(line)
	})
}

// dumpEvent is an event as Dump prints it.
func dumpEvent(r segment.Recorded) any {
	return struct {
		Commit  uint64        `json:"commit"`
		Time    time.Time     `json:"time"`
		Type    string        `json:"type"`
		ID      flowfile.ID   `json:"id"`
		Parents []flowfile.ID `json:"parents,omitempty"`
		Node    string        `json:"node,omitempty"`
		Rel     string        `json:"rel,omitempty"`
		Class   string        `json:"class,omitempty"`
		Why     string        `json:"why,omitempty"`
		Rows    int64         `json:"rows"`
		Size    int64         `json:"size"`
	}{r.Commit, r.Time, r.Type.String(), r.ID, r.Parents, r.Node, string(r.Rel), r.Class.String(), r.Why, r.Rows, r.Size}
}
