// Package record holds Weir's typed rows: what a column may be, what a schema
// is, and streaming readers and writers of NDJSON, JSON arrays and CSV.
//
// The types to know are Schema (named, typed columns in order), Value (one cell,
// 24 bytes, no allocation for a scalar) and the Reader and Writer interfaces,
// which move rows of Values one by one in bounded memory. A content that passes
// between two processors is NDJSON with a Schema beside it.
//
// Nothing is ever inferred while reading: a cell either is what its column says,
// without loss, or the row is refused with a fault that names row, column, value
// and type. Schema inference is a separate, explicit step (Inferrer).
//
// Forms of the values, the same in NDJSON, JSON arrays and CSV cells:
//
//	bool       true, false
//	int64      number up to 2^53-1 in magnitude, in JSON a string beyond
//	double     shortest number that reads back the same, -0 kept;
//	           NaN, Infinity and -Infinity (in JSON as strings)
//	decimal    string of plain digits, no exponent, no needless zeros
//	string     UTF-8 text, kept exactly
//	bytes      base64, standard alphabet with padding
//	timestamp  2006-01-02T15:04:05.000000Z, microseconds, years 0001 to 9999
//	date       2006-01-02, years 0001 to 9999
//	json       the JSON text itself, compact, number literals kept
//	list       JSON array
//	struct     JSON object, all fields written
//
// Readers also take a number in quotes and, for a decimal, one without; a whole
// number however it is spelled (1e3) as int64; and an RFC 3339 time with any offset
// or fewer digits. What would lose something is refused: 1.5 or 2^63 as int64,
// 007 as a number, nanoseconds, more decimals than the type has. The one thing
// rounded is a number read as double, to the nearest one, as everywhere.
//
// A key that is absent and a null are the same: null. So is a JSON null in a
// json column. A list may hold nulls.
//
// Caveat: the slice that Reader.Next returns is overwritten by the next call;
// the Values in it stay good, but pin the block (up to 64 KiB) they were read
// in. Who keeps a few Values of many rows calls Value.Clone.
package record
