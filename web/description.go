package web

import _ "embed" // the description

//go:embed openapi.json
var description []byte

// Description returns the description of the API, a document of OpenAPI 3.1.
func Description() []byte { return description }
