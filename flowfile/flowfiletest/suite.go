package flowfiletest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

// TestContent runs the suite that every flowfile.Content must pass. open
// returns a fresh, empty one and arranges for its end.
func TestContent(t *testing.T, open func(*testing.T) flowfile.Content) {
	for _, c := range []struct {
		name string
		run  func(*testing.T, flowfile.Content)
	}{
		{"RoundTripOfEverySize", roundTrip},
		{"AppendIsAllOrNothing", allOrNothing},
		{"ClaimsStayWhatTheyWere", immutable},
		{"ManyAtOnce", manyAtOnce},
		{"CancelledContextIsAnError", cancelled},
		{"ReaderMayBeClosedEarly", closedEarly},
		{"UnknownClaimIsAnError", unknownClaim},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// pattern returns n bytes that differ between seeds and do not compress to
// nothing.
func pattern(seed, n int) []byte {
	b := make([]byte, n)
	x := uint32(seed)*2654435761 + 1
	for i := range b {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
		b[i] = byte(x)
	}
	return b
}

func write(c flowfile.Content, b []byte, chunk int) (flowfile.Claim, error) {
	return c.Append(context.Background(), func(w io.Writer) error {
		for len(b) > 0 {
			n := min(chunk, len(b))
			if m, err := w.Write(b[:n]); err != nil || m != n {
				return fmt.Errorf("wrote %d of %d: %w", m, n, err)
			}
			b = b[n:]
		}
		return nil
	})
}

func mustWrite(t *testing.T, c flowfile.Content, b []byte, chunk int) flowfile.Claim {
	t.Helper()
	claim, err := write(c, b, chunk)
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func read(c flowfile.Content, claim flowfile.Claim) ([]byte, error) {
	r, err := c.Open(context.Background(), claim)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(r)
	return b, errors.Join(err, r.Close())
}

func want(t *testing.T, c flowfile.Content, claim flowfile.Claim, b []byte) {
	t.Helper()
	got, err := read(c, claim)
	if err != nil {
		t.Fatalf("read of %d bytes: %v", len(b), err)
	}
	if !bytes.Equal(got, b) {
		t.Fatalf("read %d bytes that differ from the %d written", len(got), len(b))
	}
}

func roundTrip(t *testing.T, c flowfile.Content) {
	for _, n := range []int{0, 1, flowfile.InlineLimit - 1, flowfile.InlineLimit, flowfile.InlineLimit + 1, 4096, 65535, 65536, 65537, 1 << 20} {
		for _, chunk := range []int{1 << 30, 4000} {
			b := pattern(n+chunk, n)
			claim := mustWrite(t, c, b, chunk)
			if claim.Size != int64(n) {
				t.Errorf("claim of %d bytes has size %d", n, claim.Size)
			}
			if inline := claim.Segment == 0; inline != (n <= flowfile.InlineLimit) {
				t.Errorf("claim of %d bytes: inline = %v", n, inline)
			}
			want(t, c, claim, b)
		}
	}
}

func allOrNothing(t *testing.T, c flowfile.Content) {
	kept := pattern(1, 5000)
	before := mustWrite(t, c, kept, 100)
	boom := errors.New("boom")
	for _, n := range []int{0, 10, 5000, 200000} {
		claim, err := c.Append(context.Background(), func(w io.Writer) error {
			if _, err := w.Write(pattern(2, n)); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("error after %d bytes = %v, want write's own", n, err)
		}
		if claim != (flowfile.Claim{}) {
			t.Errorf("a claim exists after an error: %+v", claim)
		}
	}
	want(t, c, before, kept)
	after := mustWrite(t, c, pattern(3, 5000), 100)
	want(t, c, after, pattern(3, 5000))
}

func immutable(t *testing.T, c flowfile.Content) {
	b := pattern(1, 3000)
	claim := mustWrite(t, c, b, 3000)
	kept := bytes.Clone(b)
	clear(b) // the store must not share the writer's memory
	want(t, c, claim, kept)
	got, err := read(c, claim)
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	want(t, c, claim, kept)
}

func manyAtOnce(t *testing.T, c flowfile.Content) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				b := pattern(g*100+i, 300*(i+1))
				claim, err := write(c, b, 777)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := read(c, claim); err != nil || !bytes.Equal(got, b) {
					t.Errorf("goroutine %d, content %d: %d bytes, %v", g, i, len(got), err)
				}
			}
		})
	}
	wg.Wait()
}

func cancelled(t *testing.T, c flowfile.Content) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Append(ctx, func(w io.Writer) error {
		_, err := w.Write(pattern(1, 100000))
		return err
	}); !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a cancelled context = %v", err)
	}
}

func closedEarly(t *testing.T, c flowfile.Content) {
	b := pattern(1, 200000)
	claim := mustWrite(t, c, b, 200000)
	for _, n := range []int{0, 1, 100000} {
		r, err := c.Open(context.Background(), claim)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, n)); err != nil {
			t.Errorf("read of the first %d bytes: %v", n, err)
		}
		if err := r.Close(); err != nil {
			t.Errorf("close after %d bytes: %v", n, err)
		}
	}
	want(t, c, claim, b)
}

func unknownClaim(t *testing.T, c flowfile.Content) {
	claim := mustWrite(t, c, pattern(1, 5000), 5000)
	claim.Segment += 1000
	if b, err := read(c, claim); err == nil {
		t.Errorf("a claim of nothing gave %d bytes", len(b))
	}
}
