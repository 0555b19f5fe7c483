package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

type echoIn struct {
	Name string `param:"name" json:"-"`
	N    int    `query:"n" json:"-"`
	Text string `json:"text,omitempty"`
}

type echoOut struct {
	Name string `json:"name"`
	N    int    `json:"n"`
	Text string `json:"text"`
}

// table has one operation of each sort; fail is what the failing ones return.
func table(fail error) *Table {
	t := &Table{}
	say := func(_ context.Context, in *echoIn) (*echoOut, error) { return &echoOut{in.Name, in.N, in.Text}, nil }
	Handle(t, "GET /echo/:name", "Says the name.", say)
	Handle(t, "POST /echo/:name", "Says the text.", say)
	Handle(t, "POST /fail", "Fails.", func(context.Context, *None) (*None, error) { return nil, fail })
	Stream(t, "GET /stream/:name", "Says the name often.", "text/plain", func(_ context.Context, in *echoIn, w io.Writer) error {
		for range in.N {
			if _, err := io.WriteString(w, in.Name); err != nil {
				return err
			}
		}
		return nil
	})
	Stream(t, "GET /broken", "Breaks off.", "text/plain", func(_ context.Context, _ *None, w io.Writer) error {
		if _, err := io.WriteString(w, "half"); err != nil {
			return err
		}
		return fail
	})
	Stream(t, "GET /refused", "Fails before the first byte.", "text/plain", func(context.Context, *None, io.Writer) error { return fail })
	return t
}

// both runs a test over a real socket and in the same process.
func both(t *testing.T, tab *Table, f func(*testing.T, *Client)) {
	t.Run("socket", func(t *testing.T) {
		srv := httptest.NewServer(tab.Handler())
		defer srv.Close()
		f(t, Dial(srv.URL, "secret"))
	})
	t.Run("process", func(t *testing.T) { f(t, Local(tab.Handler())) })
}

func TestCallFillsPathQueryAndBody(t *testing.T) {
	both(t, table(nil), func(t *testing.T, c *Client) {
		var got echoOut
		if err := c.Call(t.Context(), "POST", "/echo/%EA%B9%80?n=7", map[string]string{"text": "안녕 \u2028"}, &got); err != nil {
			t.Fatal(err)
		}
		if want := (echoOut{"김", 7, "안녕 \u2028"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := c.Call(t.Context(), "GET", "/echo/a?n=1", nil, nil); err != nil {
			t.Errorf("an answer that nobody wants: %v", err)
		}
	})
}

func TestRequestsThatAreRefused(t *testing.T) {
	both(t, table(nil), func(t *testing.T, c *Client) {
		for _, c2 := range []struct {
			name, method, path string
			in                 any
			code               string
		}{
			{"unknown key", "POST", "/echo/a", map[string]int{"texts": 1}, "request_field_name"},
			{"wrong type", "POST", "/echo/a", map[string]int{"text": 1}, "request_field_value"},
			{"bad query", "GET", "/echo/a?n=many", nil, "request_query_value"},
			{"negative count", "GET", "/echo/a?n=-5", nil, "request_query_value"},
			{"unknown parameter", "GET", "/echo/a?m=5", nil, "request_query_name"},
			{"too large", "POST", "/echo/a", map[string]string{"text": strings.Repeat("x", maxBody)}, "request_large"},
			{"no such path", "GET", "/nowhere", nil, "request_refused"},
			{"no such method", "DELETE", "/echo/a", nil, "request_refused"},
		} {
			t.Run(c2.name, func(t *testing.T) {
				err := c.Call(t.Context(), c2.method, c2.path, c2.in, nil)
				if got := fault.CodeOf(err); got != c2.code {
					t.Errorf("code %s (%v), want %s", got, err, c2.code)
				}
			})
		}
	})
}

func TestErrorsKeepTheirWordsInBothLanguages(t *testing.T) {
	inner := fault.New("request_bad", "what", "안")
	for _, want := range []error{
		fault.New("server_unreachable", "address", "a:1").Permanent(),
		fault.New("server_unreachable", "address", "{address}").Because(inner),
		fmt.Errorf("nodes.a: %w", fault.New("request_bad", "what", "x")),
		errors.New("disk on fire"),
		fault.New("internal", "what", "w").Because(errors.New("plain cause")),
	} {
		both(t, table(want), func(t *testing.T, c *Client) {
			got := c.Call(t.Context(), "POST", "/fail", nil, nil)
			for _, lang := range []fault.Lang{fault.English, fault.Korean} {
				if g, w := fault.Text(got, lang), fault.Text(want, lang); g != w {
					t.Errorf("%s: %q, want %q", lang, g, w)
				}
			}
			gc, _ := fault.ClassOf(got)
			wc, _ := fault.ClassOf(want)
			if gc != wc || fault.CodeOf(got) != fault.CodeOf(want) {
				t.Errorf("class %v, code %s; want %v, %s", gc, fault.CodeOf(got), wc, fault.CodeOf(want))
			}
		})
	}
}

func TestProblemsOfAFlowKeepTheirPlaces(t *testing.T) {
	_, problems := flows.Check([]byte(`{"weir": 1, "id": "x", "mode": "runs", "nodes": {"a": {"kind": "Nothing"}, "b": {"kind": "Nowhere"}}}`))
	if len(problems) < 2 {
		t.Fatalf("%d problems, want two at least", len(problems))
	}
	both(t, table(problems.Err()), func(t *testing.T, c *Client) {
		err := c.Call(t.Context(), "POST", "/fail", nil, nil)
		many, ok := err.(interface{ Unwrap() []error })
		if !ok {
			t.Fatalf("%T is not several errors", err)
		}
		for _, lang := range []fault.Lang{fault.English, fault.Korean} {
			var got []string
			for _, e := range many.Unwrap() {
				got = append(got, fault.Text(e, lang))
			}
			if diff := cmp.Diff(problems.Text(lang), strings.Join(got, "\n")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", lang, diff)
			}
		}
	})
}

func TestStreamsEndWholeOrWithAnError(t *testing.T) {
	both(t, table(fault.New("request_bad", "what", "late")), func(t *testing.T, c *Client) {
		var b strings.Builder
		if err := c.Copy(t.Context(), "GET", "/stream/ab?n=100000", nil, &b); err != nil || b.Len() != 200_000 {
			t.Errorf("%d bytes, %v", b.Len(), err)
		}
		b.Reset()
		if err := c.Copy(t.Context(), "GET", "/stream/ab", nil, &b); err != nil || b.Len() != 0 {
			t.Errorf("an empty stream gave %d bytes, %v", b.Len(), err)
		}
		if err := c.Copy(t.Context(), "GET", "/broken", nil, &b); err == nil {
			t.Errorf("a stream that broke off after %q came without an error", b.String())
		}
		if err := c.Copy(t.Context(), "GET", "/refused", nil, io.Discard); fault.CodeOf(err) != "request_bad" {
			t.Errorf("a stream that never began gave %v", err)
		}
	})
}

func TestAReaderThatLeavesEndsTheHandler(t *testing.T) {
	left := make(chan error, 1)
	c := Local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, strings.Repeat("x", 1<<10)); err != nil {
				left <- err
				return
			}
		}
	}))
	resp, err := c.HTTP.Get("http://weir/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(resp.Body, make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-left:
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the handler ended with %v", err)
		}
	default:
		t.Error("Close returned before the handler")
	}
}

