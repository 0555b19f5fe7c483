// Package live shows flows at work over websockets: rows of numbers for each
// node and connection, first whole, then what changed, at most twice a second.
// What it shows is given to it; nothing is asked for while nobody watches. A
// client that is slow gets the newest state when it can take it: what it missed
// is not kept anywhere, but found by the sequence number of its last frame.
package live
