package expr

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/weirflow/weir/fault"
)

func TestSeveralFamily(t *testing.T) {
	family{
		attributes: map[string]string{"k1": "a", "k2": "b", "k3": "a", "n1": "1", "n2": "20", "list": "3|1|2||", "e": "", "sp": "a b", "pat": "k.", "name": "k2", "t1": "true", "f1": "false"},
		normal: [][2]string{
			{"${anyAttribute('k1', 'k2'):equals('b')}", "true"}, {"${anyAttribute('k1', 'k3'):equals('b')}", "false"}, {"${anyAttribute('gone', 'k1'):isNull()}", "true"}, {"${anyAttribute('k1', ${name}):equals('b')}", "true"}, {"${anyAttribute('n1', 'n2'):gt(19)}", "true"}, {"${anyAttribute('n1', 'n2'):gt(20)}", "false"}, {"${anyAttribute('k1'):toUpper():equals('A')}", "true"}, {"${anyAttribute('k1','k2'):equals('b'):not()}", "true"},
			{"${allAttributes('k1', 'k3'):equals('a')}", "true"}, {"${allAttributes('k1', 'k2'):equals('a')}", "false"}, {"${allAttributes('k1', 'gone'):notNull()}", "false"}, {"${allAttributes('k1', 'k2'):count()}", "2"}, {"${allAttributes('k1', 'gone'):count()}", "1"}, {"${allAttributes('k1', 'k2'):join('-')}", "a-b"}, {"${allAttributes('k2', 'k1'):join('')}", "ba"}, {"${allAttributes('k1', 'gone', 'k2'):join(',')}", "a,,b"}, {"${allAttributes('gone'):join(',')}", ""}, {"${allAttributes('gone'):count()}", "0"}, {"${allAttributes('k1', 'k2'):toUpper():join(${e})}", "AB"}, {"${allAttributes('t1', 'f1'):and(true):count()}", "1"}, {"${allAttributes('k1', 'k2'):length():count()}", "2"},
			{"${anyMatchingAttribute('k.'):equals('b')}", "true"}, {"${anyMatchingAttribute('k'):isNull()}", "true"}, {"${anyMatchingAttribute('x.', 'n.'):gt(10)}", "true"}, {"${anyMatchingAttribute(${pat}):equals('b')}", "true"}, {"${anyMatchingAttribute('k[13]'):equals('b')}", "false"},
			{"${allMatchingAttributes('k.'):join('')}", "aba"}, {"${allMatchingAttributes('k.', 'n.'):join('')}", "aba120"}, {"${allMatchingAttributes('k.'):equals('a')}", "false"}, {"${allMatchingAttributes('k[13]'):equals('a')}", "true"}, {"${allMatchingAttributes('zz'):count()}", "0"}, {"${allMatchingAttributes(${pat}):count()}", "3"}, {"${allMatchingAttributes('.'):count()}", "1"},
			{`${anyDelineatedValue(${list}, '\\|'):equals('2')}`, "true"}, {`${anyDelineatedValue(${list}, '\\|'):equals('4')}`, "false"}, {`${anyDelineatedValue(${list}, '\\|'):isEmpty()}`, "false"}, {`${anyDelineatedValue(${gone}, ','):isNull()}`, "true"}, {`${anyDelineatedValue(${sp}, ${e}):equals(' ')}`, "true"}, {`${anyDelineatedValue('${k1},${k2}', ','):equals('b')}`, "true"},
			{`${allDelineatedValues(${list}, '\\|'):join('+')}`, "3+1+2"}, {`${allDelineatedValues(${list}, '\\|'):count()}`, "3"}, {`${allDelineatedValues(${list}, '\\|'):gt(0)}`, "true"}, {`${allDelineatedValues(${list}, '\\|'):gt(1)}`, "false"}, {`${allDelineatedValues(${e}, ','):count()}`, "1"}, {`${allDelineatedValues(${gone}, ','):count()}`, "0"}, {`${allDelineatedValues(${list}, ${gone}):count()}`, "0"}, {"${allDelineatedValues('abc', ''):join('-')}", "a-b-c"},
			{"${k1:join(',')}", "a"}, {"${gone:join(',')}", ""}, {"${k1:count()}", "1"}, {"${gone:count()}", "0"}, {"${t1:not():count()}", "0"}, {"${k1:isNull():count()}", "0"}, {"${k1:notNull():count()}", "1"},
			// One within another: the inner goes round for each of the outer.
			{"${anyAttribute('k1', 'k2'):equals(${literal(${allAttributes('k2', 'gone'):join('')})})}", "true"}, {"${allAttributes('k1','k3'):equals(${k1:append(${literal(${anyAttribute('k2'):isNull()}):ifElse('x','')})})}", "true"}, {"${allAttributes('k1','k2'):append(${allAttributes('n1','n2'):join('')}):join('/')}", "a120/b120"}, {"${literal(${literal(${allAttributes('k1', 'k2'):count()}):plus(1)}):plus(1)}", "4"},
		},
		faults: [][2]string{
			{"${anyMatchingAttribute(${pat:prepend('(')}):isNull()}", "expr_regex"}, {"${anyDelineatedValue(${list}, ${pat:prepend('(')}):isNull()}", "expr_regex"}, {"${allAttributes('k1'):substring(${gone}):join(',')}", "expr_value"}, {"${anyAttribute('n1'):gt(${k1:substring(${gone})})}", "expr_value"}, {"${allAttributes(${k1:substring(${gone})}):count()}", "expr_value"}, {"${allAttributes('k1'):join(${k1:substring(${gone})})}", "expr_value"}, {"${k1:substring(${gone}):count()}", "expr_value"},
		},
		parse: [][3]string{
			{"${anyAttribute()}", "expr_arity", "3"}, {"${anyDelineatedValue('a','b','c'):isNull()}", "expr_arity", "3"}, {"${anyAttribute(' '):isNull()}", "expr_syntax", "16"}, {"${allMatchingAttributes('a', '('):count()}", "expr_constant", "30"}, {"${anyDelineatedValue('a', '('):isNull()}", "expr_constant", "27"}, {"${anyAttribute('a'):toUpper()}", "expr_not_reduced", "21"}, {"${anyAttribute('a'):join(',')}", "expr_not_reduced", "21"}, {"${allAttributes('a'):count():gt(1)}", "expr_after_reduce", "30"}, {"${a:allAttributes('a')}", "expr_stands_alone", "5"}, {"${join(',')}", "expr_needs_subject", "3"}, {"${a:count(1)}", "expr_arity", "5"}, {"${a:join()}", "expr_arity", "5"},
		},
	}.run(t)
}