func TestAPanickingHandlerIsAnError(t *testing.T) {
	c := Local(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boo") }))
	err := c.Call(t.Context(), "GET", "/", nil, &struct{}{})
	if err == nil || !strings.Contains(err.Error(), "boo") {
		t.Errorf("got %v, want the panic", err)
	}
}

func TestNobodyThere(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	srv.Close()
	for _, c := range []*Client{Dial(srv.URL, ""), DialSocket(t.TempDir() + "/none")} {
		err := c.Call(t.Context(), "GET", "/", nil, nil)
		if fault.CodeOf(err) != "server_unreachable" {
			t.Errorf("%s: %v", c.Base, err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	mine := errors.New("mine")
	cancel(mine)
	if err := Dial(srv.URL, "").Call(ctx, "GET", "/", nil, nil); !errors.Is(err, mine) {
		t.Errorf("a call that its caller gave up: %v", err)
	}
}

func TestAnotherProgramAnswers(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer t" {
			t.Errorf("the token did not come: %v", r.Header)
		}
		http.Error(w, "<html>", http.StatusTeapot)
	}))
	defer srv.Close()
	if err := Dial(srv.URL, "t").Call(t.Context(), "GET", "/", nil, nil); fault.CodeOf(err) != "request_refused" {
		t.Errorf("got %v", err)
	}
}

func TestStatusOfCodes(t *testing.T) {
	for err, want := range map[error]int{
		fault.New("flow_unknown", "flow", "x"):         http.StatusNotFound,
		fault.New("slot_busy"):                         http.StatusConflict,
		fault.New("store_failed", "path", "x"):         http.StatusServiceUnavailable,
		fault.New("request_bad", "what", "x"):          http.StatusBadRequest,
		fault.New("records_form_unknown", "form", "x"): http.StatusBadRequest,
		fault.New("language_unknown", "lang", "xx"):    http.StatusBadRequest,
		fault.New("request_large", "most", 1):          http.StatusRequestEntityTooLarge,
		errors.New("plain"):                            http.StatusInternalServerError,
		errors.Join(errors.New("a"), fmt.Errorf("b")):  http.StatusUnprocessableEntity,
	} {
		if got, _ := Describe(err); got != want {
			t.Errorf("%v: status %d, want %d", err, got, want)
		}
	}
}

func TestRoutesAreDescribed(t *testing.T) {
	for _, r := range table(nil).Routes() {
		if r.Doc == "" || r.In == nil || !strings.HasPrefix(r.Path, "/") {
			t.Errorf("%s %s is not described", r.Method, r.Path)
		}
	}
}

func TestWhatFollowsTheBodyIsRefused(t *testing.T) {
	for body, want := range map[string]int{
		`{"text":"x"}`:           http.StatusOK,
		`{"text":"x"}` + "\n ":   http.StatusOK,
		`{"text":"x"} trailing`:  http.StatusBadRequest,
		`{"text":"x"}{"text":1}`: http.StatusBadRequest,
	} {
		w := httptest.NewRecorder()
		table(nil).Handler().ServeHTTP(w, httptest.NewRequest("POST", "/echo/a", strings.NewReader(body)))
		if w.Code != want {
			t.Errorf("%q: status %d, want %d", body, w.Code, want)
		}
	}
}
