package expr

import (
	"strings"
	"testing"
)

// Steps and indices of any size end where the array does.
func TestJSONPathBeyondTheArray(t *testing.T) {
	env := testEnv(map[string]string{"j": `[1,2,3]`, "e": `[]`})
	var cases [][2]string
	for _, c := range [][2]string{
		{"$[1::9223372036854775807]", "2"}, {"$[0::3]", "1"}, {"$[0::2]", "[1,3]"}, {"$[::1]", "[1,2,3]"}, {"$[::4]", "1"},
		{"$[-2:]", "[2,3]"}, {"$[-9:2]", "[1,2]"}, {"$[:-1]", "[1,2]"}, {"$[2:1]", "[]"}, {"$[3:]", "[]"}, {"$[:99]", "[1,2,3]"},
		{"$[-3]", "1"}, {"$[-4]", ""}, {"$[3]", ""}, {"$[2]", "3"}, {"$[0,-1]", "[1,3]"}, {"$[ 0 , 2 ]", "[1,3]"}, {"$[ 0 : 2 ]", "[1,2]"},
		{"$[-9223372036854775808]", ""}, {"$[9223372036854775807]", ""}, {"$[-9223372036854775808:9223372036854775807]", "[1,2,3]"},
		{"$[5,1]", "2"},
	} {
		cases = append(cases, [2]string{"${j:jsonPath('" + c[0] + "')}", c[1]})
	}
	check(t, env, append(cases, [2]string{"${e:jsonPath('$[::5]')}", "[]"}, [2]string{"${e:jsonPath('$[0]')}|", "|"}))
	for _, bad := range []string{"$[9223372036854775808]", "$[1:2:0]", "$[1:2:-1]", "$[0,]", "$[,0]", "$[0 1]", "$[--1]", "$[1.5]"} {
		if _, err := compilePath(bad); err == nil {
			t.Errorf("compilePath(%q) is taken", bad)
		}
	}
}

