package runstest

import (
	"slices"
	"strconv"
	"time"

	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// move is one thing that may happen next.
type move func() error

// step does one random thing that can be done, and reports whether there was
// one.
func (p *player) step() (bool, error) {
	var all []move
	for i, g := range p.runs {
		all = append(all, p.moves(i, g)...)
	}
	for _, s := range p.work {
		m := func() error { return p.end(s) }
		all = append(all, m, m) // sessions end rather than pile up
	}
	if len(all) == 0 {
		return false, nil
	}
	return true, all[p.rng.IntN(len(all))]()
}

// moves lists what may happen to one run but the end of its sessions.
func (p *player) moves(i int, g *ghost) (all []move) {
	order := func(kind flowfile.OrderKind, change func(*flowfile.Delivery)) move {
		return func() error {
			d := p.order(g, kind)
			if change != nil {
				change(d)
			}
			_, err := p.commit(g, d, nil)
			return err
		}
	}
	switch g.state {
	case runs.Queued:
		return []move{order(flowfile.OrderAdmit, nil)}
	case runs.Finalizing:
		return []move{order(flowfile.OrderFinish, nil)}
	case runs.Failed:
		if g.run.Sealed || (g.resumes >= 4 && g.run.Code == "run_activity_failed") {
			return nil
		}
		if !p.calm && p.chance(5) {
			return []move{func() error { return p.create(i) }}
		}
		if len(g.parked) > 0 && p.chance(10) {
			return []move{order(flowfile.OrderDiscard, p.some(g))}
		}
		return []move{func() error {
			g.resumes++
			p.rep.Resumes++
			p.revoke(g)
			return order(flowfile.OrderResume, func(d *flowfile.Delivery) {
				d.Order.AcceptRejects = true
				p.some(g)(d)
			})()
		}}
	case runs.Running:
	default:
		return nil
	}
	for _, s := range p.flow.nodes {
		if p.flow.plan.Nodes[s].Kind == runs.Map {
			for _, c := range p.flow.in[s] {
				if len(g.queues[c]) > 0 {
					all = append(all, func() error { return p.checkout(g, s, c) })
				}
			}
			continue
		}
		if a := g.run.Acts[s]; a != nil && (a.State == runs.ActReady || a.State == runs.ActRetryWait) {
			all = append(all, func() error { return p.begin(g, s) })
		}
	}
	if p.calm {
		return all
	}
	// What people do is rare beside what nodes do.
	if len(g.parked) > 0 && p.chance(5) {
		all = append(all, order(flowfile.OrderUnpark, p.some(g)), order(flowfile.OrderDiscard, p.some(g)))
	}
	if p.rng.IntN(300) == 0 {
		all = append(all, func() error {
			p.revoke(g)
			return order(flowfile.OrderCancel, func(d *flowfile.Delivery) { d.Order.Final = p.rng.IntN(3) == 0 })()
		})
	}
	if c := p.flow.conns[p.rng.IntN(len(p.flow.conns))]; len(g.queues[c]) > 0 && p.rng.IntN(60) == 0 {
		all = append(all, order(flowfile.OrderDropQueue, func(d *flowfile.Delivery) { d.Order.Conn = c }),
			func() error { return p.remove(g, c, flowfile.OrderExpire, flowfile.Expired) },
			func() error { return p.remove(g, c, flowfile.OrderDropQueue, flowfile.DroppedUser) })
	}
	return all
}

// some names some of the parked FlowFiles, or none, which means all.
func (p *player) some(g *ghost) func(*flowfile.Delivery) {
	return func(d *flowfile.Delivery) {
		var ids []flowfile.ID
		for id := range g.parked {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		if len(ids) > 1 && p.rng.IntN(2) == 0 {
			d.Order.Parked = ids[:1+p.rng.IntN(len(ids)-1)]
		}
	}
}

// remove takes one FlowFile from a queue by an order.
func (p *player) remove(g *ghost, c string, kind flowfile.OrderKind, class flowfile.Class) error {
	items, err := p.drv.Take(flowName, 1, g.n, []string{c}, 1)
	if err != nil || len(items) == 0 {
		return err
	}
	d := p.order(g, kind)
	d.Order.Conn = c
	d.Remove = []flowfile.Removal{{Item: items[0], Class: class}}
	ok, err := p.commit(g, d, nil)
	if !ok {
		p.drv.Release(items)
	}
	return err
}

// checkout begins a map's session.
func (p *player) checkout(g *ghost, node, conn string) error {
	items, err := p.drv.Take(flowName, 1, g.n, []string{conn}, 1+p.rng.IntN(3))
	if err != nil || len(items) == 0 {
		return err
	}
	s := &session{g: g, node: node, items: items, fence: flowfile.Fence{Epoch: g.run.Epoch}}
	p.work = append(p.work, s)
	if p.o.Sabotage == CountAtCheckout {
		_, err = p.commit(g, p.removal(s), s)
	}
	return err
}

// removal is a map's session that takes its items and makes nothing.
func (p *player) removal(s *session) *flowfile.Delivery {
	d := p.delivery(s)
	for _, it := range s.items {
		d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Forwarded})
		d.Ledger[flowfile.In].Add(it.FlowFile.Rows, it.FlowFile.Content.Size)
	}
	return d
}

