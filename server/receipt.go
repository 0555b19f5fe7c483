package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/runs"
)

// receiptFormat is the version of receipt.json.
const receiptFormat = 1

// Receipt is what stands in the receipt.json beside a run's output files: what
// the run was, what it read and wrote, and how that was checked. Two runs over
// the same data differ in times and ids alone.
type Receipt struct {
	Format int `json:"weir_receipt"`

	Flow       string            `json:"flow"`
	Version    uint32            `json:"version"`
	Slot       string            `json:"slot,omitempty"`
	Start      time.Time         `json:"start,omitzero"`
	End        time.Time         `json:"end,omitzero"`
	Zone       string            `json:"zone,omitempty"`
	Run        string            `json:"run"`
	Generation uint32            `json:"generation"`
	Kind       string            `json:"kind"`
	Params     map[string]string `json:"params,omitempty"`

	State runs.State `json:"state"`
	// Why is the reason of a state that needs one.
	Why     string `json:"why,omitempty"`
	Balance string `json:"balance"`
	// Provisional is until when a source may still revise what was read.
	Provisional string               `json:"provisional,omitempty"`
	Began       time.Time            `json:"began,omitzero"`
	Written     time.Time            `json:"written"`
	AsOf        map[string]time.Time `json:"as_of,omitempty"`

	Nodes []ReceiptNode                `json:"nodes"`
	Facts map[string]map[string]string `json:"facts,omitempty"`
	// Outputs are what the run has committed outside; of a node with very many
	// the first, and More counts the others by node.
	Outputs []flowfile.Receipt        `json:"outputs"`
	More    map[string]flowfile.Tally `json:"more,omitempty"`
	// Reconciled are counts of the same rows by different parties, in words.
	Reconciled []string `json:"reconciled,omitempty"`
	Warnings   []string `json:"warnings,omitempty"`
}

// ReceiptNode is the rows of one node.
type ReceiptNode struct {
	Node      string   `json:"node"`
	Law       runs.Law `json:"law"`
	Read      int64    `json:"read,omitempty"`
	In        int64    `json:"in,omitempty"`
	Out       int64    `json:"out,omitempty"`
	Filtered  int64    `json:"filtered,omitempty"`
	Rejected  int64    `json:"rejected,omitempty"`
	Committed int64    `json:"committed,omitempty"`
	Verdict   string   `json:"verdict"`
}

// receiptOf makes the receipt of a run.
func receiptOf(r *runs.Run, g *runs.Graph, now time.Time) *Receipt {
	out := &Receipt{Format: receiptFormat, Flow: r.Flow, Version: r.Version(), Slot: r.Slot, Start: r.Start, End: r.End, Zone: r.Zone,
		Run: r.ID, Generation: r.Generation, Kind: r.Kind, Params: r.Params, State: r.State, Why: r.Why, Balance: r.Balance,
		Began: r.Started, Written: now.UTC().Truncate(time.Second), AsOf: r.AsOf, Facts: r.Facts, More: r.MoreReceipts,
		Outputs: slices.Clone(r.Receipts), Warnings: slices.Sorted(slices.Values(r.Warnings.Texts(fault.English)))}
	out.Provisional, _ = r.Provisional()
	// Sinks commit in any order.
	slices.SortFunc(out.Outputs, func(a, b flowfile.Receipt) int { return strings.Compare(a.Node+"\x00"+a.Key, b.Node+"\x00"+b.Key) })
	for _, b := range runs.Table(r, g) {
		out.Nodes = append(out.Nodes, ReceiptNode{b.Node, b.Law, b.Read.Rows, b.In.Rows, b.Out.Rows, b.Filtered.Rows, b.Rejected.Rows,
			b.Committed.Rows, b.Verdict})
	}
	for _, l := range runs.Reconcile(r, g) {
		out.Reconciled = append(out.Reconciled, l.Text(fault.English))
	}
	return out
}

