package expr

import "testing"

func TestLogicFamily(t *testing.T) {
	family{
		attributes: map[string]string{"s": "abc", "e": "", "w": " \t", "t": "true", "f": "false", "T": " TRUE ", "junk": "yes", "5": "", "n": "5", "d": "5.0", "nbsp": "\u00a0", "ms": "1772669287006"},
		normal: [][2]string{
			{"${s:isNull()}", "false"}, {"${e:isNull()}", "false"}, {"${gone:isNull()}", "true"}, {"${gone:toNumber():isNull()}", "true"}, {"${s:toNumber():isNull()}", "true"},
			{"${s:notNull()}", "true"}, {"${e:notNull()}", "true"}, {"${gone:notNull()}", "false"},
			{"${s:isEmpty()}", "false"}, {"${e:isEmpty()}", "true"}, {"${w:isEmpty()}", "true"}, {"${gone:isEmpty()}", "true"}, {"${nbsp:isEmpty()}", "true"},
			{"${t:not()}", "false"}, {"${f:not()}", "true"}, {"${junk:not()}", "true"}, {"${gone:not()}", "true"}, {"${T:not()}", "false"}, {"${t:not():not()}", "true"},
			{"${t:and(true)}", "true"}, {"${t:and(false)}", "false"}, {"${f:and(true)}", "false"}, {"${f:and(false)}", "false"}, {"${t:and(${gone})}", "false"}, {"${gone:and(true)}", "false"}, {"${t:and('TRUE')}", "true"}, {"${t:and(${T})}", "true"},
			{"${t:or(true)}", "true"}, {"${t:or(false)}", "true"}, {"${f:or(true)}", "true"}, {"${f:or(false)}", "false"}, {"${f:or(${gone})}", "false"}, {"${gone:or(true)}", "true"}, {"${f:or(${junk})}", "false"},
			{"${t:ifElse('a', 'b')}", "a"}, {"${f:ifElse('a', 'b')}", "b"}, {"${gone:ifElse('a', 'b')}", "b"}, {"${junk:ifElse('a', 'b')}", "b"}, {"${t:ifElse(${gone}, 'b')}", missing}, {"${f:ifElse('a', ${gone})}", missing}, {"${t:ifElse(1, 2)}", "1"},
			{"${s:equals('abc')}", "true"}, {"${s:equals('Abc')}", "false"}, {"${e:equals('')}", "true"}, {"${gone:equals('')}", "false"}, {"${s:equals(${gone})}", "false"}, {"${gone:equals(${gone})}", "false"}, {"${n:equals(5)}", "true"}, {"${d:equals(5)}", "false"}, {"${n:toNumber():equals(5)}", "true"}, {"${n:toNumber():equals('5')}", "true"}, {"${n:toDecimal():equals(5)}", "false"}, {"${n:toDecimal():equals(5.0)}", "true"}, {"${n:toNumber():equals(6)}", "false"},
			{"${n:isNull():equals(false)}", "true"}, {"${n:isNull():equals('false')}", "true"}, {"${n:isNull():equals(true)}", "false"}, {"${now():equals('1772669287006')}", "true"}, {"${now():equals(${ms:toNumber():toDate()})}", "true"}, {"${now():equals(${ms:toNumber():plus(1):toDate()})}", "false"}, {"${ms:toInstant():equals('2026-03-05T00:08:07.006Z')}", "true"}, {"${literal('NaN'):toDecimal():equals(${literal('NaN'):toDecimal()})}", "false"},
			{"${n:plus(0):equals(${d:plus(0)})}", "false"}, {"${n:plus(0):equals(${n:plus(0)})}", "true"},
			{"${s:equalsIgnoreCase('ABC')}", "true"}, {"${s:equalsIgnoreCase('abd')}", "false"}, {"${gone:equalsIgnoreCase('')}", "false"}, {"${s:equalsIgnoreCase(${gone})}", "false"}, {"${literal('é'):equalsIgnoreCase('É')}", "true"},
			{"${s:startsWith('ab')}", "true"}, {"${s:startsWith('')}", "true"}, {"${s:startsWith('b')}", "false"}, {"${s:startsWith('abcd')}", "false"}, {"${gone:startsWith('')}", "false"}, {"${s:startsWith(${gone})}", "false"},
			{"${s:endsWith('bc')}", "true"}, {"${s:endsWith('')}", "true"}, {"${s:endsWith('b')}", "false"}, {"${gone:endsWith('')}", "false"}, {"${s:endsWith(${gone})}", "false"},
			{"${s:contains('b')}", "true"}, {"${s:contains('')}", "true"}, {"${s:contains('B')}", "false"}, {"${gone:contains('')}", "false"}, {"${s:contains(${gone})}", "false"},
			{"${s:in('abc')}", "true"}, {"${s:in('x', 'y', 'abc')}", "true"}, {"${s:in('x', 'ABC')}", "false"}, {"${gone:in('')}", "false"}, {"${e:in('x', ${gone})}", "false"}, {"${e:in('x', '')}", "true"}, {"${n:in(4, 5)}", "true"},
		},
		parse: [][3]string{
			{"${s:not(true)}", "expr_arity", "5"}, {"${s:and()}", "expr_arity", "5"}, {"${s:ifElse('a')}", "expr_arity", "5"}, {"${s:in()}", "expr_arity", "5"}, {"${s:equals()}", "expr_arity", "5"}, {"${s:isNull(1)}", "expr_arity", "5"},
			{"${s:length():not()}", "expr_type", "14"}, {"${n:toNumber():or(true)}", "expr_type", "16"}, {"${t:and(5)}", "expr_type", "9"}, {"${t:or( ${n:length()} )}", "expr_type", "9"}, {"${now():ifElse('a','b')}", "expr_type", "9"}, {"${and(true)}", "expr_needs_subject", "3"},
		},
	}.run(t)
}

