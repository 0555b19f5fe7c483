package expr

import (
	"regexp"
	"strings"
	"testing"

	"github.com/weirflow/weir/fault"
)

func TestTextFunctions(t *testing.T) {
	check(t, testEnv(map[string]string{"s": "Hello World", "e": "", "w": " \t", "k": "한국어😀", "l": `a,"b,c",d\,e`, "n": "null"}), [][2]string{
		{"${s:toUpper()}|${s:toLower()}|${missing:toUpper():isNull()}", "HELLO WORLD|hello world|true"},
		{"${w:trim():length()}", "0"},
		{"${k:length()}", "4"},
		{"${k:substring(1, 3)}", "국어"},
		{"${k:indexOf('😀')}", "3"},
		{"${k:padLeft(6, '가나')}", "가나한국어😀"},
		{"${s:substring(6)}|${s:substring(0,5)}|${s:substring(5,99)}|${s:substring(-1)}|${s:substring(3,2)}", "World|Hello|||"},
		{"${s:substringBefore('o')}|${s:substringBeforeLast('o')}|${s:substringAfter('o')}|${s:substringAfterLast('o')}", "Hell|Hello W| World|rld"},
		{"${s:substringBefore('x')}|${s:substringAfter('')}|${missing:substringAfter('x'):isNull()}", "Hello World|Hello World|false"},
		{"${s:replace('o', '0')}|${e:replace('', 'x')}|${missing:replace('a','b'):isNull()}", "Hell0 W0rld|x|true"},
		{"${missing:replaceNull('d')}|${e:replaceNull('d')}|${e:replaceEmpty('d')}|${w:replaceEmpty('d')}|${s:replaceEmpty('d')}", "d||d|d|Hello World"},
		{"${s:append('!'):prepend('> ')}|${missing:append('x')}|${missing:prepend('x')}", "> Hello World!|x|x"},
		{"${s:padLeft(13)}|${s:padRight(14, 'xy')}|${s:padLeft(-1)}|${s:padRight(3)}", "__Hello World|Hello Worldxyx|Hello World|Hello World"},
		{"${s:indexOf('o')}|${s:lastIndexOf('o')}|${s:indexOf('z')}|${missing:indexOf('z')}", "4|7|-1|-1"},
		{"${e:repeat(3)}|${n:repeat(2)}|${n:repeat(2, 2)}", "|nullnull|nullnull"},
		{`${l:getDelimitedField(1)}|${l:getDelimitedField(2)}|${l:getDelimitedField(2, ',', '"', '\\', true)}|${l:getDelimitedField(3)}|${l:getDelimitedField(9)}`, `a|"b,c"|b,c|d\,e|`},
		{"${s:unique(' ')}|${literal('a,b,a'):unique(',')}|${literal(',a,,b,'):compactDelimitedList(',')}|${literal(',a,,b,'):trimDelimitedList(',')}", "Hello World|a,b|a,b|a,,b"},
	})
}

func TestLogicFunctions(t *testing.T) {
	check(t, testEnv(map[string]string{"s": "abc", "e": "", "t": "true", "n": "5", "f": "5.0"}), [][2]string{
		{"${s:isNull()} ${missing:isNull()} ${s:notNull()} ${e:isEmpty()} ${missing:isEmpty()} ${s:isEmpty()}", "false true true true true false"},
		{"${t:not()} ${t:and(true)} ${t:and('no')} ${s:or(false)} ${t:or(false)} ${missing:or(true)}", "false true false false true true"},
		{"${t:ifElse('y', 'n')} ${missing:ifElse('y', 'n')} ${s:equals('abc'):ifElse(1, 2)}", "y n 1"},
		{"${s:equals('abc')} ${s:equals('ABC')} ${s:equalsIgnoreCase('ABC')} ${missing:equals('')} ${s:equals(null)}", "true false true false false"},
		{"${n:toNumber():equals(5)} ${f:toDecimal():equals(5)} ${n:plus(0):equals(5)} ${n:equals(5)} ${f:plus(0):equals(${n:plus(0)})}", "true false true true false"},
		{"${s:startsWith('ab')} ${s:endsWith('bc')} ${s:contains('b')} ${s:contains(null)} ${s:in('x', 'abc')} ${s:in('x')}", "true true true false true false"},
		{"${n:gt(4)} ${n:gt(5.5)} ${n:ge(5)} ${n:lt(5.5)} ${n:le(4)} ${s:gt(1)} ${missing:lt(1)}", "true false true true false false false"},
		{"${s:find('b')} ${s:matches('b')} ${s:matches('a.c')} ${s:find(${missing})} ${s:matches('^abc$')}", "true false true false true"},
	})
}

