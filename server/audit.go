package server

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// The audit files grow to so many bytes each, and so many are kept.
const (
	auditMost = 4 << 20
	auditKept = 32
)

// foldWithin is for how long acts that may be kept as one are.
const foldWithin = time.Minute

// AuditLine is one line of the audit files: what somebody asked for or, when Of
// is set, that the act of that line, or one like it that was kept with it, failed.
type AuditLine struct {
	Seq uint64    `json:"seq"`
	At  time.Time `json:"at"`
	// Who asked, how they signed in, and from where.
	Who  string `json:"who"`
	Way  string `json:"way"`
	From string `json:"from,omitempty"`
	// Action is the operation, such as flows.publish; Flow and Subject are what it
	// was about.
	Action  string            `json:"action"`
	Flow    string            `json:"flow,omitempty"`
	Subject string            `json:"subject,omitempty"`
	Args    map[string]string `json:"args,omitempty"`
	// Of is the line of the act that failed, Failed the code of its error.
	Of     uint64 `json:"of,omitempty"`
	Failed string `json:"failed,omitempty"`
}

// AuditQuery asks for lines after one, the oldest first; with Newest for the
// newest ones, the newest first, of those before a line where Before names one.
type AuditQuery struct {
	After  uint64 `query:"after" json:"-"`
	Before uint64 `query:"before" json:"-"`
	Limit  int    `query:"limit" json:"-"`
	Newest bool   `query:"newest" json:"-"`
}

// AuditPage is some lines; Next is the After of the page behind it, with Newest
// its Before, and 0 at the end.
type AuditPage struct {
	Lines []AuditLine `json:"lines"`
	Next  uint64      `json:"next,omitempty"`
}

// audit is the files. A line is on the disk before the act begins.
type audit struct {
	dir string
	now func() time.Time

	mu     sync.Mutex
	file   *os.File
	size   int64
	seq    uint64
	folded map[string]fold
}

// fold is a line with which acts of its kind are kept, and when it was written.
type fold struct {
	at  time.Time
	seq uint64
}

// openAudit opens the directory of the files and finds the newest line.
func openAudit(dir string, now func() time.Time) (*audit, error) {
	a := &audit{dir: dir, now: now, folded: map[string]fold{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, a.fault(err)
	}
	names, err := a.names()
	if err != nil || len(names) == 0 {
		return a, err
	}
	last := names[len(names)-1]
	path := filepath.Join(dir, last)
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, a.fault(err)
	}
	whole := int64(bytes.LastIndexByte(b, '\n') + 1)
	if _, err := fmt.Sscanf(last, "%d.jsonl", &a.seq); err != nil {
		return nil, a.fault(err)
	}
	a.seq-- // of a file without a line
	if err := readLines(path, func(l AuditLine) { a.seq = max(a.seq, l.Seq) }); err != nil {
		return nil, a.fault(err)
	}
	if a.file, err = os.OpenFile(path, os.O_RDWR, 0o600); err != nil {
		return nil, a.fault(err)
	}
	// What a crash tore off was of an act that never began.
	err = a.file.Truncate(whole)
	if _, serr := a.file.Seek(whole, io.SeekStart); err == nil {
		err = serr
	}
	a.size = whole
	if err != nil {
		return nil, errors.Join(a.fault(err), a.close())
	}
	return a, nil
}

func (a *audit) fault(err error) error {
	return fault.New("audit_unwritten", "dir", a.dir).Because(err)
}

