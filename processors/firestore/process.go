package firestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/record"
)

// How large a page may grow in memory, and what it is steered to.
const (
	fullPage = 32 << 20
	goodPage = 8 << 20
	leastRow = 50 // the fewest documents that cut streams shrink a page to
)

// Process counts in its first session and reads one page in each one after; an
// empty page is the end.
func (r *ReadFirestore) Process(ctx context.Context, s *flowfile.Session) error {
	var c cursor
	if _, err := s.Cursor().Load(&c); err != nil {
		return err
	}
	query := r.identity()
	if c.Query != "" && c.Query != query {
		if c.Read > 0 {
			return fault.New("firestore_settings_changed", "collection", r.place.String(), "read", c.Read).Permanent()
		}
		c = cursor{}
	}
	if c.Done {
		s.Done()
		return nil
	}
	if c.Query == "" {
		c.Query = query
		return r.begin(ctx, s, &c)
	}
	return r.readPage(ctx, s, &c)
}

// identity tells what is read and what rows it becomes.
func (r *ReadFirestore) identity() string {
	return fmt.Sprintf("%s %s group=%t mask=%q schema=%s", r.client.DatabasePath(), r.place, r.group, r.mask(), r.layout.out.Hash()[:16])
}

// begin counts the documents, fixes the moment at which the run reads this
// service, and refuses what is too much or nothing.
func (r *ReadFirestore) begin(ctx context.Context, s *flowfile.Session, c *cursor) error {
	service := r.service.Name()
	asOf, adopted := s.Run().AsOf[service]
	count := func(at time.Time) (counted, error) {
		n, err := r.count(ctx, at)
		c.Billed += n.billed
		return n, err
	}
	n, err := count(asOf)
	if err == nil && !adopted {
		if asOf, err = s.AsOf(ctx, service, n.at); err == nil && !asOf.Equal(n.at) {
			n, err = count(asOf) // another source was first
		}
	}
	if errors.Is(err, errExpired) {
		// Nothing of this node is published, so it may read a later moment.
		if n, err = count(time.Time{}); err == nil {
			s.Warn(fault.New("firestore_new_read_time", "collection", r.place.String(),
				"old", stamp(asOf), "new", stamp(n.at)))
			asOf = n.at
		}
	}
	if err != nil {
		return err
	}
	c.ReadTime, c.Count, c.Size = asOf.UTC(), n.documents, r.pageSize
	s.Log().Info("documents counted", "collection", r.place.String(), "documents", c.Count, "read_time", stamp(c.ReadTime))
	switch {
	case c.Count > r.maxReads:
		return r.tooMany(c.Count)
	case c.Count == 0 && !r.listing():
		return r.empty(ctx, s, c)
	}
	return s.Cursor().Save(c)
}

// empty ends a run that has nothing to read, as the setting says.
func (r *ReadFirestore) empty(ctx context.Context, s *flowfile.Session, c *cursor) error {
	if r.onEmpty == fail {
		return r.nothing(ctx)
	}
	// The columns are known though there are no rows.
	if err := r.emit(s, c, success, r.layout.out, nil, 0); err != nil {
		return err
	}
	r.finish(s, c)
	return s.Cursor().Save(c)
}

// stamp writes a moment as Google's documents do.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// page is a page being read.
type page struct {
	read, rows, refused int64 // documents that came, and what became of them
	missing             int64 // of those read, the ones that do not exist
	out, bad            *record.NDJSONWriter
	why                 *fault.Error // of the first refused document
	by                  tally        // refused documents by the field that was to blame
	last                string
	token               string
	end, full           bool
	short               int64 // how far a page got that came to an end too soon
	log                 *slog.Logger
	cuts                int
}

