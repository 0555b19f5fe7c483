package server

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/weirflow/weir/access"
	"github.com/weirflow/weir/engine"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
	"github.com/weirflow/weir/live"
	"github.com/weirflow/weir/processors"
	_ "github.com/weirflow/weir/processors/all" // every kind that Weir comes with
	"github.com/weirflow/weir/sandbox"
	"github.com/weirflow/weir/store"
	"github.com/weirflow/weir/web"
)

var _ engine.Store = (*store.Store)(nil)

// Config says what a server serves. Data is required.
type Config struct {
	// Data is the data directory; it is made when it does not exist.
	Data string
	// Files is the directory below which flows read and write files; empty means
	// "files" in the data directory. Wide lets others read what is written.
	Files string
	Wide  bool
	// Listen is the TCP address of the canvas and the API; empty for none. One that
	// others than this machine can reach needs a password, and a certificate or a
	// proxy before it.
	Listen string
	// TLSCert and TLSKey are files of the certificate of the TCP address.
	TLSCert, TLSKey string
	// BehindProxy says that a proxy stands before the TCP address, which speaks
	// https to browsers; PublicHosts are the names by which they know it.
	BehindProxy bool
	PublicHosts []string
	// Control offers the operations on a socket that other commands find.
	Control bool
	// Sandbox is the address of a sandbox, HOST:PORT; Embedded, when set, starts
	// one in this process instead.
	Sandbox  string
	Embedded *sandbox.Config
	// Dial, when set, makes the connections to Google's hosts, and Roots are then
	// the authorities that their certificates are checked with. Only Go code sets
	// them, in tests; no setting, flag or environment does.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Roots *x509.CertPool
	// Schedule makes the runs of enabled flows when they are due.
	Schedule bool
	// Alone admits only runs that this process has started itself.
	Alone   bool
	KeyFile string
	Version string
	Log     *slog.Logger
	// Lang is the language of notices; empty means English.
	Lang fault.Lang
	// NoticeWait is the first wait before a notice is tried again, doubled each
	// time up to an hour; zero means 5 s.
	NoticeWait time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Free returns the bytes free on the disk of a directory; nil asks the
	// system. Tests fill the disk with it.
	Free func(dir string) (int64, error)

	// liveStep is half the pace of live numbers, half a second; tests shorten it.
	liveStep time.Duration
	// connsMost and headerWithin stand for the limits of the same names, in tests.
	connsMost    int
	headerWithin time.Duration
	// drainPatience stands for the constant of that name, in tests.
	drainPatience time.Duration
}

// Server is the program at work.
type Server struct {
	cfg     Config
	log     *slog.Logger
	store   *store.Store
	engine  *engine.Engine
	sandbox *sandbox.Sandbox
	files   *processors.Files
	sums    fileSums
	logs    *runLogs
	table   web.Table
	began   time.Time

	access  *access.Book
	audit   *audit
	gate    *gate
	metrics http.Handler // of /metrics, where it is set

	http   []*http.Server
	calls  context.Context // of every request; ends when Close begins
	hangUp context.CancelFunc
	socket string
	// socketDir is the socket's own directory, where it has one.
	socketDir string
	addr      string
	wg        sync.WaitGroup
	failed    chan error
	stop      chan struct{}
	notices   *notifier

	jobs jobs

	selects atomic.Int32 // SELECTs of people at work

	receipts sync.Mutex // one run writes its receipts at a time

	editing sync.Mutex // one edit at a time, so that they are told in order
	changes flowChanges
	looks   flowLooks
	// rates, when set, are the FlowFiles a second that came into a flow and left
	// it in the last minute.
	rates func(flow string) (in, out float64)

	live      *lively
	bulletins *live.Bulletins

	mu  sync.Mutex
	own map[flowfile.RunID]bool // runs that this process started
}

