package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// ProblemType is the media type of an error's document.
const ProblemType = "application/problem+json"

// Problem is an error's document: the members that every client of HTTP knows,
// and the note from which ours renders the text in its own language.
type Problem struct {
	// Type names the sort of problem, a URN that ends in the code.
	Type string `json:"type"`
	// Title is the status in words, Status its number.
	Title  string `json:"title"`
	Status int    `json:"status"`
	// Text is the whole text in the language that the request asks for; it ends in
	// what can be done. Remedy is that part alone.
	Text   string `json:"text"`
	Remedy string `json:"remedy,omitempty"`
	// Path is where in a flow file the problem lies, when there is one only; of a
	// request that is not understood, its field.
	Path string `json:"path,omitempty"`
	Failure
}

// ProblemOf returns the document of an error, with its text in a language.
func ProblemOf(err error, lang fault.Lang) *Problem {
	status, f := Describe(err)
	p := &Problem{Type: "urn:weir:problem:" + f.Code, Title: http.StatusText(status), Status: status, Text: f.Text(lang), Failure: f}
	if f.Words != "" {
		p.Text = f.Words // of an error without a code of its own
	}
	if many := problemsOf(err); len(many) == 1 {
		p.Path = many[0].Path
	}
	if strings.HasPrefix(f.Code, "request_") {
		p.Path = f.Args["field"]
	}
	if len(f.Problems) == 0 {
		p.Remedy = f.Remedy(lang)
	}
	return p
}

// WriteProblem answers a request with an error's document.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(err, LangOf(r))
	h := w.Header()
	h.Set("Content-Type", ProblemType)
	h.Del("Content-Disposition")
	if class, wait := fault.ClassOf(err); class == fault.After && (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable) {
		h.Set("Retry-After", strconv.Itoa(max(1, int(wait.Seconds()+0.999))))
	}
	w.WriteHeader(p.Status)
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // strings and numbers only
	}
	_, _ = w.Write(append(b, '\n')) // a client that left needs no answer
}

// LangOf returns the language that a request asks for.
func LangOf(r *http.Request) fault.Lang {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch tag, _, _ := strings.Cut(strings.TrimSpace(part), ";"); {
		case tag == "ko" || strings.HasPrefix(tag, "ko-"):
			return fault.Korean
		case tag == "en" || strings.HasPrefix(tag, "en-"):
			return fault.English
		}
	}
	return fault.English
}

func problemsOf(err error) flows.Problems {
	var many flows.Problems
	_ = errors.As(err, &many)
	return many
}
