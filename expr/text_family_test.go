package expr

import "testing"

func TestTextFamily(t *testing.T) {
	family{
		attributes: map[string]string{"s": "Hello World", "e": "", "w": " \t\n", "k": "한국어😀", "n": "007", "abc": "abcabc", "arg": "b", "num": "2", "nbsp": "\u00a0", "x": "\x00\x1f a \r"},
		normal: [][2]string{
			{"${s:toUpper()}", "HELLO WORLD"}, {"${gone:toUpper()}", missing}, {"${literal('straße é'):toUpper()}", "STRAßE É"}, {"${e:toUpper()}", ""},
			{"${s:toLower()}", "hello world"}, {"${gone:toLower()}", missing}, {"${literal('ÀÉ가'):toLower()}", "àé가"}, {"${n:toNumber():toLower()}", "7"},
			{"${w:trim()}", ""}, {"${gone:trim()}", missing}, {"${x:trim()}", "a"}, {"${nbsp:trim():length()}", "1"},
			{"${s:toString()}", "Hello World"}, {"${gone:toString()}", missing}, {"${n:toNumber():toString()}", "7"}, {"${n:toDecimal():toString()}", "7.0"}, {"${e:isNull():toString()}", "false"},
			{"${s:length()}", "11"}, {"${gone:length()}", "0"}, {"${k:length()}", "4"}, {"${e:length()}", "0"}, {"${n:toNumber():length()}", "1"},
			{"${s:append('!')}", "Hello World!"}, {"${gone:append('x')}", "x"}, {"${s:append(${gone})}", "Hello World"}, {"${s:append(5)}", "Hello World5"}, {"${s:append(true)}", "Hello Worldtrue"}, {"${s:append(null)}", "Hello World"},
			{"${s:prepend('!')}", "!Hello World"}, {"${gone:prepend('x')}", "x"}, {"${s:prepend(${gone})}", "Hello World"}, {"${s:prepend(1.50)}", "1.5Hello World"},
			{"${s:substring(0)}", "Hello World"}, {"${s:substring(10)}", "d"}, {"${s:substring(11)}", ""}, {"${s:substring(12)}", ""}, {"${s:substring(0, 0)}", ""}, {"${s:substring(0, 11)}", "Hello World"},
			{"${s:substring(0, 12)}", ""}, {"${s:substring(4, 5)}", "o"}, {"${s:substring(5, 4)}", ""}, {"${s:substring(4, 4)}", ""}, {"${k:substring(3, 4)}", "😀"}, {"${gone:substring(0)}", ""}, {"${s:substring(${num}, '4')}", "ll"}, {"${s:substring(2.9)}", "llo World"},
			{"${abc:substringBefore('b')}", "a"}, {"${abc:substringBefore('a')}", ""}, {"${abc:substringBefore('')}", "abcabc"}, {"${abc:substringBefore('z')}", "abcabc"}, {"${gone:substringBefore('b')}", ""}, {"${abc:substringBefore(${gone})}", "abcabc"}, {"${abc:substringBefore('abcabc')}", ""},
			{"${abc:substringBeforeLast('b')}", "abca"}, {"${abc:substringBeforeLast('z')}", "abcabc"}, {"${gone:substringBeforeLast('b')}", ""}, {"${abc:substringBeforeLast('')}", "abcabc"},
			{"${abc:substringAfter('b')}", "cabc"}, {"${abc:substringAfter('c')}", "abc"}, {"${abc:substringAfter('z')}", "abcabc"}, {"${gone:substringAfter('b')}", ""}, {"${k:substringAfter('국')}", "어😀"}, {"${abc:substringAfter('abcabc')}", ""},
			{"${abc:substringAfterLast('b')}", "c"}, {"${abc:substringAfterLast('c')}", ""}, {"${abc:substringAfterLast('z')}", "abcabc"}, {"${gone:substringAfterLast('b')}", ""}, {"${abc:substringAfterLast('')}", "abcabc"},
			{"${abc:replace('b', '')}", "acac"}, {"${abc:replace('', '-')}", "-a-b-c-a-b-c-"}, {"${abc:replace('.', 'x')}", "abcabc"}, {"${gone:replace('a', 'b')}", missing}, {"${abc:replace(${gone}, '')}", "abcabc"}, {"${abc:replace('ab', '$0')}", "$0c$0c"},
			{"${s:replaceNull('x')}", "Hello World"}, {"${gone:replaceNull('x')}", "x"}, {"${e:replaceNull('x')}", ""}, {"${gone:replaceNull(${gone})}", missing}, {"${gone:replaceNull(5)}", "5"},
			{"${s:replaceEmpty('x')}", "Hello World"}, {"${gone:replaceEmpty('x')}", "x"}, {"${e:replaceEmpty('x')}", "x"}, {"${w:replaceEmpty('x')}", "x"}, {"${nbsp:replaceEmpty('x')}", "x"}, {"${gone:replaceEmpty(${gone})}", missing},
			{"${n:padLeft(5)}", "__007"}, {"${n:padLeft(5, '0')}", "00007"}, {"${n:padLeft(8, 'abc')}", "abcab007"}, {"${n:padLeft(3)}", "007"}, {"${n:padLeft(4, '')}", "_007"}, {"${n:padLeft(4, ${gone})}", "_007"}, {"${gone:padLeft(3)}", missing}, {"${e:padLeft(2)}", "__"},
			{"${n:padLeft(${gone})}", "007"}, {"${n:padLeft(0)}", "007"}, {"${k:padLeft(5, '가')}", "가한국어😀"}, {"${n:padLeft(99999999999)}", "007"},
			{"${n:padRight(5)}", "007__"}, {"${n:padRight(5, 'ab')}", "007ab"}, {"${n:padRight(6, 'ab')}", "007aba"}, {"${n:padRight(2)}", "007"}, {"${gone:padRight(3)}", missing}, {"${n:padRight('4')}", "007_"},
			{"${n:repeat(1)}", "007"}, {"${n:repeat(3)}", "007007007"}, {"${n:repeat(2, 2)}", "007007"}, {"${gone:repeat(2)}", ""}, {"${e:repeat(9223372036854775807)}", ""}, {"${n:repeat('2')}", "007007"},
			{"${abc:indexOf('b')}", "1"}, {"${abc:indexOf('a')}", "0"}, {"${abc:indexOf('')}", "0"}, {"${abc:indexOf('z')}", "-1"}, {"${gone:indexOf('b')}", "-1"}, {"${abc:indexOf(${gone})}", "-1"}, {"${k:indexOf('어')}", "2"}, {"${e:indexOf('')}", "0"},
			{"${abc:lastIndexOf('b')}", "4"}, {"${abc:lastIndexOf('a')}", "3"}, {"${abc:lastIndexOf('')}", "6"}, {"${abc:lastIndexOf('z')}", "-1"}, {"${gone:lastIndexOf('b')}", "-1"}, {"${k:lastIndexOf('😀')}", "3"},
		},
		faults: [][2]string{
			{"${s:substring(${gone})}", "expr_value"}, {"${s:substring(0, ${gone})}", "expr_value"}, {"${s:substring(${s})}", "expr_value"},
			{"${s:repeat(${gone})}", "expr_value"}, {"${s:repeat(${literal(0)})}", "expr_value"}, {"${s:repeat(3, 2)}", "expr_value"}, {"${s:repeat(1, ${gone})}", "expr_value"},
			{"${s:substring('99999999999999999999')}", "expr_value"}, {"${s:padLeft(5000000)}", "expr_result_too_long"}, {"${s:padRight(5000000)}", "expr_result_too_long"},
		},
		parse: [][3]string{
			{"${s:toUpper('x')}", "expr_arity", "5"}, {"${s:trim(1)}", "expr_arity", "5"}, {"${s:append()}", "expr_arity", "5"}, {"${s:append('a','b')}", "expr_arity", "5"}, {"${s:substring()}", "expr_arity", "5"}, {"${s:substring(1,2,3)}", "expr_arity", "5"},
			{"${s:replace('a')}", "expr_arity", "5"}, {"${s:padLeft()}", "expr_arity", "5"}, {"${s:padLeft(1,'a','b')}", "expr_arity", "5"}, {"${s:indexOf()}", "expr_arity", "5"}, {"${ s : repeat ( ) }", "expr_arity", "8"},
			{"${s:padLeft(true)}", "expr_type", "13"}, {"${s:repeat(true)}", "expr_type", "12"}, {"${s:repeat(1, false)}", "expr_type", "15"}, {"${s:substring(0, true)}", "expr_type", "18"},
			{"${s:repeat(0)}", "expr_constant", "5"}, {"${s:repeat(-1)}", "expr_constant", "5"}, {"${length()}", "expr_needs_subject", "3"}, {"xy ${s:append('${toUpper()}')}", "expr_needs_subject", "18"},
		},
	}.run(t)
}

