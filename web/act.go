package web

import (
	"context"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"
)

// Act is an operation that somebody asks for and that changes something.
type Act struct {
	// Action names the operation by its route, such as "flows.publish".
	Action string
	// Flow and Subject are what it is about: the flow of the path, and the other
	// parts, such as a run's id or a secret's name.
	Flow, Subject string
	// Args are what else is worth keeping; never a secret's value.
	Args map[string]string
	// Fold is set when several such acts in a row may be kept as one, as with the
	// edits of a draft.
	Fold bool
}

// Audited is an input that tells more of the act than the path does.
type Audited interface {
	// Audit fills in what the input tells; it adds no secret's value.
	Audit(*Act)
}

// Auditor keeps acts. Before is called before the operation, which does not take
// place when it fails; what it returns is called with the operation's outcome.
type Auditor func(context.Context, Act) (after func(error) error, err error)

// SetAuditor sets who keeps the acts: of all routes but GET that are not
// Unaudited. It is called before Handler.
func (t *Table) SetAuditor(a Auditor) { t.auditor = a }

// audited performs an operation between the auditor's words.
func (t *Table) audited(c echo.Context, in any, op func() error) error {
	r, ok := c.Get(routeKey).(*Route)
	if !ok || t.auditor == nil || r.Method == "GET" || r.Unaudited {
		return op()
	}
	act := Act{Action: action(r), Flow: c.Param("flow")}
	var rest []string
	for _, name := range c.ParamNames() {
		if name != "flow" {
			rest = append(rest, c.Param(name))
		}
	}
	act.Subject = strings.Join(rest, "/")
	if in, ok := in.(Audited); ok {
		in.Audit(&act)
	}
	after, err := t.auditor(c.Request().Context(), act)
	if err != nil {
		return err
	}
	err = op()
	if kept := after(err); kept != nil {
		return errors.Join(err, kept)
	}
	return err
}

const routeKey = "route"

// action names what a route does: the fixed parts of its path and, where the last
// is no verb, one for the method.
func action(r *Route) string {
	var fixed []string
	parts := strings.Split(strings.TrimPrefix(r.Path, "/api/v1/"), "/")
	for _, p := range parts {
		if !strings.HasPrefix(p, ":") {
			fixed = append(fixed, p)
		}
	}
	verb := map[string]string{"POST": "create", "PUT": "set", "PATCH": "edit", "DELETE": "delete"}[r.Method]
	if r.Method == "POST" && len(parts) > 1 {
		verb = ""
	}
	if verb != "" {
		fixed = append(fixed, verb)
	}
	return strings.Join(fixed, ".")
}
