package flowfile

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestChildrenSortByNumber(t *testing.T) {
	o := SourceOrigin("users", 12)
	numbers := []uint64{0, 1, 0xee, 0xef, 0xf0, 0xf1, 0xff, 0x100, 0xffff, 0x10000, 1<<32 - 1, 1 << 32, 1<<56 - 1, 1 << 56, 1<<64 - 1}
	for range 2000 {
		numbers = append(numbers, rand.Uint64()>>rand.IntN(64))
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	for i := 1; i < len(numbers); i++ {
		a, b := numbers[i-1], numbers[i]
		if o.Child(a) >= o.Child(b) {
			t.Fatalf("child %d does not sort before child %d", a, b)
		}
		if SourceOrigin("n", a) >= SourceOrigin("n", b) {
			t.Fatalf("emission %d does not sort before %d", a, b)
		}
		if strings.HasPrefix(string(o.Child(b)), string(o.Child(a))) {
			t.Fatalf("child %d is the beginning of child %d", a, b)
		}
	}
}

func TestOriginIsReadable(t *testing.T) {
	o := SourceOrigin("users", 12)
	for _, c := range []struct {
		origin Origin
		want   string
	}{
		{o, "users#12"},
		{o.Child(0).Child(3), "users#12/0/3"},
		{o.Child(1000), "users#12/1000"},
		{o.rest().Child(1), "users#12/+/1"},
		{o.copy(300).Child(2), "users#12/=/300/2"},
		{"xyz", "78797a"},
		{o + "\xf8ab", "users#12/?f86162"},
	} {
		if got := c.origin.String(); got != c.want {
			t.Errorf("origin %q reads %q, want %q", string(c.origin), got, c.want)
		}
	}
}

// TestOriginsOfALifeNeverCollide grows a random family the way sessions do and
// wants every living FlowFile to have an origin of its own, none of which is the
// beginning of another.
func TestOriginsOfALifeNeverCollide(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		alive := []Origin{SourceOrigin("a", 0), SourceOrigin("a", 1)}
		for range 40 {
			i := r.IntN(len(alive))
			o := alive[i]
			alive = slices.Delete(alive, i, i+1)
			children := r.IntN(3)
			for k := range children {
				alive = append(alive, o.Child(uint64(k)))
			}
			if children == 0 || r.IntN(2) == 0 { // the parent goes on
				if children > 0 {
					o = o.rest()
				}
				conns := 1 + r.IntN(3)
				if conns == 1 {
					alive = append(alive, o)
					continue
				}
				for k := range conns {
					alive = append(alive, o.copy(uint64(k)))
				}
			}
		}
		slices.Sort(alive)
		for i := 1; i < len(alive); i++ {
			if strings.HasPrefix(string(alive[i]), string(alive[i-1])) {
				t.Fatalf("seed %d: the origin %s begins with another, %s", seed, alive[i], alive[i-1])
			}
		}
	}
}
