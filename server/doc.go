// Package server is the running program: it opens the store, the engine and,
// where asked, the sandbox, in this order, offers their operations as one table
// of routes on a control socket, and undoes it all in reverse.
//
// Server is the whole; Open returns it at work, Close joins all it started. The
// operations stand by noun in the files ops_*.go; their inputs and outputs are
// the wire types of the command line and, later, of the canvas.
package server
