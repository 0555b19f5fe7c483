package record

// Reader reads rows of a schema one by one.
type Reader interface {
	// Schema returns the schema that every row follows.
	Schema() *Schema
	// Next returns the next row, or io.EOF after the last. The slice is
	// overwritten by the next call; the Values in it are not. An error that wraps
	// a *RowError concerns one row, and Next may be called again for the rows
	// after it; any other error ends the reading and is returned again.
	Next() ([]Value, error)
}

// Writer writes rows of a schema one by one.
type Writer interface {
	// Write writes a row, which it does not keep. A row that does not fit the
	// schema is refused with a *RowError and leaves no byte behind; any other
	// error is one of the output and is returned again.
	Write(row []Value) error
	// Close writes what is buffered and ends the text. It does not close the
	// underlying writer. It must be called for the content to be whole.
	Close() error
	// Rows returns how many rows were written.
	Rows() int64
}

// DefaultMaxRecord is how many bytes a record may have where the options say
// nothing: 64 MiB.
const DefaultMaxRecord = 64 << 20

// ReadOptions say how NDJSON and JSON arrays are read. The zero value is strict.
type ReadOptions struct {
	// MaxRecord is how many bytes one record may have; 0 is DefaultMaxRecord.
	MaxRecord int
	// IgnoreUnknown skips keys that the schema does not name, also in structs; by
	// default they are an error.
	IgnoreUnknown bool
}

// RowError is an error of one row: the reader or writer goes on with the next.
type RowError struct {
	// Row is the number of the row, from 1.
	Row int64
	// Err is the fault; it names row, column, value and type.
	Err error
}

// Error returns the text of the fault.
func (e *RowError) Error() string { return e.Err.Error() }

// Unwrap returns the fault.
func (e *RowError) Unwrap() error { return e.Err }
