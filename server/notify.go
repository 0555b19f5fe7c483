package server

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// How notices are tried again, and how often the schedule is asked who is late.
const (
	noticeFirstWait = 5 * time.Second
	noticeLongest   = time.Hour
	noticeGiveUp    = 48 * time.Hour
	noticeLook      = time.Minute
	noticeFarewell  = 10 * time.Second // how long a process that ends tries
)

// noticesAtOnce is how many ends of runs are read and settled in one go.
var noticesAtOnce = 100

// notifier tells people how runs end. What is to be told lies in the store, from
// the commit that ended the run until it was told, so a crash makes a notice come
// twice at worst. It works beside the runs and none ever waits for it.
type notifier struct {
	s    *Server
	post sender
	done chan struct{}

	// tries is small: what fails for long is given up. It is the worker's alone.
	tries map[flowfile.RunID]*attempt
	// lateAt is when to ask next who is late.
	lateAt time.Time
}

// attempt is what became of the last tries to tell of a run.
type attempt struct {
	n     int
	next  time.Time
	since time.Time
	// told are the addresses, by name, that have taken the notice already.
	told map[string]bool
	err  error
}

// startNotifier begins to tell of runs until stop is closed.
func (s *Server) startNotifier(stop <-chan struct{}) {
	s.notices = &notifier{s: s, post: newSender(), done: make(chan struct{}), tries: map[flowfile.RunID]*attempt{}}
	s.wg.Go(func() { s.notices.work(stop) })
}

func (n *notifier) work(stop <-chan struct{}) {
	defer close(n.done)
	ctx, cancel := context.WithCancel(context.WithoutCancel(n.s.calls))
	defer cancel()
	t := time.NewTimer(0)
	defer t.Stop()
	for {
		select {
		case <-stop:
			last, end := context.WithTimeout(ctx, noticeFarewell)
			n.tell(last, true)
			end()
			return
		case <-n.s.store.Ended():
		case <-t.C:
		}
		// A long series of runs that end must not keep this from its turn.
		if now := time.Now(); !now.Before(n.lateAt) {
			n.lateAt = now.Add(noticeLook)
			n.late(ctx)
		}
		t.Reset(n.tell(ctx, false))
	}
}

// tell tries all that is to be told and due, and returns when to look again. The
// last look before the process ends leaves out what failed already. What waits
// for its next try holds up nothing behind it, and an address that fails is asked
// once.
func (n *notifier) tell(ctx context.Context, last bool) time.Duration {
	wait := noticeLook
	down := map[string]error{}
	var at store.Ending
	for {
		ends, err := n.s.store.Endings(at, noticesAtOnce)
		if err != nil {
			n.s.log.Error("read the ends of runs", "error", err)
			return wait
		}
		var settled []store.Ending
		for _, e := range ends {
			if ctx.Err() != nil {
				break
			}
			at = e
			now := n.s.cfg.Now()
			a := n.tries[e.Run]
			if a != nil && (last || a.next.After(now)) {
				wait = min(wait, max(a.next.Sub(now), 0))
				continue
			}
			if n.one(ctx, e, now, down) {
				settled = append(settled, e)
			} else {
				wait = min(wait, max(n.tries[e.Run].next.Sub(now), 0))
			}
		}
		if len(settled) > 0 {
			if err := n.s.store.SettleEndings(ctx, settled); err != nil {
				n.s.log.Error("settle the ends of runs", "error", err)
			}
		}
		if len(ends) < noticesAtOnce || ctx.Err() != nil {
			return wait
		}
	}
}

// one tells of one run and reports whether that is settled. down are the
// addresses, by the secret's name, that have failed in this look already.
func (n *notifier) one(ctx context.Context, e store.Ending, now time.Time, down map[string]error) bool {
	r, f, err := n.runOf(e)
	if err != nil {
		n.s.log.Error("notify", "flow", e.Flow, "run_number", e.Run, "error", err)
		return true // its flow cannot be read; nothing will change that
	}
	send := n.due(f, r, e)
	a := n.tries[e.Run]
	if a == nil {
		a = &attempt{since: now, told: map[string]bool{}}
	}
	a.err = nil
	for _, name := range slices.Sorted(maps.Keys(send)) {
		if a.told[name] {
			continue
		}
		err, known := down[name]
		if !known {
			err = n.send(ctx, name, send[name])
		}
		if err == nil {
			a.told[name] = true
			n.s.log.Info("told of a run", "flow", r.Flow, "run", r.ID, "state", string(e.State), "secret", name)
			continue
		}
		class, _ := fault.ClassOf(err)
		if class == fault.Permanent || now.Sub(a.since) > noticeGiveUp {
			a.told[name] = true
			n.s.log.Error("a notice is given up", "flow", r.Flow, "run", r.ID, "secret", name, "error", err)
			continue
		}
		down[name] = err
		a.err = errors.Join(a.err, err)
	}
	if a.err == nil {
		delete(n.tries, e.Run)
		return true
	}
	a.next = now.Add(min(n.firstWait()<<min(a.n, 20), noticeLongest))
	a.n++
	n.tries[e.Run] = a
	n.s.log.Warn("a notice is tried again", "flow", r.Flow, "run", r.ID, "error", a.err, "at", a.next)
	return false
}

func (n *notifier) firstWait() time.Duration {
	if n.s.cfg.NoticeWait > 0 {
		return n.s.cfg.NoticeWait
	}
	return noticeFirstWait
}

func (n *notifier) runOf(e store.Ending) (*runs.Run, *flows.Flow, error) {
	r, err := n.s.store.Run(e.Flow, e.Run)
	if err != nil {
		return nil, nil, err
	}
	v := r.QueueVersion
	if k := len(r.FlowVersions); k > 0 {
		v = r.FlowVersions[k-1]
	}
	doc, err := n.s.store.Doc(e.Flow, v)
	if err != nil {
		return nil, nil, err
	}
	f, err := flows.Parse(doc)
	return r, f, err
}

// due returns the messages about a run by the secret that holds the address.
func (n *notifier) due(f *flows.Flow, r *runs.Run, e store.Ending) map[string]*notice {
	if f.Notify == nil || r.Kind == kindTest {
		return nil
	}
	out := map[string]*notice{}
	switch {
	case e.State == runs.Failed && f.Notify.Wants(flows.OnFailed):
		out[f.Notify.Webhook.Secret] = n.about(f, r, e, flows.OnFailed)
	case e.State == runs.Partial && f.Notify.Wants(flows.OnPartial):
		out[f.Notify.Webhook.Secret] = n.about(f, r, e, flows.OnPartial)
	case e.State == runs.Success && f.Notify.Ping != nil:
		out[f.Notify.Ping.Secret] = nil
	}
	return out
}

// send reveals an address and posts to it.
func (n *notifier) send(ctx context.Context, secret string, m *notice) error {
	address, err := n.s.store.Secret(secret)
	if err != nil {
		return err
	}
	if m != nil {
		m.Text = fault.Text(m.fault, n.s.cfg.Lang)
	}
	return n.post.send(ctx, secret, address, m)
}