func TestNumberFunctions(t *testing.T) {
	check(t, testEnv(map[string]string{"a": "7", "b": "2", "d": "2.5", "h": "0x1F", "j": "junk", "big": "9223372036854775807", "e": "1e3"}), [][2]string{
		{"${a:plus(${b})} ${a:minus(9)} ${a:multiply(${d})} ${a:divide(${b})} ${a:mod(${b})} ${a:divide(2.0)}", "9 -2 17.5 3 1 3.5"},
		{"${d:mod(2)} ${literal(-7):mod(3)} ${literal(-7):divide(2)}", "0.5 -1 -3"},
		{"${j:plus(1)}|${a:plus(${j})}|${j:toNumber():isNull()}", "||true"},
		{"${h:toNumber()} ${d:toNumber()} ${a:toDecimal()} ${e:toNumber()} ${literal(' 12 '):toNumber()}", "31 2 7.0 1000 12"},
		{"${literal('Infinity'):toDecimal():toNumber()} ${literal('NaN'):toNumber()} ${literal('-Infinity'):toNumber()}", "9223372036854775807 0 -9223372036854775808"},
		{"${literal(255):toRadix(16)} ${literal(255):toRadix(2, 10)} ${literal(-255):toRadix(36)} ${literal('ff'):fromRadix(16)} ${literal('-z'):fromRadix(36)}", "ff 0011111111 -73 255 -35"},
		{"${d:math('round')} ${d:math('rint')} ${literal(-2.5):math('round')} ${d:math('ceil')} ${literal(-7):math('abs')} ${d:math('pow', 2.0)} ${d:math('scalb', 2)}", "3 2.0 -2 3.0 7 6.25 10.0"},
		{"${a:math('max', 9)} ${d:math('min', 1.5)} ${d:math('signum')} ${literal(0.0):math('cos')}", "9 1.5 1.0 1.0"},
	})
	for src, code := range map[string]string{
		"${big:plus(1)}": "expr_overflow", "${big:multiply(2)}": "expr_overflow", "${literal(-2):minus(${big})}": "expr_overflow",
		"${a:divide(0)}": "expr_divide_zero", "${a:mod(0)}": "expr_divide_zero", "${big:append('0'):plus(1)}": "expr_value",
		"${j:fromRadix(8)}": "expr_value", "${a:math('cos')}": "expr_unknown_math", "${a:math(${j})}": "expr_unknown_math",
		"${a:toRadix(${a:plus(90)})}": "expr_value", "${a:repeat(${literal(0):plus(0)})}": "expr_value",
	} {
		tpl, err := Parse(src)
		if err == nil {
			_, err = tpl.Eval(testEnv(map[string]string{"a": "7", "j": "junk", "big": "9223372036854775807"}))
		}
		if fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %s", src, err, code)
		}
	}
}

func TestFormatDecimal(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", -1.5: "-1.5", 0.001: "0.001", 0.0009: "9.0E-4", 9999999: "9999999.0", 1e7: "1.0E7",
		1.0 / 3: "0.3333333333333333", 1e21: "1.0E21", 123456789.125: "1.23456789125E8", 5e-324: "4.9E-324", 100: "100.0",
	} {
		if got := formatDecimal(f); got != want {
			t.Errorf("formatDecimal(%g) = %s, want %s", f, got, want)
		}
	}
}