// Each form of a path and of a filter, over one document.
func TestEveryFormOfAPath(t *testing.T) {
	const doc = `{"a":{"b":[{"c":1,"d":"x"},{"c":2.5,"d":null},{"c":"2"},7,"s",[8]]},"k y":true,"q'":5,"n":{"c":9},"e":"","z":false,"list":[1,2,2.0,10]}`
	env := testEnv(map[string]string{"j": doc})
	for _, c := range [][2]string{
		{"$", doc}, {"$.a.b[0].c", "1"}, {" $.n.c ", "9"}, {"n.c", "9"}, {"$['a']['b'][1].c", "2.5"}, {"$[\"k y\"]", "true"}, {`$["q'"]`, "5"}, {`$['q\'']`, "5"}, {"$[ 'z' ]", "false"}, {"$['n' , 'e'].c", "9"}, {"$['e','z']", `["",false]`}, {"$.n['c','c']", "[9,9]"}, {"$.e", ""}, {"$.n.*", "9"}, {"$.a.b[*].c", `[1,2.5,"2"]`}, {"$.a.b[ * ].d", `["x",null]`}, {"$..c", `[1,2.5,"2",9]`}, {"$..['c','d']", `[1,"x",2.5,null,"2",9]`}, {"$.a..[0]", `[{"c":1,"d":"x"},8]`}, {"$..b[5][0]", "8"}, {"$.a.b.c", ""}, {"$.a[0]", ""}, {"$.n..*", "9"},
		{"$.a.b[?(@.c == 1)].d", "x"}, {"$.a.b[?(@.c != 1)].c", `[2.5,"2"]`}, {"$.a.b[?(@.c > 1)].c", "2.5"}, {"$.a.b[?(@.c >= 1)].c", "[1,2.5]"}, {"$.a.b[?(@.c < 2.5)].c", "1"}, {"$.a.b[?(@.c <= 2.5)].c", "[1,2.5]"}, {"$.a.b[?(@.c == '2')].c", "2"}, {"$.a.b[?(@.c > '1')].c", "2"}, {"$.a.b[?(@.c < '3')].c", "2"}, {"$.a.b[?(@.c >= '2')].c", "2"}, {"$.a.b[?(@.c <= '1')].c", "[]"}, {"$.a.b[?(@.d == null)].c", "2.5"}, {"$.a.b[?(@.d != null)].c", `[1,"2"]`}, {"$.a.b[?(@.d)].c", "[1,2.5]"}, {"$.a.b[?(!@.c)]", `[7,"s",[8]]`}, {"$.a.b[?(@ == 7)]", "7"}, {"$.a.b[?(@ == 's')]", "s"}, {"$.a.b[?(@[0] == 8)]", "8"}, {"$.a.b[?(@.c == $.list[0])].d", "x"}, {"$.a.b[?(1 == @.c)].d", "x"}, {"$.a.b[?(@.c == -1)]", "[]"},
		{"$.list[?(@ == 2)]", "[2,2.0]"}, {"$.list[?(@ > 1 && @ < 10)]", "[2,2.0]"}, {"$.list[?(@ < 2 || @ > 2)]", "[1,10]"}, {"$.list[?(@ == 1 || @ == 2 && @ == 10)]", "1"}, {"$.list[?((@ == 1 || @ == 2) && @ != 1)]", "[2,2.0]"}, {"$.list[?(!(@ == 1))]", "[2,2.0,10]"}, {"$.list[?(!!(@ == 1))]", "1"}, {"$.list[?( @==1 )]", "1"}, {"$.list[?(@ == 1e1)]", "10"}, {"$.list[?(@ == true)]", "[]"}, {"$.list[?(@ != true)]", "[1,2,2.0,10]"}, {"$.list[?(@ < true)]", "[]"}, {"$[?(@.c)]", "[]"}, {"$..[?(@.c == 9)]", `{"c":9}`}, {"$.n[?(@.c == 9)].c", "9"}, {"$.n[?(@.c == 8)].c", "[]"}, {"$.list[?(@.x == @.y)]", "[]"}, {"$.list[?(@.x != @.y)]", "[]"}, {"$.list[?(@.x != 1)]", "[1,2,2.0,10]"}, {"$.list[?(@.x == 1)]", "[]"}, {`$.a.b[?(@["d"] == "x")].c`, "1"}, {"$.list[?(@ == false)]", "[]"},
	} {
		p, err := compilePath(c[0])
		if err != nil {
			t.Errorf("compilePath(%q): %v", c[0], err)
			continue
		}
		got, err := mustParse(t, "${j:jsonPath("+quote(c[0])+")}").Eval(env)
		if err != nil || got != c[1] {
			t.Errorf("%s = %q, %v; want %q (one: %v)", c[0], got, err, c[1], p.one)
		}
	}
	for _, bad := range []string{
		"$a", "$.", "$..", "$.a.", "$.a..", "$[", "$[]", "$[ ]", "$['", "$['a", "$['a'", "$['a',]", "$['a' 'b']", "$[a]", "$.a]", "$.a b", "$.a()", "$.length()", "$[*", "$[?", "$[?@.a]", "$[?(]", "$[?()]", "$[?(@", "$[?(@.a]", "$[?(@.a)", "$[?(@.a = 1)]", "$[?(@.a == )]", "$[?(@.a == b)]", "$[?(@.a && )]", "$[?(@.a || )]", "$[?(@.a & @.b)]", "$[?((@.a)]", "$[?(!)]", "$[?(@.a == 'x)]", "$[?(@.a == 1 2)]", "$[?(== 1)]", "$[?(@.a == 1", "$[?(@.a == ", "$[?(@.a", "$[?(", "$[?(true)]", "$[?(false)]", "$[?(1)]", "$[?('a')]", "$[?(@.a && 1)]", "$[?(@.a == --1)]",
	} {
		if p, err := compilePath(bad); err == nil {
			t.Errorf("compilePath(%q) = %+v", bad, p)
		}
	}
	// Nesting is taken to its limit and no further.
	nested := func(n int) string { return "$[?(" + strings.Repeat("(", n) + "@.a" + strings.Repeat(")", n) + ")]" }
	nots := func(n int) string { return "$[?(" + strings.Repeat("!", n) + "@.a)]" }
	for _, c := range []struct {
		src string
		ok  bool
	}{{nested(31), true}, {nested(32), false}, {nots(31), true}, {nots(32), false}} {
		if _, err := compilePath(c.src); (err == nil) != c.ok {
			t.Errorf("compilePath(%s) = %v", c.src, err)
		}
	}
	for n, ok := range map[int]bool{maxJSONDepth: true, maxJSONDepth + 1: true, maxJSONDepth + 2: false} {
		if _, err := readJSON(strings.Repeat("[", n) + strings.Repeat("]", n)); (err == nil) != ok {
			t.Errorf("%d arrays in arrays: %v", n, err)
		}
	}
}

func quote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", `\'`) + "'"
}

