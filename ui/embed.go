// Package ui holds the built pages of the canvas. The sources lie beside this
// file; `make build` makes them into dist, which the binary carries. A build
// without them is a sound server without a canvas.
package ui

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// FS returns the built pages, and false when this build has none.
func FS() (fs.FS, bool) {
	pages, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	if _, err := fs.Stat(pages, "index.html"); err != nil {
		return nil, false
	}
	return pages, true
}