// finalize writes the receipts of a run that is about to end well, one beside
// each of its output files. It may be called again, and writes the same.
func (s *Server) finalize(ctx context.Context, r *runs.Run, g *runs.Graph) error {
	dirs := map[string]bool{}
	for _, c := range r.Receipts {
		if c.File != "" {
			dirs[path.Dir(path.Clean(c.File))] = true
		}
	}
	if len(dirs) == 0 {
		return nil
	}
	doc := receiptOf(r, g, s.cfg.Now())
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		return fmt.Errorf("encode receipt: %w", err)
	}
	page := doc.markdown()
	// Two runs that end at once may write to one directory.
	s.receipts.Lock()
	defer s.receipts.Unlock()
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		name, err := s.receiptName(dir, doc)
		if err != nil {
			return err
		}
		// The one for programs comes last: where it stands, both do.
		err = s.put(path.Join(dir, name+".md"), page)
		if err == nil {
			err = s.put(path.Join(dir, name+".json"), text.Bytes())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) put(name string, content []byte) error {
	_, err := s.files.Replace(name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
	return err
}

// receiptName is the receipt's name in a directory, without its end: "receipt",
// or with the flow behind it where that is of another, and the slot where the
// receipt is of another slot whose files still stand there.
func (s *Server) receiptName(dir string, doc *Receipt) (string, error) {
	const plain = "receipt"
	slot := "." + strings.ReplaceAll(doc.Slot, ":", "-")
	for _, name := range []string{plain, plain + "." + doc.Flow} {
		have, err := s.readReceipt(path.Join(dir, name+".json"))
		switch {
		case err != nil:
			return "", err
		case have == nil || have.Flow == doc.Flow && (have.Slot == doc.Slot || have.replacedBy(doc, dir)):
			return name, nil
		case have.Flow == doc.Flow:
			return name + slot, nil
		}
	}
	return plain + "." + doc.Flow + slot, nil
}

// replacedBy reports whether all files of the receipt in a directory were
// written anew by another run.
func (have *Receipt) replacedBy(doc *Receipt, dir string) bool {
	written := map[string]bool{}
	for _, o := range doc.Outputs {
		written[o.File] = true
	}
	for _, o := range have.Outputs {
		if o.File != "" && path.Dir(path.Clean(o.File)) == dir && !written[o.File] {
			return false
		}
	}
	return true
}

// readReceipt reads a receipt, nil when there is none. A file of that name that
// is no receipt belongs to somebody else: it reads as one of no flow.
func (s *Server) readReceipt(name string) (*Receipt, error) {
	f, err := s.files.Open(name)
	if fault.CodeOf(err) == "file_missing" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(f, 8<<20))
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	var have Receipt
	if json.Unmarshal(text, &have) != nil || have.Format == 0 {
		return &Receipt{}, nil
	}
	return &have, nil
}

// markdown writes the receipt for people.
func (r *Receipt) markdown() []byte {
	var b bytes.Buffer
	p := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	p("# %s %s: %s, %s\n\n", r.Flow, r.Slot, r.State, r.Balance)
	p("| | |\n|---|---|\n| Run | %s, generation %d, %s, version %d |\n", r.Run, r.Generation, r.Kind, r.Version)
	zone := (&flowfile.Run{Zone: r.Zone}).Location()
	clock := func(t time.Time) string { return t.In(zone).Format("2006-01-02 15:04:05 MST") }
	if !r.Start.IsZero() {
		p("| Interval | %s to %s |\n", clock(r.Start), clock(r.End))
	}
	p("| Began | %s |\n| Written | %s |\n", clock(r.Began), clock(r.Written))
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		p("| #{%s} | %s |\n", name, cell(r.Params[name]))
	}
	if r.Provisional != "" {
		p("| **Provisional** | the source may still revise this until %s |\n", cell(r.Provisional))
	}
	if r.Why != "" {
		p("| Why | %s |\n", cell(r.Why))
	}
	if len(r.Reconciled) > 0 {
		p("\n## Reconciled\n\n")
		for _, l := range r.Reconciled {
			p("- %s\n", l)
		}
	}
	p("\n## Outputs\n\n| Output | Rows | Bytes | SHA-256 | Link |\n|---|--:|--:|---|---|\n")
	for _, o := range r.Outputs {
		p("| %s | %d | %d | %s | %s |\n", cell(o.Key), o.Rows, o.Bytes, o.SHA256, cell(o.Link))
	}
	for _, node := range slices.Sorted(maps.Keys(r.More)) {
		p("| %d more of %s | %d | %d | | |\n", r.More[node].N, node, r.More[node].Rows, r.More[node].Bytes)
	}
	p("\n## Rows\n\n| Node | Law | Read | In | Out | Filtered | Rejected | Committed | |\n|---|---|--:|--:|--:|--:|--:|--:|---|\n")
	for _, n := range r.Nodes {
		p("| %s | %s | %d | %d | %d | %d | %d | %d | %s |\n", n.Node, n.Law, n.Read, n.In, n.Out, n.Filtered, n.Rejected, n.Committed, n.Verdict)
	}
	if len(r.Facts) > 0 {
		p("\n## Facts\n\n| Node | Fact | |\n|---|---|---|\n")
		for _, node := range slices.Sorted(maps.Keys(r.Facts)) {
			for _, name := range slices.Sorted(maps.Keys(r.Facts[node])) {
				p("| %s | %s | %s |\n", node, cell(name), cell(r.Facts[node][name]))
			}
		}
	}
	if len(r.Warnings) > 0 {
		p("\n## Warnings\n\n")
		for _, w := range r.Warnings {
			p("- %s\n", strings.ReplaceAll(w, "\n", " "))
		}
	}
	return b.Bytes()
}

// cell makes a text fit for a cell of a table.
func cell(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`).Replace(text)
}
