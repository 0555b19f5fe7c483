// Package processors is what a kind of processor is written against: how it
// describes itself, how its settings reach its fields, and what it may use when
// it runs.
//
// A kind is a plain struct with two methods. Define names it and binds each
// property to a field; Process does the work in a flowfile.Session. Register
// makes it known, from init. From that one definition come validation, the form
// on the canvas, the reference pages and `weir kinds`.
//
// The types to know are Processor, Spec, Env and, for those who run processors,
// Build and Configured. Leaf packages below this one know one technology each
// and use only what is exported here. Package processorstest tests a kind.
//
// Define is called on a fresh value every time and must have no effect but the
// calls on its Spec: the fields still hold what the constructor set, which are
// the defaults.
package processors