func TestAloneFamily(t *testing.T) {
	family{
		attributes: map[string]string{"a": "x", "x": "deep", "src": "${a}-${x:toUpper()}", "bad": "${a:nope()}", "open": "${a", "l1": "${l2:evaluateELString()}", "l2": "${l3:evaluateELString()}", "l3": "${l4:evaluateELString()}", "l4": "${a}", "l5": "${l1:evaluateELString()}", "plain": "$5 $$ #n", "param": "#{project}", "fails": "${a:substring(${gone})}"},
		normal: [][2]string{
			{"${literal('x')}", "x"}, {"${literal(5)}", "5"}, {"${literal(-5)}", "-5"}, {"${literal(+5)}", "5"}, {"${literal(5.)}", "5.0"}, {"${literal(.5e1)}", "5.0"}, {"${literal(1e-3)}", "0.001"}, {"${literal(1E+7)}", "1.0E7"}, {"${literal(true)}", "true"}, {"${literal(null)}", missing}, {"${literal('')}", ""}, {"${literal(${a})}", "x"}, {"${literal(#{n})}", "5"}, {"${literal(${gone})}", missing}, {"${literal(2):plus(3)}", "5"}, {"${literal(2.5):plus(3)}", "5.5"}, {"${literal('2'):plus('3')}", "5"},
			{"${UUID():length()}", "36"}, {"${UUID():substring(14, 15)}", "4"}, {"${random():ge(0)}", "true"}, {"${math('random'):ge(0)}", "true"}, {"${math('random'):lt(1)}", "true"},
			{"${src:evaluateELString()}", "x-DEEP"}, {"${gone:evaluateELString()}", missing}, {"${plain:evaluateELString()}", "$5 $$ #n"}, {"${a:evaluateELString()}", "x"}, {"${l1:evaluateELString()}", "x"}, {"${literal('$${a}'):evaluateELString()}", "x"},
		},
		faults: [][2]string{
			{"${bad:evaluateELString()}", "expr_unknown_function"}, {"${open:evaluateELString()}", "expr_unclosed"}, {"${l5:evaluateELString()}", "expr_too_deep"}, {"${param:evaluateELString()}", "expr_unknown_parameter"}, {"${fails:evaluateELString()}", "expr_value"}, {"${a:append(${fails:evaluateELString()})}", "expr_value"}, {"${a:substring(${gone}):append('x'):length():plus(1):gt(0):not()}", "expr_value"},
		},
		parse: [][3]string{
			{"${literal()}", "expr_arity", "3"}, {"${literal('a','b')}", "expr_arity", "3"}, {"${a:literal('x')}", "expr_stands_alone", "5"}, {"${a:random()}", "expr_stands_alone", "5"}, {"${a:evaluateELString(1)}", "expr_arity", "5"}, {"${evaluateELString()}", "expr_needs_subject", "3"}, {"${random(1)}", "expr_arity", "3"},
			{"${thread()}", "expr_function_refused", "3"}, {"${a:getStateValue('x')}", "expr_function_refused", "5"}, {"${nextInt()}", "expr_function_refused", "3"}, {"${getUri('a','b','c','d','e','f','g')}", "expr_function_refused", "3"}, {"${ip()}", "expr_function_refused", "3"}, {"${a:hostname(true)}", "expr_function_refused", "5"},
		},
	}.run(t)
}