func TestCodeFunctions(t *testing.T) {
	env := testEnv(map[string]string{
		"s": "a b&c/é*~", "j": "é\"\\/\n\t😀\x01", "x": "<a href='x'>\"&\x02</a>", "c": "a,\"b\"", "h": "<é♣©Α>", "id": "94c09378-43a6-11ea-8bcc-acde48001122",
	})
	check(t, env, [][2]string{
		{"${s:urlEncode()}", "a+b%26c%2F%C3%A9*%7E"},
		{"${s:urlEncode():urlDecode()}", "a b&c/é*~"},
		{"${literal('한글'):base64Encode()} ${literal('7ZWc6riA'):base64Decode()}", "7ZWc6riA 한글"},
		{"${j:escapeJson()}", `\u00E9\"\\\/\n\t\uD83D\uDE00\u0001`},
		{"${j:escapeJson():unescapeJson():equals(${j})}", "true"},
		{"${x:escapeXml()}", "&lt;a href=&apos;x&apos;&gt;&quot;&amp;&lt;/a&gt;"},
		{"${literal('&lt;&#65;&#x42;&apos;&bogus;&'):unescapeXml()}", "<AB'&bogus;&"},
		{"${c:escapeCsv()} ${c:escapeCsv():unescapeCsv()} ${literal('plain'):escapeCsv()}", `"a,""b""" a,"b" plain`},
		{"${h:escapeHtml4()} ${h:escapeHtml3()}", "&lt;&eacute;&clubs;&copy;&Alpha;&gt; &lt;&eacute;♣&copy;Α&gt;"},
		{"${h:escapeHtml4():unescapeHtml4():equals(${h})} ${literal('&clubs;&eacute;'):unescapeHtml3()}", "true &clubs;é"},
		{"${literal('john'):hash('MD5')}", "527bd5b5d689e2c32ae974c6229ff785"},
		{"${literal('abc'):hash('sha-256')}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"${literal('abc'):hash('SHA3-256')}", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
		// The example of RFC 9562, appendix A.
		{"${literal('www.example.com'):UUID3('6ba7b810-9dad-11d1-80b4-00c04fd430c8')}", "5df41881-3aed-3515-88a7-2f4a814cf09e"},
		{"${literal('www.example.com'):UUID5('6ba7b810-9dad-11d1-80b4-00c04fd430c8')}", "2ed6657d-e927-568b-95e1-2665a8aea6a2"},
		{"${literal('{\"a\":[1]}'):isJson()} ${literal('[1,]'):isJson()} ${literal('5'):isJson()} ${missing:isJson()}", "true false false false"},
	})
	for _, src := range []string{"${literal('%zz'):urlDecode()}", "${literal('%4'):urlDecode()}", "${literal('a*b'):base64Decode()}", "${s:UUID3('x')}"} {
		if _, err := mustParse(t, src).Eval(env); fault.CodeOf(err) != "expr_value" {
			t.Errorf("%s = %v, want expr_value", src, err)
		}
	}
}

func TestStandaloneFunctions(t *testing.T) {
	env := testEnv(nil)
	check(t, env, [][2]string{
		{"${now()}", "Thu Mar 05 00:08:07 UTC 2026"},
		{"${now():toNumber()}", "1772669287006"},
		{"${literal(5)} ${literal(.5)} ${literal(+7)} ${literal(true)} ${literal('x')} ${literal(1E3)}", "5 0.5 7 true x 1000.0"},
	})
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	one, err := mustParse(t, "${UUID()}").Eval(env)
	two, err2 := mustParse(t, "${UUID()}").Eval(env)
	if err != nil || err2 != nil || !uuid.MatchString(one) || one == two {
		t.Errorf("UUID() = %q and %q, %v, %v", one, two, err, err2)
	}
	if got, err := mustParse(t, "${random():ge(0)} ${math('random'):lt(1)}").Eval(env); err != nil || got != "true true" {
		t.Errorf("random = %q, %v", got, err)
	}
}

func TestSeveralValues(t *testing.T) {
	check(t, testEnv(map[string]string{"a.1": "x", "a.2": "y", "b": "x", "list": "3|1|2||", "n": "1"}), [][2]string{
		{"${anyAttribute('a.1', 'b'):equals('y')} ${anyAttribute('a.1', 'a.2'):equals('y')}", "false true"},
		{"${allAttributes('a.1', 'b'):equals('x')} ${allAttributes('a.1', 'zz'):equals('x')}", "true false"},
		{"${allMatchingAttributes('a\\..'):join('+')} ${allMatchingAttributes('a\\..', 'b'):count()}", "x+y 3"},
		{"${anyMatchingAttribute('zz'):isNull()} ${anyMatchingAttribute('zz'):notNull()}", "true false"},
		{`${anyDelineatedValue(${list}, '\|'):gt(2)} ${allDelineatedValues(${list}, '\|'):ge(2)} ${allDelineatedValues(${list}, '[|]'):join(',')}`, "true false 3,1,2"},
		{"${allDelineatedValues('abc', ''):join('-')}", "a-b-c"},
		{"${anyAttribute('a.1'):equals(${literal(${anyAttribute('b'):equals('x')}):ifElse('x', 'z')})}", "true"},
		{"${allAttributes('a.1', 'a.2'):equals('x'):count()}", "1"},
		{"${b:join(',')} ${missing:count()} ${b:count()}", "x 0 1"},
		{"${literal(${allAttributes('a.1', 'a.2'):join('')}):length()}", "2"},
		{"${\"a.${allMatchingAttributes('a.*'):count()}\"}", "y"},
	})
}

func TestRegularExpressions(t *testing.T) {
	check(t, testEnv(map[string]string{"s": "aXbXc", "d": "2026-03-05", "u": "٣", "nl": "a\nb", "q": "a.b|c", "k": "가나abc"}), [][2]string{
		{"${s:replaceFirst('X', '-')} ${s:replaceAll('X', '-')} ${s:replaceAll('(?<=a)X(?=b)', '')}", "a-bXc a-b-c abXc"},
		{`${d:replaceAll('(\d+)-(\d+)-(\d+)', '$3.$2.$1')} ${d:replaceAll('(?<y>\d{4}).*', '$${y}')}`, "05.03.2026 2026"},
		{`${d:replaceFirst('-', '\\$')} ${d:replaceAll('(\\d)', '$11')}`, "2026$03-05 21012161-0131-0151"},
		{`${u:matches('\d')} ${u:matches('\p{Nd}')} ${k:replaceAll('\p{IsHangul}', '')} ${k:replaceAll('\p{Alpha}', '')}`, "false true abc 가나"},
		{`${q:replaceAll('\Q.b|\E', '!')} ${q:find('\Q.b')} ${s:matches('(?i)AXBXC')} ${s:matches('[a-zA-Z]++')} ${s:matches('a.*+c')}`, "a!c true true true false"},
		{`${nl:matches('a.b')} ${nl:matches('(?s)a.b')} ${nl:matches('a\Rb')} ${nl:find('(?m)^b$')} ${s:matches('[[a-c]X]+')} ${s:matches('\x{61}.*')}`, "false true true true true true"},
		{"${s:replaceByPattern('b.*:no, a.*c:yes')} ${s:replaceByPattern('')} ${missing:replaceByPattern('.*:x'):isNull()}", "yes aXbXc true"},
	})
	for src, code := range map[string]string{
		"${s:find(${s:prepend('(')})}": "expr_regex", "${s:replaceAll('X', '$1')}": "expr_replacement", "${s:replaceAll('X', 'a$')}": "expr_replacement",
		`${s:replaceAll('X', 'a\\')}`: "expr_replacement", "${long:matches('(a+)+b')}": "expr_regex_time", "${s:replaceAll('X', '$x')}": "expr_replacement",
	} {
		if code == "expr_regex_time" && testing.Short() {
			continue
		}
		_, err := mustParse(t, src).Eval(testEnv(map[string]string{"s": "aXb", "long": strings.Repeat("a", 60) + "!"}))
		if fault.CodeOf(err) != code {
			t.Errorf("%s = %v, want %s", src, err, code)
		}
	}
	for _, src := range []string{`${s:find('[a&&b]')}`, `${s:find('[a[^b]]')}`, `${s:find('\p{Nope}')}`, `${s:find('\p{')}`, `${s:find('[a')}`, `${s:find('a\\')}`, `${s:find('\X')}`} {
		if _, err := Parse(src); fault.CodeOf(err) != "expr_constant" {
			t.Errorf("Parse(%s) = %v, want expr_constant", src, err)
		}
	}
}

func TestFunctionsAreDescribed(t *testing.T) {
	all := Functions()
	if len(all) < 90 {
		t.Errorf("%d functions", len(all))
	}
	for i, f := range all {
		if f.Doc == "" || !strings.HasSuffix(f.Doc, ".") || len(f.Arguments) < f.Required || f.More && len(f.Arguments) == 0 {
			t.Errorf("%s is described badly: %+v", f.Name, f)
		}
		if i > 0 && strings.EqualFold(all[i-1].Name, f.Name) {
			t.Errorf("%s stands twice", f.Name)
		}
		if refused[f.Name] {
			t.Errorf("%s is refused and known", f.Name)
		}
	}
}