func (p *player) delivery(s *session) *flowfile.Delivery {
	return &flowfile.Delivery{Flow: flowName, Version: 1, Run: s.g.n, Node: s.node, Fence: s.fence}
}

// begin begins a try of an activity.
func (p *player) begin(g *ghost, node string) error {
	d := p.order(g, flowfile.OrderBegin)
	d.Node = node
	if ok, err := p.commit(g, d, nil); !ok || err != nil {
		return err
	}
	a := g.run.Acts[node]
	if a.State != runs.ActRunning {
		return nil // the commit was the store's last before a crash
	}
	s := &session{g: g, node: node, taken: map[string]int64{},
		fence: flowfile.Fence{Epoch: g.run.Epoch, Act: true, ActEpoch: a.Epoch}}
	for _, c := range p.flow.in[node] {
		s.taken[c] = int64(len(g.queues[c]))
	}
	p.work = append(p.work, s)
	return nil
}

// end ends a session, in one of the ways in which sessions end.
func (p *player) end(s *session) error {
	if !s.fence.Act {
		p.drop(s)
		return p.endMap(s)
	}
	if !p.calm && !s.revoked {
		switch x := p.rng.IntN(100); {
		case x < 6:
			return p.failTry(s, x < 2)
		case x < 9:
			d := p.order(s.g, flowfile.OrderFence)
			d.Node = s.node
			s.revoked = true
			ok, err := p.commit(s.g, d, nil)
			if !ok {
				s.revoked = false
			}
			return err
		}
	}
	if p.flow.plan.Nodes[s.node].Kind == runs.Gate {
		p.drop(s)
		return p.fire(s)
	}
	return p.emit(s)
}

func (p *player) failTry(s *session, final bool) error {
	p.drop(s)
	d := p.order(s.g, flowfile.OrderFailAct)
	d.Node, d.Fence = s.node, s.fence
	d.Order.Code, d.Order.Why, d.Order.Spend, d.Order.Final = "model", "the model says so", true, final
	d.Order.NotBefore = p.now.Add(time.Minute)
	_, err := p.commit(s.g, d, s)
	return err
}

// endMap ends a map's session: each item goes on, is tried again, or parked.
func (p *player) endMap(s *session) error {
	d := p.delivery(s)
	early := p.o.Sabotage == CountAtCheckout
	for _, it := range s.items {
		x := p.rng.IntN(100)
		switch {
		case x < 8 && !p.calm && s.g.resumes < 3 && !early:
			d.Park = append(d.Park, flowfile.Park{Item: it, Code: "model", Cause: "dead letter"})
		case x < 16 && !p.calm && !early:
			d.Retry = append(d.Retry, flowfile.Retry{Item: it, Spend: true})
		default:
			if !early {
				d.Remove = append(d.Remove, flowfile.Removal{Item: it, Class: flowfile.Forwarded})
				d.Ledger[flowfile.In].Add(it.FlowFile.Rows, it.FlowFile.Content.Size)
			}
			p.route(s, d, it.FlowFile)
		}
	}
	ok, err := p.commit(s.g, d, s)
	if !ok && err == nil {
		p.drv.Release(s.items)
	}
	return err
}