func TestMatchFamily(t *testing.T) {
	family{
		attributes: map[string]string{"s": "aXbXc", "e": "", "p": "X", "bad": "(", "k": "가나다", "with": "$0$0"},
		normal: [][2]string{
			{"${s:find('X')}", "true"}, {"${s:find('^X')}", "false"}, {"${s:find(${p})}", "true"}, {"${gone:find('')}", "false"}, {"${s:find(${gone})}", "false"}, {"${s:find(null)}", "false"}, {"${e:find('')}", "true"},
			{"${s:matches('a.*c')}", "true"}, {"${s:matches('a')}", "false"}, {"${s:matches('a|aXbXc')}", "true"}, {"${s:matches(${p})}", "false"}, {"${gone:matches('.*')}", "false"}, {"${s:matches(${gone})}", "false"}, {"${e:matches('')}", "true"},
			{"${s:replaceFirst('X', '-')}", "a-bXc"}, {"${s:replaceFirst('z', '-')}", "aXbXc"}, {"${gone:replaceFirst('X', '-')}", missing}, {"${s:replaceFirst(${p}, ${with})}", "aXXbXc"}, {"${s:replaceFirst(${gone}, '-')}", "aXbXc"}, {"${s:replaceFirst('X', ${gone})}", "abXc"}, {"${s:replaceFirst('^', '>')}", ">aXbXc"},
			{"${s:replaceAll('X', '-')}", "a-b-c"}, {"${s:replaceAll('z', '-')}", "aXbXc"}, {"${gone:replaceAll('X', '-')}", missing}, {"${s:replaceAll(${p}, '')}", "abc"}, {"${k:replaceAll('나', '-$0-')}", "가-나-다"}, {"${s:replaceAll(${gone}, '-')}", "aXbXc"},
			{"${s:replaceByPattern('a.*:yes')}", "yes"}, {"${s:replaceByPattern('X:no,a.*:yes,.*:late')}", "yes"}, {"${s:replaceByPattern('X:no')}", "aXbXc"}, {"${s:replaceByPattern(' a.*:yes ')}", "yes"}, {"${s:replaceByPattern('a.*: yes')}", " yes"}, {"${s:replaceByPattern('a.*:,.*:all')}", "all"}, {"${s:replaceByPattern(':x,.*:all')}", "all"}, {"${s:replaceByPattern('a.*')}", "aXbXc"}, {"${s:replaceByPattern('a.*:b:c')}", "b"}, {"${gone:replaceByPattern('.*:x')}", missing}, {"${s:replaceByPattern(${gone})}", "aXbXc"}, {"${s:replaceByPattern(${p:append(':x,.*:all')})}", "all"},
		},
		faults: [][2]string{
			{"${s:find(${bad})}", "expr_regex"}, {"${s:matches(${bad})}", "expr_regex"}, {"${s:replaceAll(${bad}, 'x')}", "expr_regex"}, {"${s:replaceFirst('X', '$')}", "expr_replacement"}, {"${s:replaceAll('X', '$1')}", "expr_replacement"}, {"${s:replaceByPattern(${bad:append(':x')})}", "expr_regex"},
		},
		parse: [][3]string{
			{"${s:find()}", "expr_arity", "5"}, {"${s:matches('a','b')}", "expr_arity", "5"}, {"${s:replaceAll('a')}", "expr_arity", "5"}, {"${s:replaceFirst('a','b','c')}", "expr_arity", "5"}, {"${s:find('(')}", "expr_constant", "5"}, {"${s:replaceAll('[','')}", "expr_constant", "5"}, {"${s:replaceByPattern('(:x')}", "expr_constant", "5"},
		},
	}.run(t)
}

