package web

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"reflect"

	"github.com/labstack/echo/v4"
)

// Raw adds an operation that writes its answer itself, headers and status
// included, such as one that honours Range. An error before its first byte is
// answered as any other; one behind it cuts the connection.
func Raw[In any](t *Table, pattern, doc string, op func(context.Context, *In, http.ResponseWriter, *http.Request) error, options ...Option) {
	t.add(Route{Doc: doc, In: reflect.TypeFor[In](),
		serve: func(c echo.Context) error {
			in := new(In)
			if err := bind(c, in); err != nil {
				return err
			}
			err := t.audited(c, in, func() error { return op(c.Request().Context(), in, c.Response(), c.Request()) })
			if err != nil && c.Response().Committed {
				panic(http.ErrAbortHandler)
			}
			return err
		}}, pattern, options)
}

// Upgrade adds an operation that takes the connection over, as a websocket does.
// It stands behind the same checks as the others. An error before the connection
// is taken over is answered as any other; one behind it is the operation's to tell.
func Upgrade(t *Table, pattern, doc string, op func(context.Context, http.ResponseWriter, *http.Request) error, options ...Option) {
	t.add(Route{Doc: doc, In: reflect.TypeFor[None](),
		serve: func(c echo.Context) error {
			w := &takenOver{ResponseWriter: c.Response()}
			err := op(c.Request().Context(), w, c.Request())
			if w.taken {
				return nil
			}
			return err
		}}, pattern, options)
}

// takenOver notes whether the connection was taken from a response.
type takenOver struct {
	http.ResponseWriter
	taken bool
}

// Hijack hands the connection out.
func (w *takenOver) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.taken = w.taken || err == nil
	return c, rw, err
}

// Unwrap returns the response behind.
func (w *takenOver) Unwrap() http.ResponseWriter { return w.ResponseWriter }
