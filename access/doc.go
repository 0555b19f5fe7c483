// Package access knows who may call a server over TCP: the password, bearer
// tokens, sessions of browsers and one-time links. Only hashes of what lets
// somebody in are kept, in one file of the data directory, so that a page that
// is open stays signed in when the server starts anew.
//
// Open reads the file into a Book; Throttle slows guessing down. What is checked
// of a request stands in package server.
package access
