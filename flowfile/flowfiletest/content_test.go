package flowfiletest

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"

	"github.com/weirflow/weir/flowfile"
)

func TestContentInMemoryConforms(t *testing.T) {
	TestContent(t, func(t *testing.T) flowfile.Content { return &Content{} })
}

func TestFullDiskFailsAppendsUntilThereIsRoom(t *testing.T) {
	var c Content
	c.FillUp(10)
	mustWrite(t, &c, pattern(1, 10), 5)
	if _, err := write(&c, pattern(1, 1), 1); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("Append on a full disk = %v", err)
	}
	// A write that swallows the error must not make a claim of half a content.
	if claim, err := c.Append(context.Background(), func(w io.Writer) error {
		_, _ = w.Write([]byte("x"))
		return nil
	}); err == nil {
		t.Errorf("Append that hid the disk's error gave %+v", claim)
	}
	c.MakeRoom()
	mustWrite(t, &c, pattern(1, 1000), 100)
}

func TestOpenReadersAreCounted(t *testing.T) {
	var c Content
	r, err := c.Open(context.Background(), flowfile.Inline([]byte("abc")))
	if err != nil || c.OpenReaders() != 1 {
		t.Fatal(err, c.OpenReaders())
	}
	if err := r.Close(); err != nil || c.OpenReaders() != 0 {
		t.Fatal(err, c.OpenReaders())
	}
}
