package expr

import "testing"

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