func TestComparisonFamily(t *testing.T) {
	f := family{attributes: map[string]string{"n": "5", "d": "5.5", "s": "abc", "neg": "-5", "hex": "0x10"}}
	for _, c := range []struct {
		a, b           string
		gt, lt, ge, le string
	}{
		{"n", "5", "false", "false", "true", "true"},
		{"n", "4", "true", "false", "true", "false"},
		{"n", "6", "false", "true", "false", "true"},
		{"n", "5.0", "false", "false", "true", "true"},
		{"n", "4.9", "true", "false", "true", "false"},
		{"n", "5.1", "false", "true", "false", "true"},
		{"d", "5", "true", "false", "true", "false"},
		{"d", "5.5", "false", "false", "true", "true"},
		{"d", "'5.5'", "false", "false", "true", "true"},
		{"neg", "-4", "false", "true", "false", "true"},
		{"hex", "16", "false", "false", "true", "true"},
		{"s", "1", "false", "false", "false", "false"},
		{"gone", "1", "false", "false", "false", "false"},
		{"n", "${gone}", "false", "false", "false", "false"},
		{"n", "'x'", "false", "false", "false", "false"},
		{"literal('NaN')", "5.0", "false", "false", "false", "false"},
		{"now()", "1772669287006", "false", "false", "true", "true"},
		{"now()", "1772669287007", "false", "true", "false", "true"},
	} {
		for name, want := range map[string]string{"gt": c.gt, "lt": c.lt, "ge": c.ge, "le": c.le} {
			f.normal = append(f.normal, [2]string{"${" + c.a + ":" + name + "(" + c.b + ")}", want})
		}
	}
	for _, name := range []string{"gt", "lt", "ge", "le"} {
		f.parse = append(f.parse, [3]string{"${n:" + name + "()}", "expr_arity", "5"}, [3]string{"${n:" + name + "(1,2)}", "expr_arity", "5"},
			[3]string{"${n:" + name + "(true)}", "expr_type", "8"}, [3]string{"${n:isNull():" + name + "(1)}", "expr_type", "14"})
		f.faults = append(f.faults, [2]string{"${n:" + name + "('99999999999999999999')}", "expr_value"})
	}
	f.run(t)
}

