package sandbox

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// seeded returns the stored documents of a company by key.
func seeded(t testing.TB, c *Company) map[key]*version {
	t.Helper()
	s := &service{names: newNames("calback-demo", "(default)"), db: newDatabase(time.Now)}
	if err := s.seed(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	all := map[key]*version{}
	for _, id := range s.db.ids() {
		for _, ch := range s.db.groups[id].index.chunks {
			for _, e := range ch {
				all[e.key] = e.head
			}
		}
	}
	return all
}

func TestCompanyIsAFunctionOfSeedAndDay(t *testing.T) {
	sum := func(c *Company) string {
		h := sha256.New()
		all := seeded(t, c)
		for _, k := range slices.Sorted(maps.Keys(all)) {
			v := all[k]
			fmt.Fprintf(h, "%q %x %d %d\n", k, v.fields, v.created, v.updated)
		}
		return fmt.Sprintf("%x", h.Sum(nil)[:8])
	}
	one := sum(NewCompany(7, day, 500, 200))
	if again := sum(NewCompany(7, day.Add(23*time.Hour), 500, 200)); again != one {
		t.Errorf("the same seed and day gave %s and %s", one, again)
	}
	for what, c := range map[string]*Company{
		"seed": NewCompany(8, day, 500, 200), "day": NewCompany(7, day.AddDate(0, 0, 1), 500, 200),
	} {
		if sum(c) == one {
			t.Errorf("another %s gave the same company", what)
		}
	}
	// People keep demo data by its seed: this sum changes only on purpose.
	if want := "8a99a117a7c298cc"; one != want {
		t.Errorf("the company of seed 7 has the sum %s, want %s", one, want)
	}
}

func TestPartsAreFunctionsOfTheirIndex(t *testing.T) {
	c := NewCompany(3, day, 100, 50)
	opt := cmpopts.EquateNaNs()
	for _, i := range []int{99, 0, 42, 250} {
		u := c.User(i)
		if d := cmp.Diff(u, NewCompany(3, day, 9, 9).User(i), opt); d != "" {
			t.Errorf("user %d of a smaller company: %s", i, d)
		}
		if u.ID != c.UserID(i) || u.UID != c.UID(i) {
			t.Errorf("user %d: ids differ", i)
		}
		if d := cmp.Diff(c.Meeting(i), c.Meeting(i)); d != "" {
			t.Errorf("meeting %d: %s", i, d)
		}
	}
}

// TestWireFormIsWhatProtobufWrites compares the bytes that the generator writes
// with those of the library.
func TestWireFormIsWhatProtobufWrites(t *testing.T) {
	for k, v := range seeded(t, NewCompany(1, day, 3000, 500)) {
		want, err := encodeFields(decodeFields(v.fields))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(want, v.fields) {
			t.Fatalf("%q:\n got %x\nwant %x", k, v.fields, want)
		}
	}
}

func TestCompanyIsAsOddAsPromised(t *testing.T) {
	c := NewCompany(0, day, 12000, 3000) // a part suffices: users do not depend on how many there are
	all := seeded(t, c)
	n := map[string]int{}
	uids := map[string]bool{}
	surname := map[string]bool{}
	for _, s := range surnames {
		surname[s.name] = true
	}
	for k, v := range all {
		id := collectionOf(k)
		n[id]++
		f := decodeFields(v.fields)
		if v.created > v.updated || v.updated > day.UnixMicro() {
			t.Fatalf("%q: created %d, updated %d", k, v.created, v.updated)
		}
		switch id {
		case userCollection:
			if len(lastPart(k)) != 20 {
				t.Fatalf("id %q", k)
			}
			uids[f["uid"].GetStringValue()] = true
			name := []rune(f["name"].GetStringValue())
			if !surname[string(name[:1])] && !surname[string(name[:2])] || len(name) < 2 || len(name) > 4 {
				t.Fatalf("name %q", string(name))
			}
			n["level "+fmt.Sprint(classOf(f["level"]), isInteger(f["level"]))]++
			if b, ok := f["balance"]; !ok {
				n["no balance"]++
			} else if isNaN(b) {
				n["NaN"]++
			} else if b.GetDoubleValue() == 0 && math.Signbit(b.GetDoubleValue()) {
				n["-0"]++
			}
			for _, name := range []string{"phone", "lastLogin", "location", "avatar", "referrer", "embedding"} {
				n[fmt.Sprint(name, " ", classOf(f[name]))]++
			}
			if r := f["referrer"].GetReferenceValue(); r != "" {
				if rest := strings.TrimPrefix(r, projectRoot+"/"); strings.Count(rest, "/") != 1 {
					n["odd referrer"]++
				} else if all[pathOf(t, rest)] == nil {
					t.Fatalf("%q is referred by nobody: %s", k, r)
				}
			}
			kinds := map[class]bool{}
			for _, x := range f["tags"].GetArrayValue().GetValues() {
				kinds[classOf(x)] = true
			}
			if len(kinds) > 1 {
				n["mixed tags"]++
			}
			if f["profile"].GetMapValue().GetFields()["address"].GetMapValue().GetFields()["zip"].GetStringValue() == "" {
				t.Fatalf("%q has no address", k)
			}
		case meetingCollection:
			title := f["title"].GetStringValue()
			for _, odd := range []string{",", "\"", "\n"} {
				if strings.Contains(title, odd) {
					n["title "+odd]++
				}
			}
			n["rating "+fmt.Sprint(classOf(f["rating"]), isInteger(f["rating"]))]++
			n["ended "+fmt.Sprint(classOf(f["endedAt"]))]++
		}
	}
	if n[userCollection] != c.Users() || n[meetingCollection] != c.Meetings() || len(uids) != c.Users() {
		t.Errorf("%d users with %d uids, %d meetings", n[userCollection], len(uids), n[meetingCollection])
	}
	for i := range c.Meetings() {
		m := c.Meeting(i)
		if len(m.Participants) < 1 || m.Host != m.Participants[0] || m.EndedAt.After(day) {
			t.Fatalf("meeting %d: %+v", i, m)
		}
		for _, uid := range m.Participants {
			if !uids[uid] {
				t.Fatalf("meeting %d has a participant %s who is no user", i, uid)
			}
		}
	}
	for _, what := range []string{
		deviceCollection, "no balance", "NaN", "-0", "odd referrer", "mixed tags", "title ,", "title \"", "title \n",
		fmt.Sprint("level ", classNumber, " ", true), fmt.Sprint("level ", classNumber, " ", false), fmt.Sprint("level ", classString, " ", false),
		fmt.Sprint("phone ", classUnknown), fmt.Sprint("lastLogin ", classNull), fmt.Sprint("lastLogin ", classUnknown), fmt.Sprint("lastLogin ", classTime),
		fmt.Sprint("location ", classGeo), fmt.Sprint("avatar ", classBytes), fmt.Sprint("embedding ", classVector),
		fmt.Sprint("rating ", classNumber, " ", true), fmt.Sprint("rating ", classNumber, " ", false), fmt.Sprint("rating ", classUnknown, " ", false),
		fmt.Sprint("ended ", classNull),
	} {
		if n[what] < 5 {
			t.Errorf("only %d documents have: %s", n[what], what)
		}
	}
}

func lastPart(k key) string { return k[strings.LastIndex(k, sep)+1:] }

func pathOf(t *testing.T, path string) key {
	t.Helper()
	k, err := pathKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
