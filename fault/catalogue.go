package fault

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
)

// Lang is a language of the catalogue.
type Lang string

// The languages that every text exists in.
const (
	English Lang = "en"
	Korean  Lang = "ko"
)

// LangFromEnv returns the language that the environment asks for: Korean when
// the first set of LC_ALL, LC_MESSAGES and LANG begins with "ko".
func LangFromEnv() Lang {
	for _, k := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := os.Getenv(k); v != "" {
			if strings.HasPrefix(v, "ko") {
				return Korean
			}
			return English
		}
	}
	return English
}

// Text renders err in lang. A fault anywhere in the chain is rendered from the
// catalogue; any other error keeps its own words, and so do those that stand
// around a fault: they say where it happened.
func Text(err error, lang Lang) string {
	return NoteOf(err).Text(lang)
}

//go:embed catalogue/*.json
var files embed.FS

// Entry is a text in each language; in that of a code {name} stands for an
// argument.
type Entry struct {
	English string `json:"en"`
	Korean  string `json:"ko"`
}

// In returns the text in a language.
func (e Entry) In(lang Lang) string {
	if lang == Korean {
		return e.Korean
	}
	return e.English
}

// String returns the English text.
func (e Entry) String() string { return e.English }

// said is the code of words that come with both their texts.
const said = "said"

// Catalogue returns every code with its texts.
func Catalogue() map[string]Entry { return catalogue() }

var catalogue = sync.OnceValue(func() map[string]Entry {
	all := map[string]Entry{}
	dir, err := files.ReadDir("catalogue")
	if err != nil {
		panic(err) // embedded at build time
	}
	for _, f := range dir {
		b, err := files.ReadFile("catalogue/" + f.Name())
		if err != nil {
			panic(err)
		}
		part := map[string]Entry{}
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&part); err != nil {
			panic(fmt.Sprintf("fault: catalogue/%s: %v", f.Name(), err))
		}
		for code, e := range part {
			if _, twice := all[code]; twice {
				panic("fault: code " + code + " stands twice in the catalogue")
			}
			all[code] = e
		}
	}
	return all
})

func render(lang Lang, code string, args Args) string {
	e, ok := catalogue()[code]
	if !ok {
		return bare(code, args)
	}
	t := e.English
	if lang == Korean {
		t = e.Korean
	}
	return fill(t, args)
}

// fill replaces {name} by its argument; what is no argument stays as it is.
func fill(t string, args Args) string {
	var b strings.Builder
	for {
		j := strings.IndexByte(t, '}')
		if j < 0 {
			break
		}
		// The last brace before it: one that stands in the text, as in "${", opens
		// no placeholder.
		i := strings.LastIndexByte(t[:j], '{')
		v, ok := args[t[i+1:j]]
		if i < 0 || !ok {
			i, v = j+1, ""
		}
		b.WriteString(t[:i])
		b.WriteString(v)
		t = t[j+1:]
	}
	b.WriteString(t)
	return b.String()
}