// readPage reads documents until the page is complete or there are no more, and
// delivers them.
func (r *ReadFirestore) readPage(ctx context.Context, s *flowfile.Session, c *cursor) error {
	r.page.Reset()
	r.refused.Reset()
	l := r.layout
	l.readTime = record.TimestampOf(c.ReadTime)
	l.drift, l.nulled = &c.Drift, &c.Nulled
	p := &page{last: c.Last, out: record.NewNDJSONWriter(&r.page, l.out), bad: record.NewNDJSONWriter(&r.refused, rejects), log: s.Log()}
	fetch := r.fetch
	if r.listing() {
		fetch = r.list
	}
	if err := fetch(ctx, c, p); err != nil {
		if errors.Is(err, errExpired) && c.Read+c.Missing == 0 {
			return r.begin(ctx, s, &cursor{Query: c.Query, Billed: c.Billed})
		}
		return r.lost(c, p, err)
	}
	if err := errors.Join(p.out.Close(), p.bad.Close()); err != nil {
		return err
	}
	s.Read(p.read)
	c.Read += p.read - p.missing
	c.Missing += p.missing
	c.Rejected += p.refused
	for field, n := range p.by {
		c.Refused.add(field, n)
	}
	if c.Why == nil {
		c.Why = fault.NoteOf(errorOf(p.why))
	}
	c.Last, c.Token = strings.Clone(p.last), p.token
	c.Size = r.nextSize(c.Size, p)
	if p.rows > 0 {
		if err := r.emit(s, c, success, l.out, r.page.Bytes(), p.rows); err != nil {
			return err
		}
	}
	if p.refused > 0 {
		if err := r.emitRefused(s, c, p); err != nil {
			return err
		}
	}
	if p.end {
		if c.Read != c.Count {
			return fault.New("firestore_over_read", "collection", r.place.String(), "read", c.Read, "count", c.Count).Permanent()
		}
		if c.Read+c.Missing == 0 {
			return r.empty(ctx, s, c)
		}
		r.finish(s, c)
	}
	return s.Cursor().Save(c)
}

// fetch fills the page. A stream that breaks is opened again behind the last
// document that came, so nothing is read twice.
func (r *ReadFirestore) fetch(ctx context.Context, c *cursor, p *page) error {
	patience := patience{calls: r.calls}
	for p.read < c.Size && !p.end && !p.full {
		var bad error // what each returned, which is not the server's fault
		got := int64(0)
		after := ""
		if p.last != "" {
			after = r.layout.root + p.last
		}
		err := r.query(ctx, r.place.ordered(after, c.Size-p.read, r.mask(), pb.StructuredQuery_ASCENDING), c.ReadTime, &c.Billed,
			func(d *document) error {
				got++
				if bad = r.take(p, d); bad == nil && r.page.Len()+r.refused.Len() >= fullPage {
					p.full = true
					bad = errEnough
				}
				return bad
			})
		if got > 0 {
			patience.progress()
		}
		switch {
		case errors.Is(bad, errEnough):
			return nil
		case bad != nil:
			return bad
		case err == nil && got > 0:
			continue // full, or cut short by the server without a word
		case err == nil && c.Read+p.read >= c.Count:
			p.end = true
			continue
		case err == nil:
			err = errShort
		}
		if !errors.Is(err, errShort) {
			p.cuts++
		}
		if !patience.again(ctx, err) {
			return r.blame(ctx, err, &patience)
		}
		p.log.Warn("query is tried again", "collection", r.place.String(), "behind", p.last, "error", err)
	}
	return nil
}

// lost says what a failed page means for the run.
func (r *ReadFirestore) lost(c *cursor, p *page, err error) error {
	switch {
	case errors.Is(err, errExpired):
		return fault.New("read_time_expired", "collection", r.place.String(), "read_time", stamp(c.ReadTime), "read", c.Read+c.Missing).Permanent()
	case errors.Is(err, errShort):
		return fault.New("firestore_short_read", "collection", r.place.String(), "read", max(p.short, c.Read+p.read), "count", c.Count)
	}
	return err
}

