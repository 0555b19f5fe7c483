// Package expr is the expression language of property values: text with any
// number of ${...} and #{parameter} in it.
//
// An expression is a subject followed by functions: ${name:trim():append('x')}.
// The subject is an attribute name (quoted where it has a space or is also a
// function's name), another ${...}, a #{parameter}, a function that stands
// alone, such as now() or literal('x'), or one that speaks of several
// attributes at once, such as anyAttribute('a', 'b'). The grammar, the
// functions and their results are those of Apache NiFi's Expression Language.
//
// Parse checks all that can be known without values (names of functions, the
// number and types of arguments, constant patterns, zones and regular
// expressions) and returns a Template, which never changes and may be evaluated
// by many goroutines at once. Template.References says what an evaluation would
// look up; an Env supplies it. Functions lists what there is.
//
// What differs from NiFi, each time on purpose:
//   - There is no way to the environment, the system, the host or stored state:
//     hostname, ip, thread, getStateValue, getUri and nextInt are refused. A
//     flow from elsewhere must not read what the server knows.
//   - Dates are read and written in Env.Zone, UTC where that is nil, never in
//     the zone of the machine.
//   - An unknown parameter is an error and not an empty text.
//   - Whole numbers that leave 64 bits are an error and do not wrap around.
//   - A missing value counts as false in and(), or() and not().
//   - A date stands for an instant where one is asked for, and the reverse; the
//     number 1e3 is one also where it comes from text.
//   - JSON that a path changes keeps the digits of its numbers, and what cannot be
//     changed as asked is an error and not an empty text.
//   - Date patterns know no week-based years or weeks (Y, w, W, e, c).
//   - Lengths and positions count characters, not UTF-16 units, and toUpper and
//     toLower change each character alone, so that ß stays ß.
//   - An attribute whose name is also a function's must be quoted, as in NiFi,
//     and the error says so; an opened ${ that looks like an expression and is
//     never closed is an error and not literal text.
//
// The value of an attribute or parameter is never expanded again. The one
// exception is written by the author of the flow himself: evaluateELString().
package expr
