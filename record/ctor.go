package record

import "io"

// The constructors below are the agreed signatures; their bodies follow.

// NewJSONReader returns a reader of a JSON array of objects.
func NewJSONReader(r io.Reader, s *Schema, o ReadOptions) Reader { return nil }

// NewJSONWriter returns a writer of a JSON array of objects.
func NewJSONWriter(w io.Writer, s *Schema) Writer { return nil }

// NewCSVReader returns a reader of typed CSV rows.
func NewCSVReader(r io.Reader, s *Schema, o CSVOptions) Reader { return nil }

// NewCSVWriter returns a writer of CSV rows.
func NewCSVWriter(w io.Writer, s *Schema, o CSVOptions) Writer { return nil }
