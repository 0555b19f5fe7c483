package engine

// findLoops notes which connections are part of a loop.
func (in *instance) findLoops() {
	for conn, from := range in.from {
		to := in.into[conn]
		if to.reaches(from, map[*node]bool{}) {
			for i := range from.limits {
				if from.limits[i].conn == conn {
					from.limits[i].loop = true
				}
			}
			continue
		}
		if to.outside == nil {
			to.outside = map[string]bool{}
		}
		to.outside[conn] = true
	}
}

// reaches reports whether a way leads from n to another node, or to itself.
func (n *node) reaches(to *node, seen map[*node]bool) bool {
	if n == to {
		return true
	}
	if seen[n] {
		return false
	}
	seen[n] = true
	for conn, from := range n.in.from {
		if from == n && n.in.into[conn].reaches(to, seen) {
			return true
		}
	}
	return false
}
