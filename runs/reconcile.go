package runs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// Line is one line of a run's reconciliation: counts of the same rows, made by
// different parties, such as a service that gave them and a file that holds
// them. Rows that were rejected, filtered or lost between the two explain a
// difference.
type Line struct {
	// From are the nodes whose rows they are.
	From []string `json:"from"`
	// Terms are the counts: those made at the source first, then those made at
	// sinks, in the direction of the flow.
	Terms []Term `json:"terms"`
	// Equal says that the counts agree, what explains a difference included.
	Equal bool `json:"equal"`
}

// Term is one count of a line.
type Term struct {
	Node string `json:"node"`
	// Who counted: a witness such as Firestore or CSV, else the node itself.
	Who  string `json:"who"`
	Rows int64  `json:"rows"`
	// Rejected, Filtered and Lost are what left on the way from the first count
	// to this one; of the first, what its node itself left out.
	Rejected int64 `json:"rejected,omitempty"`
	Filtered int64 `json:"filtered,omitempty"`
	Lost     int64 `json:"lost,omitempty"`
	// Want is the same count by the run's own books.
	Want int64 `json:"want"`
}

// population is rows that several nodes got unchanged.
type population struct {
	Line
	// whole is how many there were at the origin.
	whole int64
	heads []Term // by the origin
	tails []Term // by the sinks
}

// origin is where the rows of a population come from: a connection of a node
// that made them.
type origin struct {
	node string
	conn string
}

// trace is the way of rows from their origins to a node.
type trace struct {
	origins                  []origin
	rejected, filtered, lost int64
}

// Reconcile groups the counts of the run's witnesses and sinks by the rows that
// they count. A sink's rows are traced upstream through nodes that change none,
// to the node that made them. A count made outside that no other stands beside is
// held against the run's own.
func Reconcile(r *Run, g *Graph) []Line {
	all := map[string]*population{}
	order := g.Downstream()
	at := make(map[string]int, len(order))
	for i, s := range order {
		at[s] = i
		n := g.nodes[s]
		if _, known := checkNode(r, n); n.Law == LawSink && known {
			g.reconcileSink(r, n, all)
		}
	}
	for _, s := range order {
		if n := g.nodes[s]; n.Law != LawSink {
			g.reconcileOrigin(r, n, all)
		}
	}
	var out []Line
	keys := sortedKeys(all)
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(at[all[a].From[0]], at[all[b].From[0]]) })
	for _, k := range keys {
		p := all[k]
		p.Terms = append(p.heads, p.tails...)
		p.Equal = true
		for _, t := range p.Terms {
			p.Equal = p.Equal && t.Rows == t.Want
		}
		if t := p.Terms[0]; len(p.Terms) == 1 && (!p.Equal || t.Who != t.Node) { // there is only the run's own count beside it
			p.Terms = append(p.Terms, Term{Node: t.Node, Who: t.Node, Rows: t.Want, Want: t.Want})
		}
		if len(p.Terms) > 1 {
			out = append(out, p.Line)
		}
	}
	return out
}

// reconcileSink adds what was counted at a sink to the rows that came to it.
func (g *Graph) reconcileSink(r *Run, n *graphNode, all map[string]*population) {
	l := r.Ledger[n.slug]
	if l == nil {
		return
	}
	t := g.trace(r, n)
	if t == nil || len(t.origins) == 0 {
		return
	}
	p := g.population(r, t.origins, all)
	term := Term{Node: n.slug, Who: n.slug, Rejected: t.rejected + l[flowfile.Rejected].Rows,
		Filtered: t.filtered + l[flowfile.Filtered].Rows, Lost: t.lost, Rows: l[flowfile.Committed].Rows}
	term.Want = p.whole - term.Rejected - term.Filtered - term.Lost
	witnessed := false
	for _, w := range r.Witnesses {
		if w.Node == n.slug {
			witnessed = true
			term.Who, term.Rows = w.Who, w.Rows
			p.tails = append(p.tails, term)
		}
	}
	if !witnessed {
		p.tails = append(p.tails, term)
	}
}

// reconcileOrigin adds what was counted outside where rows come from: a source's
// count is of all that it read.
func (g *Graph) reconcileOrigin(r *Run, n *graphNode, all map[string]*population) {
	l := r.Ledger[n.slug]
	if l == nil {
		l = &NodeLedger{}
	}
	for _, w := range r.Witnesses {
		if w.Node != n.slug {
			continue
		}
		t := Term{Node: n.slug, Who: w.Who, Rows: w.Rows, Want: l[flowfile.Out].Rows}
		if n.Law == LawSource {
			t.Rejected, t.Filtered = l[flowfile.Rejected].Rows, l[flowfile.Filtered].Rows
			t.Want += t.Rejected + t.Filtered
		}
		p := all[g.key(r, []origin{{node: n.slug, conn: g.widest(r, n)}})]
		if p == nil { // its rows went to no sink unchanged
			p = all[n.slug]
		}
		if p == nil {
			p = &population{Line: Line{From: []string{n.slug}}}
			all[n.slug] = p
		}
		p.heads = append(p.heads, t)
	}
}