// names returns the files' names, the oldest first.
func (a *audit) names() ([]string, error) {
	all, err := os.ReadDir(a.dir)
	if err != nil {
		return nil, a.fault(err)
	}
	var names []string
	for _, f := range all {
		if strings.HasSuffix(f.Name(), ".jsonl") {
			names = append(names, f.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// append writes a line durably and returns its number.
func (a *audit) append(l AuditLine) (uint64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.write(l)
}

func (a *audit) write(l AuditLine) (uint64, error) {
	if a.file == nil || a.size >= auditMost {
		if err := a.turn(); err != nil {
			return 0, a.fault(err)
		}
	}
	l.Seq, l.At = a.seq+1, a.now().UTC()
	b, err := json.Marshal(l)
	if err != nil {
		return 0, err
	}
	n, err := a.file.Write(append(b, '\n'))
	if err == nil {
		err = a.file.Sync()
	}
	if err != nil {
		// The next line begins where this one did, so that none is torn.
		if terr := a.file.Truncate(a.size); terr == nil {
			_, terr = a.file.Seek(a.size, io.SeekStart)
			err = errors.Join(err, terr)
		}
		return 0, a.fault(err)
	}
	a.seq, a.size = l.Seq, a.size+int64(n)
	return l.Seq, nil
}

// turn begins a new file, named by its first line, and removes the oldest.
func (a *audit) turn() error {
	f, err := os.OpenFile(filepath.Join(a.dir, fmt.Sprintf("%012d.jsonl", a.seq+1)), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(a.closeFile(), syncDir(a.dir)); err != nil {
		return errors.Join(err, f.Close())
	}
	a.file, a.size = f, 0
	names, err := a.names()
	for ; err == nil && len(names) > auditKept; names = names[1:] {
		err = os.Remove(filepath.Join(a.dir, names[0]))
	}
	return err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (a *audit) closeFile() error {
	if a.file == nil {
		return nil
	}
	err := a.file.Close()
	a.file = nil
	return err
}

func (a *audit) close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.closeFile()
}

// act is the table's auditor.
func (a *audit) act(ctx context.Context, act web.Act) (func(error) error, error) {
	who := web.ActorOf(ctx)
	l := AuditLine{Who: who.User, Way: who.Way, From: who.Address, Action: act.Action, Flow: act.Flow, Subject: act.Subject, Args: act.Args}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := fmt.Sprintf("%q %q %q %q", l.Who, l.Action, l.Flow, l.Args["label"])
	seq := uint64(0)
	if act.Fold {
		seq = a.foldInto(key)
	}
	if seq == 0 {
		var err error
		if seq, err = a.write(l); err != nil {
			return nil, err
		}
		if act.Fold {
			a.folded[key] = fold{a.now(), seq}
		}
	}
	return func(err error) error {
		if err == nil {
			return nil
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.folded, key) // what follows is not kept with what failed
		l.Args, l.Of, l.Failed = nil, seq, fault.CodeOf(err)
		_, werr := a.write(l)
		return werr
	}, nil
}

// foldInto returns the line of the same kind that was written just now, 0 for
// none; the lock is held.
func (a *audit) foldInto(key string) uint64 {
	now := a.now()
	for k, f := range a.folded {
		if now.Sub(f.at) > foldWithin {
			delete(a.folded, k)
		}
	}
	return a.folded[key].seq
}

// readLines reads the whole lines of a file.
func readLines(path string, visit func(AuditLine)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		b, err := r.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		var l AuditLine
		if err := json.Unmarshal(b, &l); err != nil {
			return err
		}
		visit(l)
	}
}

// listAudit answers from the files; it reads only those that it needs, while
// others write on.
func (s *Server) listAudit(_ context.Context, in *AuditQuery) (*AuditPage, error) {
	limit := in.Limit
	if limit <= 0 || limit > 1000 {
		limit = 200
	}
	a := s.audit
	a.mu.Lock()
	names, err := a.names()
	last := a.seq
	a.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if in.Newest {
		return a.newest(names, last, in.Before, limit)
	}
	page := &AuditPage{Lines: []AuditLine{}}
	for i, name := range names {
		if i+1 < len(names) && names[i+1] <= fmt.Sprintf("%012d.jsonl", in.After+1) {
			continue // all its lines are before
		}
		if err := a.read(name, func(l AuditLine) {
			if l.Seq > in.After && l.Seq <= last && len(page.Lines) < limit {
				page.Lines = append(page.Lines, l)
			}
		}); err != nil {
			return nil, err
		}
		if len(page.Lines) == limit {
			break
		}
	}
	if n := len(page.Lines); n > 0 && page.Lines[n-1].Seq < last {
		page.Next = page.Lines[n-1].Seq
	}
	return page, nil
}

// newest returns the newest lines before one, of those up to last.
func (a *audit) newest(names []string, last, before uint64, limit int) (*AuditPage, error) {
	page := &AuditPage{Lines: []AuditLine{}}
	if before > 0 {
		last = min(last, before-1)
	}
	for _, name := range slices.Backward(names) {
		if name > fmt.Sprintf("%012d.jsonl", last) {
			continue // all its lines are behind
		}
		var lines []AuditLine
		if err := a.read(name, func(l AuditLine) {
			if l.Seq <= last {
				lines = append(lines, l)
			}
		}); err != nil {
			return nil, err
		}
		slices.Reverse(lines)
		page.Lines = append(page.Lines, lines...)
		if len(page.Lines) > limit {
			page.Lines = page.Lines[:limit]
			page.Next = page.Lines[limit-1].Seq
			break
		}
	}
	return page, nil
}

// read reads a file, which may have made room for newer ones meanwhile.
func (a *audit) read(name string, visit func(AuditLine)) error {
	err := readLines(filepath.Join(a.dir, name), visit)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return a.fault(err)
	}
	return nil
}