func TestNumberFamily(t *testing.T) {
	family{
		attributes: map[string]string{"n": "7", "neg": "-7", "d": "2.5", "e": "", "s": "abc", "max": "9223372036854775807", "min": "-9223372036854775808", "hex": "0x1f", "nhex": "-0X1F", "phex": "+0x1F", "sp": " 7 ", "pos": "+7", "exp": "1.5e3", "huge": "1e400", "dot": ".5", "end": "5.", "half": "-2.5", "oct": "010", "inf": "Infinity", "big": "9223372036854775808", "float": "9.3e18", "suffix": "7d"},
		normal: [][2]string{
			{"${n:plus(3)}", "10"}, {"${n:plus(-8)}", "-1"}, {"${n:plus(0)}", "7"}, {"${n:plus(0.5)}", "7.5"}, {"${d:plus(1)}", "3.5"}, {"${gone:plus(1)}", missing}, {"${s:plus(1)}", missing}, {"${n:plus(${gone})}", missing}, {"${e:plus(1)}", missing}, {"${max:plus(0)}", "9223372036854775807"}, {"${max:plus(-1)}", "9223372036854775806"}, {"${min:plus(1)}", "-9223372036854775807"}, {"${min:plus(${max})}", "-1"},
			{"${n:minus(3)}", "4"}, {"${n:minus(-3)}", "10"}, {"${n:minus(0)}", "7"}, {"${n:minus(0.5)}", "6.5"}, {"${gone:minus(1)}", missing}, {"${min:minus(0)}", "-9223372036854775808"}, {"${literal(-1):minus(${min})}", "9223372036854775807"}, {"${max:minus(${max})}", "0"},
			{"${n:multiply(3)}", "21"}, {"${neg:multiply(3)}", "-21"}, {"${neg:multiply(-3)}", "21"}, {"${n:multiply(0)}", "0"}, {"${neg:multiply(0)}", "0"}, {"${n:multiply(0.5)}", "3.5"}, {"${gone:multiply(1)}", missing}, {"${min:multiply(1)}", "-9223372036854775808"}, {"${literal(4611686018427387904):multiply(-2)}", "-9223372036854775808"}, {"${max:multiply(-1)}", "-9223372036854775807"}, {"${literal(3037000499):multiply(3037000499)}", "9223372030926249001"},
			{"${n:divide(2)}", "3"}, {"${neg:divide(2)}", "-3"}, {"${n:divide(-2)}", "-3"}, {"${n:divide(2.0)}", "3.5"}, {"${n:divide(0.0)}", "Infinity"}, {"${neg:divide(0.0)}", "-Infinity"}, {"${gone:divide(1)}", missing}, {"${min:divide(1)}", "-9223372036854775808"}, {"${max:divide(-1)}", "-9223372036854775807"}, {"${n:divide(${s})}", missing},
			{"${n:mod(4)}", "3"}, {"${neg:mod(4)}", "-3"}, {"${n:mod(-4)}", "3"}, {"${n:mod(7)}", "0"}, {"${n:mod(2.5)}", "2.0"}, {"${min:mod(-1)}", "0"}, {"${n:mod(-1)}", "0"}, {"${gone:mod(1)}", missing}, {"${n:mod(0.0)}", "NaN"},
			{"${n:toNumber()}", "7"}, {"${sp:toNumber()}", "7"}, {"${pos:toNumber()}", "7"}, {"${hex:toNumber()}", "31"}, {"${nhex:toNumber()}", "-31"}, {"${phex:toNumber()}", "31"}, {"${oct:toNumber()}", "10"}, {"${d:toNumber()}", "2"}, {"${half:toNumber()}", "-2"}, {"${exp:toNumber()}", "1500"}, {"${dot:toNumber()}", "0"}, {"${end:toNumber()}", missing}, {"${s:toNumber()}", missing}, {"${e:toNumber()}", missing}, {"${gone:toNumber()}", missing}, {"${now():toNumber()}", "1772669287006"}, {"${huge:toNumber()}", "9223372036854775807"}, {"${max:toNumber()}", "9223372036854775807"}, {"${min:toNumber()}", "-9223372036854775808"}, {"${float:toNumber()}", "9223372036854775807"}, {"${float:prepend('-'):toNumber()}", "-9223372036854775808"},
			{"${n:toDecimal()}", "7.0"}, {"${d:toDecimal()}", "2.5"}, {"${exp:toDecimal()}", "1500.0"}, {"${s:toDecimal()}", missing}, {"${gone:toDecimal()}", missing}, {"${huge:toDecimal()}", "Infinity"}, {"${inf:toDecimal()}", "Infinity"}, {"${now():toDecimal()}", "1.772669287006E12"}, {"${dot:toDecimal()}", "0.5"}, {"${literal('0x1.8p1'):toDecimal()}", "3.0"}, {"${literal('1_000'):toNumber()}", missing}, {"${literal('1e'):toNumber()}", missing}, {"${literal('NaN'):toDecimal()}", "NaN"},
			// As Java writes them.
			{"${literal('0.001'):toDecimal()}", "0.001"}, {"${literal('0.0009'):toDecimal()}", "9.0E-4"}, {"${literal('9999999'):toDecimal()}", "9999999.0"}, {"${literal('1e7'):toDecimal()}", "1.0E7"}, {"${literal('1.25e-10'):toDecimal()}", "1.25E-10"}, {"${literal('-0.0'):toDecimal()}", "-0.0"}, {"${literal('0.1'):toDecimal():plus(0.2)}", "0.30000000000000004"}, {"${literal('-12345678.9'):toDecimal()}", "-1.23456789E7"},
			{"${n:toRadix(2)}", "111"}, {"${n:toRadix(2, 5)}", "00111"}, {"${n:toRadix(2, 3)}", "111"}, {"${n:toRadix(2, 2)}", "111"}, {"${n:toRadix(2, 4)}", "0111"}, {"${n:toRadix(36)}", "7"}, {"${neg:toRadix(16)}", "-7"}, {"${gone:toRadix(16)}", missing}, {"${n:toRadix(${gone})}", missing}, {"${n:toRadix(2, ${gone})}", "111"}, {"${max:toRadix(16)}", "7fffffffffffffff"}, {"${s:toRadix(2)}", missing},
			{"${literal('111'):fromRadix(2)}", "7"}, {"${literal('zz'):fromRadix(36)}", "1295"}, {"${literal('FF'):fromRadix(16)}", "255"}, {"${literal('-ff'):fromRadix(16)}", "-255"}, {"${gone:fromRadix(2)}", missing}, {"${n:fromRadix(${gone})}", missing}, {"${literal('7fffffffffffffff'):fromRadix(16)}", "9223372036854775807"},
		},
		faults: [][2]string{
			{"${max:plus(1)}", "expr_overflow"}, {"${min:plus(-1)}", "expr_overflow"}, {"${min:minus(1)}", "expr_overflow"}, {"${literal(0):minus(${min})}", "expr_overflow"}, {"${max:multiply(2)}", "expr_overflow"}, {"${min:multiply(-1)}", "expr_overflow"}, {"${min:multiply(2)}", "expr_overflow"}, {"${literal(4611686018427387904):multiply(2)}", "expr_overflow"}, {"${literal(4611686018427387905):multiply(-2)}", "expr_overflow"}, {"${max:multiply(${max})}", "expr_overflow"}, {"${literal(4294967296):multiply(4294967296)}", "expr_overflow"}, {"${min:divide(-1)}", "expr_overflow"},
			{"${n:divide(0)}", "expr_divide_zero"}, {"${n:mod(0)}", "expr_divide_zero"}, {"${n:divide(${n:minus(7)})}", "expr_divide_zero"}, {"${big:toNumber()}", "expr_value"}, {"${big:plus(1)}", "expr_value"}, {"${n:plus(${big})}", "expr_value"},
			{"${literal('8'):fromRadix(8)}", "expr_value"}, {"${literal('g'):fromRadix(16)}", "expr_value"}, {"${e:fromRadix(10)}", "expr_value"}, {"${literal('8000000000000000'):fromRadix(16)}", "expr_value"}, {"${n:toRadix(${n:minus(6)})}", "expr_value"}, {"${n:toRadix(${n:plus(30)})}", "expr_value"}, {"${n:fromRadix(${n:plus(30)})}", "expr_value"}, {"${n:toRadix(2, 4194305)}", "expr_result_too_long"},
		},
		parse: [][3]string{
			{"${n:plus()}", "expr_arity", "5"}, {"${n:plus(1, 2)}", "expr_arity", "5"}, {"${n:plus(true)}", "expr_type", "10"}, {"${n:isNull():minus(1)}", "expr_type", "14"}, {"${n:toNumber(1)}", "expr_arity", "5"}, {"${n:toRadix()}", "expr_arity", "5"}, {"${n:toRadix(1)}", "expr_constant", "5"}, {"${n:toRadix(37)}", "expr_constant", "5"}, {"${n:fromRadix(1)}", "expr_constant", "5"}, {"${n:fromRadix(2, 3)}", "expr_arity", "5"}, {"${n:plus('99999999999999999999'):minus(9999999999999999999)}", "expr_number_range", "40"},
			{"${n:plus(1e999)}", "expr_number_range", "10"}, {"${n:plus(-9223372036854775809)}", "expr_number_range", "10"},
		},
	}.run(t)
}

