package record

// QuotePolicy says which cells a CSV writer puts in quotes beyond those that
// need them. A null is never quoted: that is what tells it from an empty string.
type QuotePolicy uint8

// The quote policies.
const (
	// QuoteMinimal quotes only what would be read wrongly without.
	QuoteMinimal QuotePolicy = iota
	// QuoteAll quotes every cell and every header name.
	QuoteAll
	// QuoteNonNumeric quotes every cell but those of int64, double and decimal
	// columns.
	QuoteNonNumeric
	// QuoteStrings quotes every cell of string columns.
	QuoteStrings
)

// CSVOptions are the dialect of a CSV file. The zero value is RFC 4180 with a
// header, commas, LF line ends, no byte order mark, and null as an empty cell
// without quotes.
type CSVOptions struct {
	// Delimiter separates cells; 0 is a comma.
	Delimiter rune
	// Quote says which cells the writer quotes; the reader takes any.
	Quote QuotePolicy
	// Null is the text that stands, without quotes, for null: "" by default, or
	// for example \N or NULL. The same text in quotes is a string.
	//
	// A table of one column with Null "" has its nulls written as \N, because an
	// empty line is skipped by most readers; on reading such a table, both \N
	// and an empty line are null.
	Null string
	// NoHeader says that there is no line of column names.
	NoHeader bool
	// CRLF makes the writer end lines with CR LF; the reader takes both. Line
	// ends inside cells are kept as they are.
	CRLF bool
	// BOM makes the writer begin with a byte order mark; the reader skips one.
	BOM bool
	// FormulaGuard makes the writer put ' before a cell of a string column that a
	// spreadsheet would take as a formula (it begins with = + - @, TAB or CR) and
	// that is not a number. Such a file does not read back as the same values.
	FormulaGuard bool
	// MaxRecord is how many bytes one record may have; 0 is DefaultMaxRecord.
	MaxRecord int
}
