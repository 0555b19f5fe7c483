// Package engine runs flows: it gives processors their sessions, holds back
// sources when queues are full, retries what failed, fires the schedule and
// brings runs from QUEUED to their end.
//
// Engine is the whole; it works on a Store and keeps nothing durable itself, so
// killing the process at any point loses nothing. One goroutine, the director,
// looks at each run that changed and does what its state asks for; that is
// level-triggered: looking twice does no harm. Each node of a run at work has
// its own workers, which sleep until a commit touches them.
package engine
