package server

import (
	"cmp"
	"net"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"github.com/weirflow/weir/fault"
)

// What the TCP listener bears, so that nobody can use up the process's files and
// memory: further connections wait until one of the open ones ends.
const (
	connsMost    = 1024             // open at once
	headerWithin = 10 * time.Second // from the first byte of a request to the end of its head
	idleMost     = 2 * time.Minute  // between two requests of one connection
	// livePagesMost is how many live sockets one session or token has at once.
	livePagesMost = 64
)

// limited bounds how many connections of a listener are open at once.
func (s *Server) limited(l net.Listener) net.Listener {
	return netutil.LimitListener(l, cmp.Or(s.cfg.connsMost, connsMost))
}

// livePages counts the live sockets of each session and token.
type livePages struct {
	mu   sync.Mutex
	open map[string]int
}

// enter counts one more and returns what counts it off, or refuses.
func (p *livePages) enter(secret string) (leave func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[secret] >= livePagesMost {
		return nil, fault.New("live_pages_many", "most", livePagesMost).RetryAfter(time.Minute)
	}
	if p.open == nil {
		p.open = map[string]int{}
	}
	p.open[secret]++
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.open[secret]--; p.open[secret] == 0 {
			delete(p.open, secret)
		}
	}, nil
}
