package store

import "io"

// writer returns a function that writes b, as content is appended.
func writer(b []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	}
}