func TestMathFamily(t *testing.T) {
	family{
		attributes: map[string]string{"n": "7", "neg": "-7", "d": "2.5", "half": "-2.5", "zero": "0.0", "nan": "NaN", "inf": "-Infinity", "one": "1.0", "s": "abc", "min": "-9223372036854775808", "tiny": "4.9e-324", "abs": "abs"},
		normal: [][2]string{
			{"${neg:math('abs')}", "7"}, {"${n:math('abs')}", "7"}, {"${half:math('abs')}", "2.5"}, {"${gone:math('abs')}", missing}, {"${s:math('abs')}", missing}, {"${n:math(${gone})}", missing}, {"${neg:math(${abs})}", "7"}, {"${n:math('max', ${gone})}", missing}, {"${n:math('negateExact')}", "-7"},
			{"${d:math('round')}", "3"}, {"${half:math('round')}", "-2"}, {"${literal(-2.6):math('round')}", "-3"}, {"${literal(0.49999999999999994):math('round')}", "0"}, {"${nan:math('round')}", "0"}, {"${inf:math('round')}", "-9223372036854775808"}, {"${d:math('rint')}", "2.0"}, {"${literal(3.5):math('rint')}", "4.0"},
			{"${d:math('ceil')}", "3.0"}, {"${half:math('ceil')}", "-2.0"}, {"${d:math('floor')}", "2.0"}, {"${half:math('floor')}", "-3.0"}, {"${half:math('signum')}", "-1.0"}, {"${d:math('signum')}", "1.0"}, {"${zero:math('signum')}", "0.0"}, {"${nan:math('signum')}", "NaN"}, {"${literal(6.25):math('sqrt')}", "2.5"}, {"${literal(27.0):math('cbrt')}", "3.0"},
			{"${one:math('acos')}", "0.0"}, {"${zero:math('asin')}", "0.0"}, {"${zero:math('atan')}", "0.0"}, {"${zero:math('cosh')}", "1.0"}, {"${zero:math('sinh')}", "0.0"}, {"${zero:math('tanh')}", "0.0"}, {"${zero:math('sin')}", "0.0"}, {"${zero:math('tan')}", "0.0"}, {"${zero:math('exp')}", "1.0"}, {"${zero:math('expm1')}", "0.0"}, {"${one:math('log')}", "0.0"}, {"${literal(1000.0):math('log10')}", "3.0"}, {"${zero:math('log1p')}", "0.0"}, {"${literal(180.0):math('toRadians')}", "3.141592653589793"}, {"${literal(3.141592653589793):math('toDegrees')}", "180.0"},
			{"${d:math('getExponent')}", "1"}, {"${nan:math('getExponent')}", "1024"}, {"${inf:math('getExponent')}", "1024"}, {"${zero:math('getExponent')}", "-1023"}, {"${tiny:math('getExponent')}", "-1023"}, {"${literal('2.2250738585072014E-308'):math('getExponent')}", "-1022"}, {"${zero:math('nextUp')}", "4.9E-324"}, {"${zero:math('nextDown')}", "-4.9E-324"},
			{"${n:math('max', 9)}", "9"}, {"${n:math('max', 3)}", "7"}, {"${n:math('min', 9)}", "7"}, {"${n:math('min', 3)}", "3"}, {"${d:math('max', 3.5)}", "3.5"}, {"${d:math('min', 3.5)}", "2.5"}, {"${d:math('pow', 2.0)}", "6.25"}, {"${zero:math('atan2', 1.0)}", "0.0"}, {"${d:math('copySign', -1.0)}", "-2.5"}, {"${literal(3.0):math('hypot', 4.0)}", "5.0"}, {"${literal(5.0):math('IEEEremainder', 3.0)}", "-1.0"}, {"${zero:math('nextAfter', 1.0)}", "4.9E-324"},
			{"${d:math('scalb', 3)}", "20.0"}, {"${d:math('scalb', -1)}", "1.25"}, {"${d:math('scalb', 9223372036854775807)}", "Infinity"}, {"${d:math('scalb', -9223372036854775807)}", "0.0"},
		},
		faults: [][2]string{
			{"${min:math('abs')}", "expr_overflow"}, {"${min:math('negateExact')}", "expr_overflow"}, {"${n:math('sqrt')}", "expr_unknown_math"}, {"${d:math('negateExact')}", "expr_unknown_math"}, {"${n:math('pow', 2)}", "expr_unknown_math"}, {"${d:math('pow', 2)}", "expr_unknown_math"}, {"${n:math('max', 2.5)}", "expr_unknown_math"}, {"${n:math('scalb', 2)}", "expr_unknown_math"}, {"${d:math('scalb', 2.0)}", "expr_unknown_math"}, {"${n:math(${s})}", "expr_unknown_math"}, {"${math(${s})}", "expr_unknown_math"},
		},
		parse: [][3]string{
			{"${n:math()}", "expr_arity", "5"}, {"${n:math('max', 1, 2)}", "expr_arity", "5"}, {"${n:math('max')}", "expr_constant", "5"}, {"${n:math('abs', 1)}", "expr_constant", "5"}, {"${n:math('random')}", "expr_constant", "5"}, {"${math('abs')}", "expr_constant", "3"}, {"${math()}", "expr_arity", "3"}, {"${math('random', 1)}", "expr_arity", "3"}, {"${n:isNull():math('abs')}", "expr_type", "14"}, {"${n:math('max', true)}", "expr_type", "17"},
		},
	}.run(t)
}