// widest returns a connection that takes all that the node has sent on, or "".
func (g *Graph) widest(r *Run, n *graphNode) string {
	for _, c := range n.out {
		if q := r.Queues[c]; q != nil && g.conns[c].Class == flowfile.Out && q.Entered.Rows == r.Counted(n.slug, flowfile.Out).Rows {
			return c
		}
	}
	return ""
}

// population returns the rows that come from the origins.
func (g *Graph) population(r *Run, from []origin, all map[string]*population) *population {
	k := g.key(r, from)
	p := all[k]
	if p == nil {
		p = &population{}
		for _, o := range from {
			p.whole += r.entered(o.conn).Rows
			p.From = append(p.From, o.node)
		}
		slices.Sort(p.From)
		p.From = slices.Compact(p.From)
		all[k] = p
	}
	return p
}

// key names a population. The plan does not say by which output a connection is
// fed: two of one node with as many rows are taken for one.
func (g *Graph) key(r *Run, from []origin) string {
	parts := make([]string, len(from))
	for i, o := range from {
		parts[i] = o.node + " " + g.conns[o.conn].Class.String() + " " + strconv.FormatInt(r.entered(o.conn).Rows, 10)
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

func (r *Run) entered(conn string) flowfile.Tally {
	if q := r.Queues[conn]; q != nil {
		return q.Entered
	}
	return flowfile.Tally{}
}

// trace follows the rows of a node upstream. It returns nil where two ways from
// one node meet again, since their rows count twice.
func (g *Graph) trace(r *Run, n *graphNode) *trace {
	t := &trace{}
	if !g.follow(r, n.in, t, map[string]bool{n.slug: true}) {
		return nil
	}
	return t
}

func (g *Graph) follow(r *Run, conns []string, t *trace, seen map[string]bool) bool {
	for _, c := range conns {
		from := g.nodes[g.conns[c].From]
		if q := r.Queues[c]; q != nil {
			t.lost += q.Expired.Rows + q.Dropped.Rows + q.Discarded.Rows + q.Parked.Rows
		}
		if seen[from.slug] {
			return false
		}
		seen[from.slug] = true
		if !g.passes(r, from, c) {
			t.origins = append(t.origins, origin{from.slug, c})
			continue
		}
		t.rejected += r.Counted(from.slug, flowfile.Rejected).Rows
		t.filtered += r.Counted(from.slug, flowfile.Filtered).Rows
		if !g.follow(r, from.in, t, seen) {
			return false
		}
	}
	return true
}

// passes reports whether all rows that came to the node and were not left out
// went on by the connection.
func (g *Graph) passes(r *Run, n *graphNode, conn string) bool {
	switch n.Law {
	case LawMap, LawMerge, LawSplit:
	default:
		return false
	}
	l := r.Ledger[n.slug]
	if _, known := checkNode(r, n); l == nil || !known || len(n.in) == 0 || l[flowfile.Cloned].Rows != 0 || g.conns[conn].Class != flowfile.Out {
		return false
	}
	return l[flowfile.In].Rows == r.entered(conn).Rows+l[flowfile.Rejected].Rows+l[flowfile.Filtered].Rows
}

// differs returns the first line whose counts do not agree, as a fault.
func (g *Graph) differs(r *Run) *fault.Error {
	for _, line := range Reconcile(r, g) {
		if line.Equal {
			continue
		}
		for _, t := range line.Terms {
			if t.Rows != t.Want {
				return fault.New("witness_differs", "who", t.Who, "node", t.Node, "rows", t.Rows, "want", t.Want, "line", line.Text(fault.English))
			}
		}
	}
	return nil
}

// Text writes the line, such as: Firestore 30,240 = CSV 30,240.
func (l Line) Text(lang fault.Lang) string {
	var b strings.Builder
	for i, t := range l.Terms {
		if i > 0 {
			sign := " = "
			if before := l.Terms[i-1]; t.Rows-t.Want != before.Rows-before.Want {
				sign = " != "
			}
			b.WriteString(sign)
		}
		b.WriteString(t.text(lang))
	}
	return b.String()
}

func (t Term) text(lang fault.Lang) string {
	words := [3]string{"%s rejected", "%s filtered", "%s lost"}
	if lang == fault.Korean {
		words = [3]string{"거부 %s", "제외 %s", "유실 %s"}
	}
	var less []string
	for i, n := range []int64{t.Rejected, t.Filtered, t.Lost} {
		if n != 0 {
			less = append(less, fmt.Sprintf(words[i], thousands(n)))
		}
	}
	out := t.Who + " " + thousands(t.Rows)
	if len(less) > 0 {
		out += " (" + strings.Join(less, ", ") + ")"
	}
	return out
}

// thousands writes a number in groups of three.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}
