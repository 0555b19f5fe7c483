package server

import "sync"

// changeKind says what a change was about.
type changeKind uint8

const (
	// changeEdit is an edit of a draft, told in the order of its revisions.
	changeEdit changeKind = iota + 1
	// changePublished is a version that came into force.
	changePublished
	// changeFlow is anything else that a list of flows shows.
	changeFlow
	// changeDeleted is a flow that is gone.
	changeDeleted
)

// change is something about a flow that open pages are told.
type change struct {
	kind    changeKind
	flow    string
	edit    *Edit
	version uint32
}

// flowChanges tells whoever observes of changes to flows. The zero value is ready.
type flowChanges struct {
	mu   sync.Mutex
	last int
	to   map[int]func(change)
}

// observe has fn called for each change, one after the other, by those who make
// it: fn must not wait. The function returned ends it.
func (c *flowChanges) observe(fn func(change)) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil {
		c.to = map[int]func(change){}
	}
	c.last++
	n := c.last
	c.to[n] = fn
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.to, n)
	}
}

func (c *flowChanges) tell(what change) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, fn := range c.to {
		fn(what)
	}
}
