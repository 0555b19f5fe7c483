package live

import "strconv"

// NodeRow is what is shown of a node.
type NodeRow struct {
	// State is the number of a state: those of continuous data below ten, those
	// of a run from ten on.
	State int
	// In and Out are FlowFiles, RowsIn and RowsOut the rows in them: of the last
	// five minutes, or of the run.
	In, Out, RowsIn, RowsOut int64
	// P95 is in microseconds, Tasks the sessions at work, Bulletins those of the
	// last minutes.
	P95, Tasks, Bulletins int64
	// Blocked is the index of the connection that holds the node, or -1.
	Blocked int
	// InRate and OutRate are tenths of FlowFiles a second.
	InRate, OutRate int64
}

// WireRow is what is shown of a connection.
type WireRow struct {
	Count, Bytes, Rows int64
	// Fullness is the part of the limit, in hundredths.
	Fullness int64
	// InRate and OutRate are tenths of FlowFiles a second.
	InRate, OutRate int64
	// Blocks says that the connection holds its source back.
	Blocks bool
	// Passed, PassedRows and PassedBytes are what was put on the connection in the
	// run, whatever became of it; rows are -1 where not all of them are known. They
	// are zero of continuous data.
	Passed, PassedRows, PassedBytes int64
}

// Totals are sums over a flow.
type Totals struct {
	Running  int   `json:"running"`
	Stopped  int   `json:"stopped"`
	Invalid  int   `json:"invalid"`
	Disabled int   `json:"disabled"`
	Queued   int64 `json:"queued"`
	Bytes    int64 `json:"bytes"`
	// LagMs is how late the numbers were taken.
	LagMs int64 `json:"lag_ms"`
}

// IDs names what the indices of rows stand for.
type IDs struct {
	Nodes []string `json:"nodes"`
	Wires []string `json:"wires"`
}

// Equal reports whether both name the same in the same order.
func (a IDs) Equal(b IDs) bool { return same(a.Nodes, b.Nodes) && same(a.Wires, b.Wires) }

func same(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// Sample is a flow at one moment. Rows are in the order of the ids.
type Sample struct {
	IDs    IDs
	Nodes  []NodeRow
	Wires  []WireRow
	Totals Totals
}

func (r *NodeRow) append(b []byte, i int) []byte {
	b = append(b, '[')
	for k, v := range [...]int64{int64(i), int64(r.State), r.In, r.Out, r.RowsIn, r.RowsOut, r.P95, r.Tasks, r.Bulletins, int64(r.Blocked)} {
		if k > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, v, 10)
	}
	b = tenths(append(b, ','), r.InRate)
	b = tenths(append(b, ','), r.OutRate)
	return append(b, ']')
}

func (r *WireRow) append(b []byte, i int) []byte {
	b = append(b, '[')
	for k, v := range [...]int64{int64(i), r.Count, r.Bytes, r.Rows, r.Fullness} {
		if k > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, v, 10)
	}
	b = tenths(append(b, ','), r.InRate)
	b = tenths(append(b, ','), r.OutRate)
	b = append(b, ",0"...)
	if r.Blocks {
		b[len(b)-1] = '1'
	}
	for _, v := range [...]int64{r.Passed, r.PassedRows, r.PassedBytes} {
		b = strconv.AppendInt(append(b, ','), v, 10)
	}
	return append(b, ']')
}

// tenths writes a number of tenths as a number with at most one decimal.
func tenths(b []byte, v int64) []byte {
	b = strconv.AppendInt(b, v/10, 10)
	if v%10 != 0 {
		b = append(b, '.', byte('0'+v%10))
	}
	return b
}