// route makes what a map makes of one FlowFile.
func (p *player) route(s *session, d *flowfile.Delivery, f *flowfile.FlowFile) {
	g := s.g
	g.budget--
	var reject string
	var outs []string
	for _, c := range p.flow.out[s.node] {
		switch k := p.flow.plan.Conns[c]; {
		case k.Class == flowfile.Rejected:
			reject = c
		case p.flow.rank[k.To] > p.flow.rank[s.node] || g.budget > 0:
			outs = append(outs, c)
		}
	}
	hop := func(c string) {
		n := p.newFile(g, f.Rows)
		n.Hops = f.Hops + 1
		d.Put = append(d.Put, flowfile.Put{Conn: c, FlowFile: n})
	}
	if reject != "" && p.chance(10) {
		hop(reject)
		d.Ledger[flowfile.Rejected].Add(f.Rows, f.Content.Size)
		return
	}
	if p.flow.faithful[s.node] {
		for _, c := range outs {
			hop(c)
		}
		d.Ledger[flowfile.Out].Add(f.Rows, f.Content.Size)
		return
	}
	for _, c := range outs {
		n := 1
		if g.budget > 0 {
			n = []int{0, 1, 1, 2}[p.rng.IntN(4)]
		}
		for range n {
			hop(c)
			d.Ledger[flowfile.Out].Add(f.Rows, f.Content.Size)
		}
	}
}

// emit commits a page of a source, with its cursor; the last one ends it.
func (p *player) emit(s *session) error {
	g := s.g
	d := p.delivery(s)
	at, _ := strconv.Atoi(string(g.run.Acts[s.node].Cursor))
	left := g.plan[s.node] - at
	if left > 0 {
		rows := int64(p.rng.IntN(4))
		for _, c := range p.flow.out[s.node] {
			d.Put = append(d.Put, flowfile.Put{Conn: c, FlowFile: p.newFile(g, rows)})
		}
		d.Ledger[flowfile.Out].Add(rows, 1)
		d.Ledger[flowfile.Read].Rows += rows
		d.Cursor, d.HasCursor, d.Emitted = []byte(strconv.Itoa(at+1)), true, uint64(at+1)
		left--
	}
	// A source may also end in a commit of its own, later than its last output.
	d.Done = left == 0 && (!d.HasCursor || p.rng.IntN(4) > 0)
	if p.o.Sabotage == EarlyToken {
		d.Done = left <= 1
	}
	if d.Done && (p.o.Sabotage != EarlyToken || left == 0) || s.revoked {
		p.drop(s)
	}
	ok, err := p.commit(g, d, s)
	if !ok && err == nil && slices.Contains(p.work, s) {
		p.drop(s)
	}
	return err
}

// fire commits a gate's whole work at once.
func (p *player) fire(s *session) error {
	d := p.delivery(s)
	d.Done = true
	var rows int64
	for _, c := range p.flow.in[s.node] {
		d.TakeAll = append(d.TakeAll, flowfile.TakeAll{Conn: c, N: s.taken[c], Class: flowfile.Merged})
		for _, n := range s.g.queues[c] {
			d.Ledger[flowfile.In].Add(n, 1)
			rows += n
		}
	}
	d.Ledger[flowfile.Out].Add(rows, 1)
	for _, c := range p.flow.out[s.node] {
		d.Put = append(d.Put, flowfile.Put{Conn: c, FlowFile: p.newFile(s.g, rows)})
	}
	crashes := p.rep.Crashes
	ok, err := p.commit(s.g, d, s)
	if !ok && err == nil && !s.revoked && s.disturbed && p.rep.Crashes == crashes {
		return p.failTry(s, false)
	}
	return err
}