func TestDelimitedFamily(t *testing.T) {
	family{
		attributes: map[string]string{"l": `one,"two, 2",th\,ree,`, "p": "a|b|'c|d'|e", "e": "", "list": ",,b,a,b,,a,", "sep": ",", "k": "가,나"},
		normal: [][2]string{
			{"${l:getDelimitedField(1)}", "one"}, {"${l:getDelimitedField(2)}", `"two, 2"`}, {"${l:getDelimitedField(3)}", `th\,ree`}, {"${l:getDelimitedField(4)}", ""}, {"${l:getDelimitedField(5)}", ""}, {"${l:getDelimitedField(0)}", ""}, {"${l:getDelimitedField(-1)}", ""},
			{`${l:getDelimitedField(2, ',', '"', '\\', true)}`, "two, 2"}, {`${l:getDelimitedField(3, ',', '"', '\\', true)}`, "th,ree"}, {`${l:getDelimitedField(2, ',', '"', '\\', false)}`, `"two, 2"`},
			{"${p:getDelimitedField(3, '|', \"'\")}", "'c|d'"}, {"${p:getDelimitedField(4, '|', \"'\")}", "e"}, {"${p:getDelimitedField(4, '|')}", "d'"}, {"${p:getDelimitedField(1, ${sep})}", "a|b|'c|d'|e"}, {"${gone:getDelimitedField(1)}", ""}, {"${e:getDelimitedField(1)}", ""}, {"${e:getDelimitedField(2)}", ""}, {"${k:getDelimitedField(2)}", "나"},
			{`${literal('a\\\\,b'):getDelimitedField(2)}`, "b"}, {`${literal('a\\\\,b'):getDelimitedField(1)}`, `a\\`},
			{"${list:unique(',')}", ",b,a"}, {"${gone:unique(',')}", ""}, {"${e:unique(',')}", ""}, {"${list:unique('')}", ",,b,a,b,,a,"}, {"${list:unique(${gone})}", ",,b,a,b,,a,"}, {"${p:unique(',')}", "a|b|'c|d'|e"}, {"${literal('a--b--a'):unique('--')}", "a--b"},
			{"${list:compactDelimitedList(',')}", "b,a,b,a"}, {"${gone:compactDelimitedList(',')}", ""}, {"${literal(',,'):compactDelimitedList(',')}", ""}, {"${list:compactDelimitedList('')}", ",,b,a,b,,a,"}, {"${literal('a, ,b'):compactDelimitedList(',')}", "a, ,b"},
			{"${list:trimDelimitedList(',')}", "b,a,b,,a"}, {"${gone:trimDelimitedList(',')}", ""}, {"${literal(',,'):trimDelimitedList(',')}", ""}, {"${literal('a'):trimDelimitedList(',')}", "a"}, {"${literal(',a'):trimDelimitedList(',')}", "a"}, {"${literal('a,'):trimDelimitedList(',')}", "a"},
		},
		faults: [][2]string{
			{"${l:getDelimitedField(1, ',', ',')}", "expr_value"}, {`${l:getDelimitedField(1, ',', '\\')}`, "expr_value"}, {`${l:getDelimitedField(1, '\\')}`, "expr_value"}, {"${l:getDelimitedField(1, 'ab')}", "expr_value"}, {"${l:getDelimitedField(1, '')}", "expr_value"}, {"${l:getDelimitedField(${gone})}", "expr_value"},
		},
		parse: [][3]string{
			{"${l:getDelimitedField()}", "expr_arity", "5"}, {"${l:getDelimitedField(1,'a','b','c',true,1)}", "expr_arity", "5"}, {"${l:getDelimitedField(true)}", "expr_type", "23"}, {"${l:getDelimitedField(1,',','\"','x',5)}", "expr_type", "37"}, {"${l:unique()}", "expr_arity", "5"}, {"${l:compactDelimitedList(',',',')}", "expr_arity", "5"},
		},
	}.run(t)
}