// Open starts a server. On an error nothing is left behind.
func Open(ctx context.Context, cfg Config) (s *Server, err error) {
	if cfg.Lang == "" {
		cfg.Lang = fault.English
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s = &Server{cfg: cfg, log: cfg.Log, began: time.Now(), failed: make(chan error, 4), own: map[flowfile.RunID]bool{}, bulletins: live.NewBulletins()}
	s.live = s.newLive()
	s.calls, s.hangUp = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
			s = nil
		}
	}()
	if err = s.openStore(ctx); err != nil {
		return s, err
	}
	if cfg.Embedded != nil {
		if s.sandbox, err = sandbox.Open(ctx, *cfg.Embedded); err != nil {
			return s, err
		}
	}
	if err = s.openEngine(ctx); err != nil {
		return s, err
	}
	s.startNotifier(s.stop)
	s.openLive()
	s.routes()
	s.table.SetAuditor(s.audit.act)
	if cfg.Control {
		if err = s.control(); err != nil {
			return s, err
		}
	}
	if cfg.Listen != "" {
		if err = s.listen(); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *Server) openStore(ctx context.Context) (err error) {
	if err = s.lockedOpen(ctx); err != nil {
		return err
	}
	if s.cfg.Files == "" {
		s.cfg.Files = filepath.Join(s.cfg.Data, "files")
	}
	mode := os.FileMode(0o700)
	if s.cfg.Wide {
		mode = 0o755
	}
	if err = os.MkdirAll(s.cfg.Files, mode); err != nil {
		return fault.New("files_dir_unusable", "dir", s.cfg.Files).Because(err).Permanent()
	}
	if s.files, err = processors.OpenFiles(s.cfg.Files, processors.FilesOptions{Wide: s.cfg.Wide}); err != nil {
		return err
	}
	if s.access, err = access.Open(s.cfg.Data, s.cfg.Now); err != nil {
		return err
	}
	s.access.TellUnsaved(func(err error) {
		s.log.Warn("time of a sign-in's use not saved", "error", err)
		err = fault.New("access_use_unsaved", "dir", s.cfg.Data).Because(err)
		s.bulletin(engine.Bulletin{At: s.cfg.Now(), Level: "warning", Fault: err})
	})
	if s.audit, err = openAudit(filepath.Join(s.cfg.Data, "audit"), s.cfg.Now); err != nil {
		return err
	}
	if s.logs, err = openRunLogs(filepath.Join(s.cfg.Data, "logs")); err != nil {
		return err
	}
	// Close forgets the channel, maybe before the goroutine first looks at it.
	stop := make(chan struct{})
	s.stop = stop
	s.wg.Go(func() {
		select {
		case <-s.store.Failed():
			s.failed <- s.store.Err()
		case <-stop:
		}
	})
	return nil
}

// LockPatience is how long a data directory that another process holds is
// waited for: a command holds it for a moment, a server shows its socket soon.
const LockPatience = 3 * time.Second

