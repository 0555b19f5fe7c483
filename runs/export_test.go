package runs

// The broken protocols, for the tests that must see their damage.
const (
	IdleInputs   = idleInputs
	SettledGates = settledGates
	NaiveStuck   = naiveStuck
	Unguarded    = unguarded
)

// CompileBroken compiles a plan to a graph with a broken protocol.
func CompileBroken(v variant) func(*Plan) (*Graph, error) {
	return func(p *Plan) (*Graph, error) {
		g, err := p.Compile()
		if err == nil {
			g.broken = v
		}
		return g, err
	}
}
