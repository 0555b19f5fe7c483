package duck

import (
	"context"
	"errors"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/weirflow/weir/fault"
)

// wrong turns what DuckDB said into a fault that says whose it is: the data's, the
// query's, the disk's or the memory's.
func (db *DB) wrong(err error) error { return db.judge(err, short) }

// wrongAt is wrong for a statement that a person wrote: it says where in its text.
func (db *DB) wrongAt(err error) error { return db.judge(err, placed) }

func (db *DB) judge(err error, short func(string) string) error {
	var d *duckdb.Error
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &d) {
		return err
	}
	said := short(d.Msg)
	switch d.Type {
	case duckdb.ErrorTypeInterrupt:
		return context.Canceled
	case duckdb.ErrorTypeOutOfMemory:
		if strings.Contains(d.Msg, "max_temp_directory_size") || strings.Contains(d.Msg, "temp_directory") {
			return fault.New("duck_spill_full", "said", said).Permanent()
		}
		return fault.New("duck_memory", "said", said).Permanent()
	case duckdb.ErrorTypeIO:
		if strings.Contains(d.Msg, "No space left") {
			return fault.New("duck_disk", "said", said)
		}
		if strings.Contains(d.Msg, "not a valid DuckDB database") {
			return fault.New("duck_no_database", "said", said).Permanent()
		}
		return fault.New("duck_io", "said", said)
	case duckdb.ErrorTypePermission:
		return fault.New("duck_locked", "said", said).Permanent()
	case duckdb.ErrorTypeConversion, duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeDecimal, duckdb.ErrorTypeDivideByZero,
		duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeInvalidType, duckdb.ErrorTypeMismatchType:
		return fault.New("duck_data", "said", said).Permanent()
	case duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal:
		return fault.New("duck_broken", "said", said)
	}
	return fault.New("duck_query", "said", said).Permanent()
}

// busy is the fault of a database file that another process has open, or nil.
func busy(file string, err error) error {
	if file != "" && (strings.Contains(err.Error(), "Could not set lock") || strings.Contains(err.Error(), "Conflicting lock")) {
		return fault.New("duck_file_busy", "path", file, "said", short(err.Error()))
	}
	return nil
}

// short cuts what DuckDB says down to what a person can use: without the general
// advice behind it, the type of error doubled in front, and at most so long.
func short(msg string) string {
	for _, end := range []string{"\n\nPossible solutions", "\n\nSee also", "\nStack Trace", "\n\nLINE "} {
		msg, _, _ = strings.Cut(msg, end)
	}
	msg = strings.Join(strings.Fields(msg), " ")
	const most = 600
	if len(msg) > most {
		msg = strings.ToValidUTF8(msg[:most], "") + "..."
	}
	if msg != "" && !strings.ContainsAny(msg[len(msg)-1:], ".!?") {
		msg += "."
	}
	return msg
}

// placed is short with the line that DuckDB points at, the place marked.
func placed(msg string) string {
	_, at, ok := strings.Cut(msg, "\n\nLINE ")
	line, caret, pointed := strings.Cut(at, "\n")
	number, text, numbered := strings.Cut(line, ": ")
	column := strings.IndexByte(caret, '^') - len("LINE ") - len(number) - len(": ")
	if !ok || !pointed || !numbered || column < 0 || column > len(text) {
		return short(msg)
	}
	return short(msg) + " Line " + number + ": " + strings.TrimSpace(text[:column]+" >> "+text[column:]) + "."
}
