// Package flowfile holds the things that move through Weir and the session in
// which a processor moves them.
//
// A FlowFile is a set of attributes and a claim on immutable content. A Session
// is concrete, as sql.Tx is: a processor takes FlowFiles from its inputs,
// creates, writes and transfers others, and the whole is one Delivery that the
// store commits or refuses. Nothing a session does is visible to anybody before
// that commit, except Intent and AsOf, which say so.
//
// Two rules carry everything else. What a session took stays counted on its
// connection until the commit, so a crash or an error loses nothing. And every
// FlowFile that a session touched must be transferred or dropped with a class:
// a commit that forgot one is refused.
//
// Sessions are not safe for concurrent use; one Process call owns one session.
package flowfile
