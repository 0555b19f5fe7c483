// Package files has the kinds that read, list and write files below the files
// directory.
//
// ReadFile is a source that reads one file of a run, page by page; where it
// stands is committed with each page, so that after a crash no row comes twice
// and none is missing. ListFile names files, and FetchFile reads each file that
// a FlowFile names. WriteFile writes each FlowFile's content to a file of its
// own.
//
// ReadFile and FetchFile share what they know of formats, in form and pages: a
// row that does not fit the schema is the data's fault and goes to rejected, with
// its bytes as they stand in the file.
package files
