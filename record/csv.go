package record

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/weirflow/weir/fault"
)

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

// loneNull stands for null in a table of one column, where an empty line would.
const loneNull = `\N`

// Check reports what is wrong with the options: a delimiter that could not be
// told from quotes, line ends or the null text, or a null text that could not be
// told from a cell.
func (o CSVOptions) Check() error {
	switch d := o.Delimiter; {
	case d == 0:
	case d == '"' || d == '\r' || d == '\n' || d == '\ufeff' || d == utf8.RuneError || !utf8.ValidRune(d):
		return fault.New("csv_bad_delimiter", "delimiter", strconv.QuoteRune(d)).Permanent()
	}
	if strings.ContainsAny(o.Null, "\"\r\n") || strings.Contains(o.Null, string(o.delimiter())) || !utf8.ValidString(o.Null) {
		return fault.New("csv_bad_null", "null", strconv.Quote(o.Null)).Permanent()
	}
	if o.Quote > QuoteStrings {
		return fault.New("csv_bad_quote", "policy", o.Quote).Permanent()
	}
	return nil
}

func (o CSVOptions) delimiter() []byte {
	if o.Delimiter == 0 {
		return []byte{','}
	}
	return utf8.AppendRune(nil, o.Delimiter)
}

var quoteNames = [...]string{"minimal", "all", "non_numeric", "strings"}

// String returns the name of the policy as a setting spells it.
func (q QuotePolicy) String() string {
	if int(q) < len(quoteNames) {
		return quoteNames[q]
	}
	return "quote(" + strconv.Itoa(int(q)) + ")"
}

// ParseQuotePolicy returns the policy of a name: minimal, all, non_numeric or
// strings.
func ParseQuotePolicy(name string) (QuotePolicy, error) {
	i := slices.Index(quoteNames[:], name)
	if i < 0 {
		return 0, fault.New("csv_bad_quote", "policy", name).Permanent()
	}
	return QuotePolicy(i), nil
}