// A list made without end, memory or time is a fault, wherever it is made.
func TestEveryFunctionThatGrowsIsBounded(t *testing.T) {
	full := strings.Repeat("é", maxText/2)
	env := testEnv(map[string]string{"full": full, "x": "x", "sep": strings.Repeat(",", 1000), "slow": strings.Repeat("a", 50) + "!"})
	for src, code := range map[string]string{
		"${full}": "", "${full:length()}": "", "${full:toString():equals(${full})}": "",
		"${full:append('x')}": "expr_result_too_long", "${full:prepend('x')}": "expr_result_too_long", "${full}x": "expr_result_too_long", "${'${full}x'}": "expr_result_too_long", "${full:urlEncode()}": "expr_result_too_long",
		"${full:base64Encode()}": "expr_result_too_long", "${full:append(','):escapeCsv()}": "expr_result_too_long",
		"${allAttributes('full','x'):join('')}": "expr_result_too_long", "${x:repeat(4194304):length()}": "", "${x:repeat(4194305)}": "expr_result_too_long", "${x:padLeft(4194304):length()}": "", "${x:padLeft(4194306)}": "expr_result_too_long",
		"${x:repeat(1000):replaceAll('x', ${sep:repeat(5)})}": "expr_result_too_long", "${x:repeat(1000):replace('x', ${sep:repeat(5)})}": "expr_result_too_long",
	} {
		_, err := mustParse(t, src).Eval(env)
		if fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %q", src, err, code)
		}
	}
}

// One template over many goroutines, each with values of its own: what one
// looks at never shows in another.
func TestOneTemplateOverManyGoroutines(t *testing.T) {
	zone, err := loadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	tpl := mustParse(t, "${v:replaceAll(${pat}, '[$1]')} ${allMatchingAttributes('k.*'):append(${v}):join('|')} ${d:toDate(${fmt}):plusDuration(${by}):format('yyyyMMdd HH')} ${j:jsonPathPut('$', ${v}, ${n:plus(1)})} ${deep:evaluateELString()}")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			id := string(rune('a' + i))
			env := testEnv(map[string]string{
				"v": id + id, "pat": "(" + id + ")", "k1": "1", "k2": id, "d": "2026-03-0" + string(rune('1'+i)), "fmt": "yyyy-MM-dd", "by": string(rune('1'+i)) + " days", "j": "{}", "n": "5", "deep": "${v}",
			})
			want := "[" + id + "][" + id + "] 1" + id + id + "|" + id + id + id + " 202603" + time.Date(0, 1, 2*(i+1), 0, 0, 0, 0, time.UTC).Format("02") + " 00 {\"" + id + id + "\":6} " + id + id
			env.Zone = zone
			for range 100 {
				if got, err := tpl.Eval(env); err != nil || got != want {
					t.Errorf("Eval = %q, %v; want %q", got, err, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

// Caches forget and are asked again, by many at once.
func TestRecent(t *testing.T) {
	r := newRecent[int](2)
	r.put("a", 1)
	r.put("b", 2)
	if v, ok := r.get("a"); !ok || v != 1 {
		t.Errorf("get(a) = %d, %v", v, ok)
	}
	r.put("c", 3)
	if _, ok := r.get("a"); ok || len(r.vals) != 1 {
		t.Errorf("a full cache keeps %v", r.vals)
	}
	if v, ok := r.get("c"); !ok || v != 3 {
		t.Errorf("get(c) = %d, %v", v, ok)
	}
	r.put(strings.Repeat("k", 1025), 4)
	r.put(strings.Repeat("k", 1024), 5)
	if len(r.vals) != 2 {
		t.Errorf("%d values, want the two with short keys", len(r.vals))
	}
	one, err := compilePattern("kept")
	two, err2 := compilePattern("kept")
	if err != nil || err2 != nil || one != two {
		t.Errorf("one pattern is compiled twice: %v, %v", err, err2)
	}
}
