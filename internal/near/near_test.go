package near

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0},
		{"kitten", "sitting", 3}, {"flaw", "lawn", 2}, {"ab", "ba", 1}, {"abcd", "badc", 2}, {"ab", "bxa", 3}, {"users", "user", 1},
		{"Users", "users", 1}, {"한", "a", 3},
	} {
		if got := Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// TestDistanceIsTheShortestWay compares it with the definition: the least of
// what each first step leaves to do.
func TestDistanceIsTheShortestWay(t *testing.T) {
	var plain func(a, b string) int
	plain = func(a, b string) int {
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		d := 1 + min(plain(a[1:], b), plain(a, b[1:]), plain(a[1:], b[1:]))
		if a[0] == b[0] {
			d = min(d, plain(a[1:], b[1:]))
		}
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			d = min(d, 1+plain(a[2:], b[2:]))
		}
		return d
	}
	rng := rand.New(rand.NewPCG(1, 2))
	word := func() string {
		b := make([]byte, rng.IntN(7))
		for i := range b {
			b[i] = "abc"[rng.IntN(3)]
		}
		return string(b)
	}
	for range 500 {
		a, b := word(), word()
		if got, want := Distance(a, b), plain(a, b); got != want || Distance(b, a) != want {
			t.Fatalf("Distance(%q, %q) = %d and %d back, want %d", a, b, got, Distance(b, a), want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"ReadCSV", "WriteCSV", "ReadFile", "WriteFile", "ReadFirestore", "RouteOnAttribute"}
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"readcsv", 1, "ReadCSV"},
		{"ReadCVS", 1, "ReadCSV"},
		{"CSV", 3, "ReadCSV,WriteCSV"}, // in both, so by name
		{"ReadFil", 1, "ReadFile"},
		{"ReadFil", 0, ""},
		{"Attribute", 2, "RouteOnAttribute"},
		{"Kafka", 3, ""},
		{"", 3, ""},
		{"x", 3, ""},
	} {
		if got := strings.Join(Nearest(c.name, names, c.n), ","); got != c.want {
			t.Errorf("Nearest(%q, %d) = %s, want %s", c.name, c.n, got, c.want)
		}
	}
	settings := []string{"path", "delimiter", "header", "null_text", "quote"}
	for in, want := range map[string]string{"delimeter": "delimiter", "Path": "path", "null": "null_text", "headers": "header", "xyzzy": "", "q": "", "quotes": "quote"} {
		if got := strings.Join(Nearest(in, settings, 1), ","); got != want {
			t.Errorf("Nearest(%q) = %s, want %s", in, got, want)
		}
	}
	if got := Nearest("any", nil, 3); len(got) != 0 {
		t.Errorf("of no names: %v", got)
	}
}
