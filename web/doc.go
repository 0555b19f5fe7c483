// Package web carries the program's operations over HTTP: one table of routes
// with typed inputs and outputs, errors as JSON that a client can render in its
// own language, and a client that speaks to a server over TCP, over its control
// socket, or in the same process.
//
// Table holds the routes, Handle adds one, Client calls them. What the
// operations do stands in package server.
package web
