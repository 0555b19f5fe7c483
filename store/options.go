package store

import (
	"log/slog"
	"time"

	"github.com/weirflow/weir/store/segment"
)

// Options tune a store. The zero value is right for a server.
type Options struct {
	// Log takes the store's own lines; nothing is logged for single FlowFiles.
	Log *slog.Logger
	// Now is the clock; time.Now when nil.
	Now func() time.Time
	// ContentRetention is how long a segment that nothing refers to is kept for
	// replay; 12 hours when zero, at once when negative.
	ContentRetention time.Duration
	// EventRetention and EventBytes bound the events of FlowFiles by age and
	// size; 30 days and 1 GB when zero.
	EventRetention time.Duration
	EventBytes     int64
	// JanitorEvery is how often unreferenced segments and old events are looked
	// for; a minute when zero.
	JanitorEvery time.Duration
	// InitialMmapSize is how much address space weir.db gets; 1 GB when zero. It
	// costs no memory, and outgrowing it stops readers for a moment.
	InitialMmapSize int
	// Window bounds the FlowFiles held decoded in memory, over all queues;
	// 32,768 when zero.
	Window int
	// DiskReserve is how many bytes must stay free on the disk for a commit to
	// be tried; 16 MB when zero, none when negative.
	DiskReserve int64
	// Socket is the control socket's path, written into the lock file.
	Socket string
	// KeyFile names the file that holds the key of the secrets. When empty it is
	// WEIR_KEY_FILE, or a file in the user's configuration directory.
	KeyFile string
	// Env looks up the environment; os.LookupEnv when nil.
	Env func(string) (string, bool)

	// NoSync leaves out every fsync of weir.db. For tests only: a crash of the
	// machine then loses what was promised.
	NoSync bool
	// FS is the file system of the segments; the real one when nil. Tests pass
	// one that forgets what was not synced.
	FS segment.FS
	// Free returns the bytes free on the disk of a directory. Tests replace it.
	Free func(dir string) (int64, error)

	// hooks let tests of this package interfere.
	hooks hooks
}

// hooks are points at which tests of this package interfere. All may be nil.
type hooks struct {
	// beforeCommit runs between the sync of the segments and the commit of
	// weir.db; its error fails the latter.
	beforeCommit func() error
	// maxSize bounds weir.db, as a full disk does.
	maxSize int
}

func (o *Options) fill() {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ContentRetention == 0 {
		o.ContentRetention = 12 * time.Hour
	}
	if o.EventRetention == 0 {
		o.EventRetention = 30 * 24 * time.Hour
	}
	if o.EventBytes == 0 {
		o.EventBytes = 1 << 30
	}
	if o.JanitorEvery <= 0 {
		o.JanitorEvery = time.Minute
	}
	if o.InitialMmapSize <= 0 {
		o.InitialMmapSize = 1 << 30
	}
	if o.Window <= 0 {
		o.Window = 32 << 10
	}
	if o.DiskReserve == 0 {
		o.DiskReserve = 16 << 20
	}
	if o.FS == nil {
		o.FS = segment.OS()
	}
	if o.Free == nil {
		o.Free = freeBytes
	}
}