func TestJSONFamily(t *testing.T) {
	family{
		attributes: map[string]string{"j": `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`, "p": "$.b", "bad": "$[", "junk": "{", "l": "[1,2,3]", "dup": `{"a":1,"b":2,"a":3}`, "n": "5", "txt": `"x"`, "num": "12"},
		normal: [][2]string{
			{"${j:jsonPath('$.b')}", "1"}, {"${j:jsonPath(${p})}", "1"}, {"${j:jsonPath('$.zz')}", ""}, {"${txt:jsonPath('$')}", "x"}, {"${num:jsonPath('$')}", "12"}, {"${num:toNumber():jsonPath('$')}", "12"}, {"${dup:jsonPath('$')}", `{"a":3,"b":2}`},
			{"${j:jsonPathDelete('$.b')}", `{"a":[1,{"c":"x"},3],"o":{"k":"v"}}`}, {"${j:jsonPathDelete(${p})}", `{"a":[1,{"c":"x"},3],"o":{"k":"v"}}`}, {"${l:jsonPathDelete('$[*]')}", "[]"}, {"${l:jsonPathDelete('$[0,0]')}", "[2,3]"}, {"${l:jsonPathDelete('$[2,0]')}", "[2]"}, {"${l:jsonPathDelete('$[-1,0,1]')}", "[]"}, {"${l:jsonPathAdd('$[?(@ == 9)]', 1)}", "[1,2,3]"}, {"${literal('[[1,2],[3,4]]'):jsonPathDelete('$[1,0][1,0]')}", "[[],[]]"}, {"${literal('{\"a\":{\"a\":1},\"b\":[{\"a\":2}]}'):jsonPathDelete('$..a')}", "{\"b\":[{}]}"}, {"${l:jsonPathDelete('$[2]')}", "[1,2]"}, {"${l:jsonPathDelete('$[-1]')}", "[1,2]"}, {"${l:jsonPathDelete('$[5]')}", "[1,2,3]"}, {"${l:jsonPathDelete('$[::2]')}", "[2]"}, {"${j:jsonPathDelete('$.o.*')}", `{"b":1,"a":[1,{"c":"x"},3],"o":{}}`},
			{"${l:jsonPathSet('$[*]', 0)}", "[0,0,0]"}, {"${j:jsonPathSet(${p}, 'y')}", `{"b":"y","a":[1,{"c":"x"},3],"o":{"k":"v"}}`}, {"${l:jsonPathSet('$[1]', ${n})}", `[1,"5",3]`}, {"${l:jsonPathSet('$[1]', ${n:toNumber()})}", "[1,5,3]"}, {"${l:jsonPathSet('$[1]', ${n:toDecimal()})}", "[1,5.0,3]"}, {"${l:jsonPathSet('$[1]', ${gone})}", "[1,null,3]"}, {"${l:jsonPathSet('$[1]', ${n:isNull()})}", "[1,false,3]"}, {"${l:jsonPathSet('$[1]', ${n:toDecimal():divide(0.0)})}", `[1,"Infinity",3]`}, {"${l:jsonPathSet('$[1]', ${now():toInstant()})}", `[1,"2026-03-05T00:08:07.006Z",3]`}, {"${l:jsonPathSet('$[9]', 1)}", "[1,2,3]"}, {"${l:jsonPathSet('$[-1]', '\\u00e9\\t')}", `[1,2,"\\u00e9\t"]`},
			{"${l:jsonPathAdd('$', 4)}", "[1,2,3,4]"}, {"${j:jsonPathAdd('$.a', 'y')}", `{"b":1,"a":[1,{"c":"x"},3,"y"],"o":{"k":"v"}}`}, {"${j:jsonPathAdd('$.zz', 'y')}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`}, {"${l:jsonPathAdd('$', null)}", "[1,2,3,null]"},
			{"${j:jsonPathPut('$.o', 'z', 1)}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v","z":1}}`}, {"${j:jsonPathPut('$.o', 'k', 1)}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":1}}`}, {"${j:jsonPathPut('$.zz', 'k', 1)}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v"}}`}, {"${j:jsonPathPut('$.o', ${gone}, 1)}", `{"b":1,"a":[1,{"c":"x"},3],"o":{"k":"v","":1}}`},
		},
		faults: [][2]string{
			{"${gone:jsonPath('$')}", "expr_json"}, {"${junk:jsonPath('$')}", "expr_json"}, {"${junk:jsonPathSet('$.a', 1)}", "expr_json"}, {"${j:jsonPath(${bad})}", "expr_json_path"}, {"${j:jsonPathDelete(${bad})}", "expr_json_path"}, {"${j:jsonPathDelete('$')}", "expr_json_path"}, {"${j:jsonPathSet('$', 1)}", "expr_json_path"}, {"${j:jsonPathAdd('$.o', 1)}", "expr_json_path"}, {"${j:jsonPathAdd('$.b', 1)}", "expr_json_path"}, {"${l:jsonPathPut('$', 'k', 1)}", "expr_json_path"}, {"${j:jsonPathPut('$.b', 'k', 1)}", "expr_json_path"}, {"${j:jsonPathSet('$.b', ${n:substring(${gone})})}", "expr_value"}, {"${j:jsonPathPut('$.o', ${n:substring(${gone})}, 1)}", "expr_value"},
		},
		parse: [][3]string{
			{"${j:jsonPath()}", "expr_arity", "5"}, {"${j:jsonPathSet('$.a')}", "expr_arity", "5"}, {"${j:jsonPathPut('$.a','b')}", "expr_arity", "5"}, {"${j:jsonPathDelete('$.a', 1)}", "expr_arity", "5"}, {"${j:jsonPath('$[')}", "expr_constant", "5"}, {"${j:jsonPathSet('$..', 1)}", "expr_constant", "5"}, {"${j:jsonPath(null)}", "expr_constant", "5"},
		},
	}.run(t)
}
