package expr

// several is a subject that stands for the values of several attributes, or for
// the parts of one value, one after the other.
type several struct {
	f    *spec
	args []node
	// patterns match attribute names; a nil one is compiled when evaluated.
	patterns []*pattern
}

func (n *several) typ() Type { return String }

// eval returns the value that the subject stands for just now.
func (n *several) eval(st *state) (value, error) {
	for i := len(st.each) - 1; i >= 0; i-- {
		if st.each[i].of == n {
			return st.each[i].v, nil
		}
	}
	return none(String), nil
}

// loop calls step for each value until it returns false. Without any value it
// calls step once for a missing one.
func (n *several) loop(st *state, step func() (bool, error)) error {
	vals, err := n.values(st)
	if err != nil {
		return err
	}
	if len(vals) == 0 {
		vals = []value{none(String)}
	}
	st.each = append(st.each, current{of: n})
	defer func() { st.each = st.each[:len(st.each)-1] }()
	top := len(st.each) - 1
	for _, v := range vals {
		st.each[top].v = v
		more, err := step()
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (n *several) values(st *state) ([]value, error) {
	args := make([]value, len(n.args))
	for i, a := range n.args {
		v, err := a.eval(st)
		if err != nil {
			return nil, err
		}
		args[i] = v
	}
	var out []value
	switch n.f.many {
	case byName:
		for _, a := range args {
			out = append(out, st.env.attribute(a.s))
		}
	case byPattern:
		names := st.env.names()
		for i, a := range args {
			p := n.patterns[i]
			if p == nil {
				var err error
				if p, err = compilePattern(a.s); err != nil {
					return nil, err
				}
			}
			for _, name := range names {
				ok, err := p.matches(name)
				if err != nil {
					return nil, err
				}
				if ok {
					out = append(out, st.env.attribute(name))
				}
			}
		}
	case byPart:
		if !args[0].ok || !args[1].ok {
			return nil, nil
		}
		p := n.patterns[1]
		if p == nil {
			var err error
			if p, err = compilePattern(args[1].s); err != nil {
				return nil, err
			}
		}
		parts, err := p.split(args[0].s)
		if err != nil {
			return nil, err
		}
		for _, s := range parts {
			out = append(out, text(s))
		}
	}
	return out, nil
}