// lockedOpen opens the store. A server waits for a command that holds the
// directory for a moment; one that another server holds is refused at once.
func (s *Server) lockedOpen(ctx context.Context) (err error) {
	o := store.Options{Log: s.log, Now: s.cfg.Now, KeyFile: s.cfg.KeyFile, Free: s.cfg.Free}
	patience := time.NewTimer(LockPatience)
	defer patience.Stop()
	poll := time.NewTicker(50 * time.Millisecond)
	defer poll.Stop()
	for {
		s.store, err = store.Open(ctx, s.cfg.Data, o)
		if err == nil || !s.cfg.Control || fault.CodeOf(err) != "store_locked" {
			return err
		}
		if h, held := store.HeldBy(s.cfg.Data); held && h.Socket != "" {
			return err
		}
		select {
		case <-poll.C:
		case <-patience.C:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (s *Server) openEngine(ctx context.Context) (err error) {
	address := s.cfg.Sandbox
	if s.sandbox != nil {
		address = s.sandbox.Addr()
	}
	scratch := filepath.Join(s.cfg.Data, "scratch")
	if err := os.RemoveAll(scratch); err != nil { // of an earlier life
		return err
	}
	if err := os.MkdirAll(scratch, 0o700); err != nil {
		return err
	}
	cfg := engine.Config{
		Store:   s.store,
		Queues:  func(f string, v uint32, r flowfile.RunID) engine.View { return s.store.Queues(f, v, r) },
		Stage:   func() engine.Stage { return s.store.NewStage() },
		Log:     s.log,
		RunLog:  s.logs.handler,
		Secrets: secrets{s.store},
		Env: func() processors.Env {
			return processors.Env{Store: s.store.ID(), Files: s.files, Sandbox: address, Scratch: scratch,
				Dial: s.cfg.Dial, Roots: s.cfg.Roots}
		},
		Finalize: s.finalize,
		Changed:  s.runChanged,
		Bulletin: s.bulletin,
		Now:      s.cfg.Now,
		Schedule: s.cfg.Schedule,
	}
	if s.cfg.Alone {
		cfg.Only = s.isOwn
	}
	s.engine, err = engine.Open(ctx, cfg)
	return err
}

// isOwn reports whether this process started the run.
func (s *Server) isOwn(_ string, n flowfile.RunID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.own[n]
}

func (s *Server) claim(n flowfile.RunID) {
	s.mu.Lock()
	s.own[n] = true
	s.mu.Unlock()
}

// secrets are the store's, as settings see them.
type secrets struct{ *store.Store }

// Has reports whether a secret is set.
func (k secrets) Has(name string) bool {
	_, err := k.Secret(name)
	return fault.CodeOf(err) != "secret_missing"
}

// Reveal returns a secret's value.
func (k secrets) Reveal(name string) (string, error) { return k.Secret(name) }

// Client returns a client of the operations in this process.
func (s *Server) Client() *web.Client { return web.Local(s.table.Handler()) }

// Addr returns the TCP address that is listened on, or "".
func (s *Server) Addr() string { return s.addr }

// Sandbox returns the embedded sandbox, or nil.
func (s *Server) Sandbox() *sandbox.Sandbox { return s.sandbox }

// Files returns the directory of the flows' files.
func (s *Server) Files() string { return s.cfg.Files }

// Failed yields an error when the server cannot go on: the disk under the store
// failed, or a listener did.
func (s *Server) Failed() <-chan error { return s.failed }

// Close stops the server: listeners first, then the engine, whose sessions
// finish or roll back until ctx ends, then sandbox and store.
func (s *Server) Close(ctx context.Context) error {
	var errs []error
	s.hangUp() // who waits for a run is told its state now
	s.closeLive()
	for _, h := range s.http {
		if err := h.Shutdown(ctx); err != nil {
			errs = append(errs, h.Close())
		}
	}
	if s.socket != "" {
		if err := os.Remove(s.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if s.socketDir != "" {
		errs = append(errs, os.RemoveAll(s.socketDir))
	}
	s.jobs.close() // they commit through the engine
	if s.engine != nil {
		errs = append(errs, s.engine.Close(ctx))
	}
	if s.sandbox != nil {
		errs = append(errs, s.sandbox.Close(context.WithoutCancel(ctx)))
	}
	if s.files != nil {
		errs = append(errs, s.files.Close())
	}
	if s.logs != nil {
		errs = append(errs, s.logs.close())
	}
	if s.access != nil {
		errs = append(errs, s.access.Close())
	}
	if s.audit != nil {
		errs = append(errs, s.audit.close())
	}
	if s.stop != nil {
		close(s.stop)
		s.stop = nil
		if s.notices != nil {
			<-s.notices.done // it reads the store
		}
	}
	if s.store != nil {
		errs = append(errs, s.store.Close(context.WithoutCancel(ctx)))
	}
	s.wg.Wait()
	return errors.Join(errs...)
}

// serve runs an HTTP server on a listener until Close.
func (s *Server) serve(l net.Listener, h http.Handler) {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: cmp.Or(s.cfg.headerWithin, headerWithin), IdleTimeout: idleMost,
		MaxHeaderBytes: 64 << 10, BaseContext: func(net.Listener) context.Context { return s.calls }, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	s.http = append(s.http, srv)
	s.wg.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	})
}
