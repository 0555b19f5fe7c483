package duck_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/weirflow/weir/processors/duck"
)

// counting feeds texts "00000" up to n, in parts, not in order.
type counting struct {
	mu   sync.Mutex
	n    int
	next int
	fail error
}

func (c *counting) Rows() int64 { return int64(c.n) }

func (c *counting) Part() (duck.Part, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next >= c.n {
		return nil, c.fail
	}
	from := c.next
	c.next += 700
	return &down{from, min(c.next, c.n)}, nil
}

// down gives its numbers from the last to the first.
type down struct{ from, i int }

func (d *down) Next() ([]byte, bool, error) {
	if d.i <= d.from {
		return nil, false, nil
	}
	d.i--
	return fmt.Appendf(nil, "%05d 한글, longer than what lies inline", d.i), true, nil
}

func opened(t *testing.T) *duck.DB {
	t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Dir: t.TempDir(), Memory: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestFeedAndEachKeepOrder(t *testing.T) {
	ctx := context.Background()
	db := opened(t)
	const n = 50_000
	if err := db.Feed(ctx, "numbers", func() duck.Feed { return &counting{n: n} }); err != nil {
		t.Fatal(err)
	}
	for _, order := range []string{"ASC", "DESC"} {
		var got []string
		rows, err := db.Each(ctx, "SELECT x FROM numbers() ORDER BY x "+order, func(texts []string) error {
			for _, x := range texts {
				got = append(got, strings.Clone(x))
			}
			return nil
		})
		if err != nil || rows != n || len(got) != n {
			t.Fatalf("%s: %d rows, %d texts, %v", order, rows, len(got), err)
		}
		if order == "DESC" {
			slices.Reverse(got)
		}
		for i, x := range got {
			if !strings.HasPrefix(x, fmt.Sprintf("%05d 한글", i)) {
				t.Fatalf("%s: text %d is %q", order, i, x)
			}
		}
	}
	var counted int64
	if err := db.Row(ctx, "SELECT count(*) FROM numbers()", &counted); err != nil || counted != n {
		t.Errorf("count(*) = %d, %v", counted, err)
	}
}

func TestEachReturnsTheErrorOfTake(t *testing.T) {
	ctx := context.Background()
	db := opened(t)
	if err := db.Feed(ctx, "numbers", func() duck.Feed { return &counting{n: 10_000} }); err != nil {
		t.Fatal(err)
	}
	enough := errors.New("enough")
	calls := 0
	_, err := db.Each(ctx, "SELECT x FROM numbers() ORDER BY x", func([]string) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		t.Errorf("error = %v after %d calls", err, calls)
	}
	if rows, err := db.Each(ctx, "SELECT x FROM numbers() WHERE x < '00003' ORDER BY x", func([]string) error { return nil }); rows != 3 || err != nil {
		t.Errorf("after an error: %d rows, %v", rows, err)
	}
}

func TestAFeedThatFailsEndsTheQuery(t *testing.T) {
	ctx := context.Background()
	db := opened(t)
	if err := db.Feed(ctx, "numbers", func() duck.Feed { return &counting{n: 1000, fail: errors.New("the disk is gone")} }); err != nil {
		t.Fatal(err)
	}
	_, err := db.Each(ctx, "SELECT x FROM numbers() ORDER BY x", func([]string) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("error = %v", err)
	}
}