// take adds one document to the page.
func (r *ReadFirestore) take(p *page, d *document) error {
	path, ok := strings.CutPrefix(d.name, r.layout.root)
	if !ok {
		return fmt.Errorf("read %s: a document of another database came, %q", r.place, clip(d.name))
	}
	p.read++
	p.last = path
	row, v, err := r.layout.fill(d)
	why := r.layout.reason
	if err == nil && v == taken {
		if err = p.out.Write(row); err == nil {
			p.rows++
			return nil
		}
		var bad *record.RowError
		if !errors.As(err, &bad) {
			return err
		}
		// A value that no column of its type holds, such as text that is not UTF-8.
		column := ""
		if f := fault.As(bad.Err); f != nil {
			column = f.Args["column"]
		}
		why = fault.New("firestore_row_refused", "document", p.last, "field", column).Permanent().Because(bad.Err)
		if r.onMismatch == fail {
			return why
		}
		err = nil
	}
	if err != nil {
		return err
	}
	p.refused++
	if p.why == nil {
		p.why = why
	}
	p.by.add(why.Args["field"], 1)
	return p.bad.Write(r.layout.refusal(d, why))
}

// nextSize steers pages: fewer documents where streams are cut or documents are
// large, more again, up to the setting, where all goes well.
func (r *ReadFirestore) nextSize(size int64, p *page) int64 {
	bytes := int64(r.page.Len() + r.refused.Len())
	switch {
	case p.cuts > 0:
		return max(min(size, leastRow), size/2)
	case bytes > 2*goodPage:
		return max(1, p.read*goodPage/bytes)
	case bytes < goodPage/2:
		return min(r.pageSize, size*2)
	}
	return size
}

// emit delivers rows that are already in their final form.
func (r *ReadFirestore) emit(s *flowfile.Session, c *cursor, to flowfile.Relationship, schema *record.Schema, rows []byte, n int64) error {
	f, err := r.flowFile(s, c, schema, rows, n)
	if err == nil {
		s.Transfer(f, to)
	}
	return err
}

func (r *ReadFirestore) emitRefused(s *flowfile.Session, c *cursor, p *page) error {
	f, err := r.flowFile(s, c, rejects, r.refused.Bytes(), p.refused)
	if err != nil {
		return err
	}
	s.Set(f, "reject.code", p.why.Code)
	s.Set(f, "reject.reason", p.why.Error())
	s.Transfer(f, rejected)
	return nil
}

func (r *ReadFirestore) flowFile(s *flowfile.Session, c *cursor, schema *record.Schema, rows []byte, n int64) (*flowfile.FlowFile, error) {
	text, err := schema.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("encode schema: %w", err)
	}
	f := s.Create()
	s.Set(f, "firestore.collection", r.place.String())
	s.Set(f, "firestore.read_time", stamp(c.ReadTime))
	s.Set(f, "firestore.billed_reads", strconv.FormatInt(c.Billed, 10))
	err = s.WriteRecords(f, text, func(w io.Writer) (int64, error) {
		_, err := io.Copy(w, bytes.NewReader(rows))
		return n, err
	})
	return f, err
}

// finish ends the activity and says what a person should know of it.
func (r *ReadFirestore) finish(s *flowfile.Session, c *cursor) {
	c.Done = true
	s.Done()
	s.Witness("Firestore", c.Count+c.Missing)
	s.Fact("reads", strconv.FormatInt(c.Billed, 10))
	s.Fact("read_time", stamp(c.ReadTime))
	if c.Rejected > 0 && c.Why != nil {
		s.Warn(fault.New("firestore_documents_rejected", "collection", r.place.String(), "rows", c.Rejected, "fields", c.Refused,
			"reason", fault.As(c.Why.Err())))
	}
	if len(c.Drift) > 0 {
		s.Warn(fault.New("firestore_drift_ignored", "collection", r.place.String(), "fields", c.Drift))
	}
	if len(c.Nulled) > 0 {
		s.Warn(fault.New("firestore_values_nulled", "collection", r.place.String(), "columns", c.Nulled))
	}
	s.Log().Info("collection read", "collection", r.place.String(), "documents", c.Read, "missing", c.Missing, "rejected", c.Rejected,
		"billed_reads", c.Billed, "read_time", stamp(c.ReadTime))
}

// errorOf is the fault as an error, nil for none.
func errorOf(f *fault.Error) error {
	if f == nil {
		return nil
	}
	return f
}
