package expr

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

// leastPassing is how many of the reference cases passed last; it only grows.
const leastPassing = 257

// leftOut are reference cases that Weir answers differently on purpose.
var leftOut = map[int]string{}

type oracleCase struct {
	ID         int               `json:"id"`
	Test       string            `json:"test"`
	Kind       string            `json:"kind"`
	Expression string            `json:"expression"`
	Attributes map[string]string `json:"attributes"`
	Expected   *string           `json:"expected"`
	Type       *string           `json:"expected_type"`
	Derived    map[string]struct {
		Expression string            `json:"expression"`
		Attributes map[string]string `json:"attributes"`
	} `json:"derived_attributes"`
}

// oracleEnv is the environment of the reference: it runs where its zone is, and
// what it expects of dates was read and written in one and the same zone, so any
// will do. One with changes of clocks is chosen.
func oracleEnv(t *testing.T, attributes map[string]string) Env {
	t.Helper()
	env := values(attributes, nil)
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	env.Zone = zone
	return env
}

// evalTyped evaluates a template and tells the type of its one expression.
func evalTyped(src string, env Env) (s, typ string, err error) {
	tpl, err := Parse(src)
	if err != nil {
		return "", "", err
	}
	if len(tpl.parts) == 1 {
		v, err := tpl.parts[0].eval(&state{env: &env, parse: Parse})
		if err != nil {
			return "", "", err
		}
		if !v.ok {
			return "", "NULL", nil
		}
		return v.text(env.zone()), tpl.parts[0].typ().String() + " " + v.kind.String(), nil
	}
	s, err = tpl.Eval(env)
	return s, "STRING", err
}

func TestReferenceCases(t *testing.T) {
	b, err := os.ReadFile("../../shared/data/el/cases.json")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the reference cases are not here: ../../shared/data/el/cases.json")
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []oracleCase }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	pass, fail, out := 0, 0, 0
	missing := map[string]int{}
	for _, c := range file.Cases {
		if why, ok := leftOut[c.ID]; ok {
			out++
			t.Logf("case %d left out: %s", c.ID, why)
			continue
		}
		attributes := maps.Clone(c.Attributes)
		var derive error
		for name, d := range c.Derived {
			s, _, err := evalTyped(d.Expression, oracleEnv(t, d.Attributes))
			derive = errors.Join(derive, err)
			attributes[name] = s
		}
		got, typ, err := evalTyped(c.Expression, oracleEnv(t, attributes))
		err = errors.Join(derive, err)
		if fault.CodeOf(err) == "expr_unknown_function" && c.Kind != "error" {
			missing[fault.As(err).Args["name"]]++
			continue
		}
		if c.Kind == "error" {
			if err == nil {
				fail++
				t.Errorf("case %d (%s): %s = %q, want an error", c.ID, c.Test, c.Expression, got)
				continue
			}
			pass++
			continue
		}
		want := ""
		if c.Expected != nil {
			want = *c.Expected
		}
		if err != nil || got != want {
			fail++
			t.Errorf("case %d (%s): %s over %v = %q, %v; want %q", c.ID, c.Test, c.Expression, attributes, got, err, want)
			continue
		}
		if w := c.Type; w != nil && typ != "NULL" && !slices.Contains(strings.Fields(typ), *w) {
			fail++
			t.Errorf("case %d (%s): %s is a %s, want %s", c.ID, c.Test, c.Expression, typ, *w)
			continue
		}
		pass++
	}
	t.Logf("%d cases: %d pass, %d fail, %d left out, not implemented: %v", len(file.Cases), pass, fail, out, missing)
	if pass < leastPassing {
		t.Errorf("%d cases pass, want at least %d", pass, leastPassing)
	}
}
