package expr

import (
	"testing"

	"github.com/weirflow/weir/fault"
)

var seeds = []string{
	"", "${a}", "$${a}", "$$${a:trim()}", "${'a ${b:append(\\'x\\')}'}", "#{p} ##{p}", "${#{p}:plus(1.5e3)}", "${ a # c\n}",
	"${allAttributes('a','b'):join(',')}", "${anyDelineatedValue(${a}, '\\|'):gt(2)}", "${a:toDate('yyyyMMdd', 'UTC'):plusDuration('1 month'):format(\"yy'y'[MM]\")}",
	"${a:replaceAll('(?<=x)[\\w&&]++', '$1')}", "${a:getDelimitedField(1, ',', '\"', '\\\\', true)}", "${5 ${", "${a:math('pow', 2)}",
	"${a:evaluateELString():hash('MD5'):UUID3('x')}", "${a:jsonPath('$..b[?(@.c==\\'d\\')]')}", "${literal('\\Q.\\E'):matches('\\p{IsHangul}{2,}+')}",
}

// FuzzParse: whatever the source, Parse returns a template that gives it back or
// a fault that points into it; and an evaluation ends, with a fault at worst.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "2026 | x")
	}
	f.Fuzz(func(t *testing.T, src, a string) {
		if len(src) > 4096 || len(a) > 4096 {
			t.Skip("longer than is worth the time")
		}
		tpl, err := Parse(src)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("Parse(%q) = %v, which is no fault", src, err)
			}
			return
		}
		if tpl.String() != src {
			t.Fatalf("Parse(%q).String() = %q", src, tpl.String())
		}
		env := testEnv(map[string]string{"a": a, "b": src})
		one, err := tpl.Eval(env)
		if err != nil {
			if fault.As(err) == nil {
				t.Fatalf("Eval(%q) = %v, which is no fault", src, err)
			}
			return
		}
		if tpl.IsLiteral() && len(tpl.References().Attributes) > 0 {
			t.Fatalf("%q is literal and looks up %v", src, tpl.References().Attributes)
		}
		if tpl.References().Volatile || tpl.References().Expands {
			return
		}
		if two, err := tpl.Eval(env); err != nil || one != two {
			t.Fatalf("Eval(%q) = %q, then %q, %v", src, one, two, err)
		}
	})
}

// FuzzDatePattern: no pattern and no text makes reading or writing panic, and
// what a pattern of a whole date and time writes it reads back.
func FuzzDatePattern(f *testing.F) {
	f.Add("yyyy-MM-dd HH:mm:ss.SSS", "2026-03-05 00:08:07.006")
	f.Add("[yy]MMMdd'x'EEEE a hh zO", "5")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 256 || len(s) > 256 {
			t.Skip("longer than is worth the time")
		}
		l, err := compileLayout(pattern)
		if err != nil {
			return
		}
		_, _ = l.parseLenient(s, at.Location())
		l.exists(s, at.Location(), true)
		if got, err := l.parseStrict(l.format(at), at.Location()); err == nil && (got.Year() != at.Year() || got.YearDay() != at.YearDay()) {
			t.Fatalf("%q writes %q and reads %v", pattern, l.format(at), got)
		}
	})
}

const typical = "processed/dt=${run.date:toDate('yyyy-MM-dd'):format('yyyyMMdd')}/${table:toLower():replaceAll('[^a-z0-9]+', '_')}.csv"

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(typical); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEval(b *testing.B) {
	for _, c := range []struct{ name, src string }{
		{"literal", "plain text"}, {"attribute", "${table}"}, {"typical", typical},
		{"condition", "${table:startsWith('U'):and(${n:gt(10)})}"}, {"regex", "${table:matches('[A-Z].*')}"},
	} {
		b.Run(c.name, func(b *testing.B) {
			tpl := mustParse(b, c.src)
			env := testEnv(map[string]string{"run.date": "2026-03-05", "table": "User Actions", "n": "42"})
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tpl.Eval(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