func TestCodeFamily(t *testing.T) {
	const ns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8" // the namespace of names of hosts, RFC 9562
	family{
		attributes: map[string]string{
			"s": "azAZ09.-*_ ~!@/`[{", "e": "", "k": "한😀", "ctl": "\"\\/\b\n\t\f\r\x1f\x20\x7f\u0080\uffff", "abc": "abc", "ns": ns, "bad": "\xff",
			"u16": `\uD83D\uDE00 \uD83D\u0041 \uD83D \u12 \u12G4 \q \`, "xml": "&<>\"'\x1f\t\n\r\u007e\u007f\u0084\u0085\u0086\u009f\u00a0\ufffe\uffff", "json": `{"a":1}`,
		},
		normal: [][2]string{
			{"${s:urlEncode()}", "azAZ09.-*_+%7E%21%40%2F%60%5B%7B"}, {"${k:urlEncode()}", "%ED%95%9C%F0%9F%98%80"}, {"${gone:urlEncode()}", missing}, {"${e:urlEncode()}", ""},
			{"${literal('a+b%20c%2b%2F'):urlDecode()}", "a b c+/"}, {"${literal('%ED%95%9C'):urlDecode()}", "한"}, {"${literal('%ff'):urlDecode()}", "\ufffd"}, {"${gone:urlDecode()}", missing}, {"${s:urlEncode():urlDecode():equals(${s})}", "true"},
			{"${abc:base64Encode()}", "YWJj"}, {"${literal('ab'):base64Encode()}", "YWI="}, {"${gone:base64Encode()}", missing}, {"${e:base64Encode()}", ""},
			{"${literal('YWJj'):base64Decode()}", "abc"}, {"${literal('YWI='):base64Decode()}", "ab"}, {"${literal('YWI'):base64Decode()}", "ab"}, {"${literal('/w=='):base64Decode()}", "\ufffd"}, {"${gone:base64Decode()}", missing}, {"${e:base64Decode()}", ""},
			{"${ctl:escapeJson()}", `\"\\\/\b\n\t\f\r\u001F ` + "\x7f" + `\u0080\uFFFF`}, {"${k:escapeJson()}", `\uD55C\uD83D\uDE00`}, {"${gone:escapeJson()}", ""}, {"${abc:escapeJson()}", "abc"},
			{"${ctl:escapeJson():unescapeJson():equals(${ctl})}", "true"}, {"${u16:unescapeJson()}", "😀 \ufffdA \ufffd u12 u12G4 q "}, {"${gone:unescapeJson()}", ""}, {`${literal('\b\f\/\"'):unescapeJson()}`, "\b\f/\""},
			{"${literal('a,b'):escapeCsv()}", `"a,b"`}, {"${literal('a\"b'):escapeCsv()}", `"a""b"`}, {`${literal('a\nb'):escapeCsv()}`, "\"a\nb\""}, {`${literal('a\rb'):escapeCsv()}`, "\"a\rb\""}, {"${literal('a b'):escapeCsv()}", "a b"}, {"${gone:escapeCsv()}", ""}, {"${e:escapeCsv()}", ""},
			{`${literal('"a,b"'):unescapeCsv()}`, "a,b"}, {`${literal('"a""b"'):unescapeCsv()}`, `a"b`}, {`${literal('"ab"'):unescapeCsv()}`, `"ab"`}, {`${literal('"'):unescapeCsv()}`, `"`}, {`${literal('""'):unescapeCsv()}`, `""`}, {`${literal('"a,b'):unescapeCsv()}`, `"a,b`}, {`${literal('a,b"'):unescapeCsv()}`, `a,b"`}, {`${literal('","'):unescapeCsv()}`, ","}, {"${gone:unescapeCsv()}", ""},
			{"${xml:escapeXml()}", "&amp;&lt;&gt;&quot;&apos;\t\n\r~&#127;&#132;\u0085&#134;&#159;\u00a0"}, {"${gone:escapeXml()}", ""}, {"${k:escapeXml()}", "한😀"},
			{"${literal('&amp;&lt;&gt;&quot;&apos;&#65;&#x1F600;&#X41;'):unescapeXml()}", "&<>\"'A😀A"}, {"${literal('&eacute;&;&#;&#x;&#xZ;&#99999999;& amp;&amp'):unescapeXml()}", "&eacute;&;&#;&#x;&#xZ;&#99999999;& amp;&amp"}, {"${literal('&#1114111;&#1114112;'):unescapeXml()}", "\U0010ffff&#1114112;"}, {"${literal('&&amp;'):unescapeXml()}", "&&"}, {"${gone:unescapeXml()}", ""},
			{"${literal('<é\u00a0ÿ€>'):escapeHtml3()}", "&lt;&eacute;&nbsp;&yuml;€&gt;"}, {"${literal('<é€♣α>'):escapeHtml4()}", "&lt;&eacute;&euro;&clubs;&alpha;&gt;"}, {"${gone:escapeHtml3()}", ""}, {"${gone:escapeHtml4()}", ""},
			{"${literal('&eacute;&euro;&#8364;'):unescapeHtml3()}", "é&euro;€"}, {"${literal('&eacute;&euro;&lang;&apos;&thetasym;'):unescapeHtml4()}", "é€\u2329&apos;ϑ"}, {"${gone:unescapeHtml3()}", ""}, {"${gone:unescapeHtml4()}", ""},
			{"${json:isJson()}", "true"}, {"${literal(' [1] '):isJson()}", "true"}, {"${literal('[1'):isJson()}", "false"}, {"${literal('\"a\"'):isJson()}", "false"}, {"${literal('{a:1}'):isJson()}", "false"}, {"${e:isJson()}", "false"}, {"${gone:isJson()}", "false"}, {"${literal('{} {}'):isJson()}", "false"},
			// RFC 1321, FIPS 180-4 and FIPS 202.
			{"${abc:hash('MD5')}", "900150983cd24fb0d6963f7d28e17f72"}, {"${e:hash('md5')}", "d41d8cd98f00b204e9800998ecf8427e"}, {"${gone:hash('MD5')}", missing},
			{"${abc:hash('SHA')}", "a9993e364706816aba3e25717850c26c9cd0d89d"}, {"${abc:hash('SHA1')}", "a9993e364706816aba3e25717850c26c9cd0d89d"}, {"${abc:hash('sha-1')}", "a9993e364706816aba3e25717850c26c9cd0d89d"},
			{"${abc:hash('SHA-224')}", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"}, {"${abc:hash('SHA-256')}", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
			{"${abc:hash('SHA-384'):substring(0, 16)}", "cb00753f45a35e8b"}, {"${abc:hash('SHA-384'):length()}", "96"}, {"${abc:hash('SHA-512'):substring(0, 16)}", "ddaf35a193617aba"}, {"${abc:hash('SHA-512'):length()}", "128"},
			{"${abc:hash('SHA-512/224')}", "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa"}, {"${abc:hash('SHA-512/256')}", "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"},
			{"${abc:hash('SHA3-224')}", "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf"}, {"${abc:hash('SHA3-256')}", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"},
			{"${abc:hash('SHA3-384'):substring(0, 16)}", "ec01498288516fc9"}, {"${abc:hash('SHA3-384'):length()}", "96"}, {"${abc:hash('SHA3-512'):substring(0, 16)}", "b751850b1a57168a"}, {"${abc:hash('SHA3-512'):length()}", "128"},
			{"${literal('www.example.com'):UUID3(${ns})}", "5df41881-3aed-3515-88a7-2f4a814cf09e"}, {"${literal('www.example.com'):UUID5(${ns})}", "2ed6657d-e927-568b-95e1-2665a8aea6a2"}, {"${gone:UUID3(${ns})}", missing}, {"${gone:UUID5(${ns})}", missing},
			// Without a namespace, that of zeros.
			{"${abc:UUID3('00000000-0000-0000-0000-000000000000'):equals(${abc:UUID3(${gone})})}", "true"}, {"${abc:UUID5('00000000-0000-0000-0000-000000000000'):equals(${abc:UUID5(' ')})}", "true"},
		},
		faults: [][2]string{
			{"${literal('%'):urlDecode()}", "expr_value"}, {"${literal('%A'):urlDecode()}", "expr_value"}, {"${literal('%G0'):urlDecode()}", "expr_value"}, {"${literal('*'):base64Decode()}", "expr_value"}, {`${literal('YW\nJj'):base64Decode()}`, "expr_value"}, {"${literal('Y'):base64Decode()}", "expr_value"},
			{"${abc:hash(${abc})}", "expr_hash"}, {"${abc:hash(${gone})}", "expr_hash"}, {"${abc:UUID3(${abc})}", "expr_value"}, {"${abc:UUID5('6ba7b8109dad11d180b400c04fd430c8')}", "expr_value"}, {"${abc:UUID5('6ba7b810-9dad-11d1-80b4-00c04fd430cx')}", "expr_value"},
		},
		parse: [][3]string{
			{"${abc:hash('MD4')}", "expr_constant", "7"}, {"${abc:hash()}", "expr_arity", "7"}, {"${abc:urlEncode('x')}", "expr_arity", "7"}, {"${abc:escapeJson(1)}", "expr_arity", "7"}, {"${abc:UUID3()}", "expr_arity", "7"}, {"${abc:UUID()}", "expr_stands_alone", "7"}, {"${UUID('x')}", "expr_arity", "3"}, {"${UUID3('x')}", "expr_needs_subject", "3"},
		},
	}.run(t)
}
