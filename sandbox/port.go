package sandbox

import (
	"bytes"
	"net"
	"sync"
	"time"
)

// preface is how a connection of HTTP/2 with prior knowledge, which is what a
// gRPC client makes, begins (RFC 9113, 3.4). No request of HTTP/1.1 does.
var preface = []byte("PRI * HTTP/2.0")

// prefaceTime is how long a new connection may stay silent.
const prefaceTime = 30 * time.Second

// port shares one listening socket between two servers: each connection goes to
// the one or the other by its first bytes.
type port struct {
	net.Listener
	rpc, http *branch

	mu     sync.Mutex
	fresh  map[net.Conn]struct{} // connections that have not said what they are
	closed bool
	tasks  sync.WaitGroup
}

func newPort(l net.Listener) *port {
	return &port{Listener: l, rpc: newBranch(l.Addr()), http: newBranch(l.Addr()), fresh: map[net.Conn]struct{}{}}
}

// serve hands out connections until the port is closed.
func (p *port) serve() error {
	defer p.tasks.Wait()
	for {
		c, err := p.Accept()
		if err != nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.closed {
				return nil
			}
			return err
		}
		if p.admit(c) {
			p.tasks.Go(func() { p.route(c) })
		}
	}
}

func (p *port) admit(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = c.Close() // nothing was said on it yet
		return false
	}
	p.fresh[c] = struct{}{}
	return true
}

// route reads until it is clear which server a connection is for. A connection
// that ends or stays silent before that is dropped.
func (p *port) route(c net.Conn) {
	begin := make([]byte, 0, len(preface))
	err := c.SetReadDeadline(time.Now().Add(prefaceTime))
	for err == nil && len(begin) < len(preface) && bytes.HasPrefix(preface, begin) {
		var n int
		n, err = c.Read(begin[len(begin):cap(begin)])
		begin = begin[:len(begin)+n]
	}
	if err == nil {
		err = c.SetReadDeadline(time.Time{})
	}
	p.mu.Lock()
	delete(p.fresh, c)
	p.mu.Unlock()
	if err != nil {
		_ = c.Close() // the peer is gone or never spoke
		return
	}
	to := p.http
	if bytes.Equal(begin, preface) {
		to = p.rpc
	}
	to.give(&begun{c, begin})
}

// close stops accepting. Connections that a server has got are that server's.
func (p *port) close() error {
	p.mu.Lock()
	p.closed = true
	for c := range p.fresh {
		_ = c.Close() // nothing was answered on it
	}
	p.mu.Unlock()
	return p.Listener.Close()
}

// begun is a connection of which some bytes were read already.
type begun struct {
	net.Conn
	first []byte
}

func (b *begun) Read(to []byte) (int, error) {
	if len(b.first) == 0 {
		return b.Conn.Read(to)
	}
	n := copy(to, b.first)
	b.first = b.first[n:]
	return n, nil
}

// branch is the listener of one of the servers.
type branch struct {
	addr  net.Addr
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

func newBranch(a net.Addr) *branch {
	return &branch{addr: a, conns: make(chan net.Conn), done: make(chan struct{})}
}

func (b *branch) give(c net.Conn) {
	select {
	case b.conns <- c:
	case <-b.done:
		_ = c.Close() // its server has stopped
	}
}

// Accept returns the next connection, or net.ErrClosed after Close.
func (b *branch) Accept() (net.Conn, error) {
	select {
	case c := <-b.conns:
		return c, nil
	case <-b.done:
		return nil, net.ErrClosed
	}
}

// Close makes Accept return.
func (b *branch) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

// Addr returns the address of the shared socket.
func (b *branch) Addr() net.Addr { return b.addr }
