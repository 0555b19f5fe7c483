package web

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"

	"github.com/labstack/echo/v4"
)

// maxBody bounds a request's body, in bytes: the largest flow file and more.
const maxBody = 16 << 20

// Route is one operation: a line of the table.
type Route struct {
	// Method and Path are HTTP's; a part ":name" of the path fills the input
	// field tagged param:"name".
	Method, Path string
	// Doc says what it does, in a sentence.
	Doc string
	// In and Out are the types of the input and output.
	In, Out reflect.Type

	// Unaudited keeps the operation out of the audit file although it is no GET;
	// Public lets callers in who have not signed in. Options set them.
	Unaudited, Public bool

	serve func(echo.Context) error
}

// Option sets something of a route.
type Option func(*Route)

// Unaudited is an Option for operations that change nothing although they are
// no GET, such as a validation, and for those that write their own audit lines.
func Unaudited(r *Route) { r.Unaudited = true }

// Public is an Option for what callers may use who have not signed in.
func Public(r *Route) { r.Public = true }

// Returns is an Option that tells the type of what a Raw operation answers.
func Returns[Out any]() Option { return func(r *Route) { r.Out = reflect.TypeFor[Out]() } }

func (t *Table) add(r Route, pattern string, options []Option) {
	r.Method, r.Path, _ = strings.Cut(pattern, " ")
	for _, o := range options {
		o(&r)
	}
	t.routes = append(t.routes, r)
}

// Table is the routes of a program, in the order in which they were added.
type Table struct {
	routes  []Route
	auditor Auditor
}

// Routes returns the routes.
func (t *Table) Routes() []Route { return t.routes }

// None is the input or output of an operation that has none.
type None struct{}

// Handle adds an operation. The pattern is "METHOD /path". In is filled from
// the path (param tags), the query (query tags) and, but for GET and DELETE, the
// JSON body, in which unknown keys are errors. An Out with a method Status chooses
// the HTTP status by it, such as 409 for an answer that tells what was missed; one
// with a method SetHeaders adds headers, such as a cookie.
func Handle[In, Out any](t *Table, pattern, doc string, op func(context.Context, *In) (*Out, error), options ...Option) {
	t.add(Route{Doc: doc, In: reflect.TypeFor[In](), Out: reflect.TypeFor[Out](),
		serve: func(c echo.Context) error {
			in := new(In)
			if err := bind(c, in); err != nil {
				return err
			}
			var out *Out
			err := t.audited(c, in, func() (err error) {
				out, err = op(c.Request().Context(), in)
				return err
			})
			if err != nil {
				return err
			}
			status := http.StatusOK
			if own, ok := any(out).(interface{ Status() int }); ok {
				status = own.Status()
			}
			if own, ok := any(out).(interface{ SetHeaders(http.Header) }); ok {
				own.SetHeaders(c.Response().Header())
			}
			return c.JSON(status, out)
		}}, pattern, options)
}

// Stream adds an operation that writes its output itself, such as a backup or
// a log that grows.
func Stream[In any](t *Table, pattern, doc, mime string, op func(context.Context, *In, io.Writer) error, options ...Option) {
	t.add(Route{Doc: doc, In: reflect.TypeFor[In](),
		serve: func(c echo.Context) error {
			in := new(In)
			if err := bind(c, in); err != nil {
				return err
			}
			w := &lateWriter{c: c, mime: mime}
			if err := t.audited(c, in, func() error { return op(c.Request().Context(), in, w) }); err != nil {
				if !w.begun {
					return err
				}
				// The status is out already: cutting the connection is the only
				// way left to say that the output is not whole.
				panic(http.ErrAbortHandler)
			}
			w.begin()
			return nil
		}}, pattern, options)
}

// lateWriter sends the status with the first byte, so that an error before it
// still gets its own.
type lateWriter struct {
	c     echo.Context
	mime  string
	begun bool
}

func (w *lateWriter) begin() {
	if !w.begun {
		w.begun = true
		w.c.Response().Header().Set(echo.HeaderContentType, w.mime)
		w.c.Response().WriteHeader(http.StatusOK)
	}
}

func (w *lateWriter) Write(b []byte) (int, error) {
	w.begin()
	n, err := w.c.Response().Write(b)
	w.c.Response().Flush()
	return n, err
}

// Handler returns the table as an HTTP handler.
func (t *Table) Handler() http.Handler {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		if c.Response().Committed {
			return
		}
		WriteProblem(c.Response(), c.Request(), err)
	}
	for _, r := range t.routes {
		e.Add(r.Method, r.Path, func(c echo.Context) error {
			c.Set(routeKey, &r)
			return r.serve(c)
		})
	}
	return e
}
