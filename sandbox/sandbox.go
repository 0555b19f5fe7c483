package sandbox

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/sandbox/bigquery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Config says what a sandbox serves. The zero value serves the Calback company
// of seed 0 as of today on a free port of 127.0.0.1.
type Config struct {
	// Listen is the TCP address; empty means 127.0.0.1:0.
	Listen string
	// Project is the one project that exists; empty means "calback-demo".
	Project string
	// Database is its one database; empty means "(default)".
	Database string
	// Seed and Date (of which only the UTC day counts) determine the company:
	// equal ones give equal documents. A zero Date means today.
	Seed uint64
	Date time.Time
	// Users and Meetings are how many the company has; zero means 30,240 and
	// 8,120, a negative number none.
	Users, Meetings int
	// Events is about how many events a day has; zero means four for each user,
	// a negative number none.
	Events int
	// Property is how the Analytics property behaves.
	Property Property
	// BigQuery is how the warehouse behaves; its Project, Log and Now are those of
	// the sandbox.
	BigQuery bigquery.Config
	// EventFiles are events read from NDJSON in place of the company's; a line
	// has the API names of dimensions and metrics as keys, e.g. {"date":
	// "2026-11-20", "eventName": "login", "customUser:MID": "u1"}.
	EventFiles []string
	// Files are collections read from NDJSON. A collection that the company has
	// too is replaced by the file.
	Files []File
	// Churn, if positive, is how often some user is changed, added or deleted.
	Churn time.Duration
	// Faults are injected from the start.
	Faults []Fault
	// Auth says who may do what; nil asks nobody for credentials.
	Auth *Auth
	// Log receives one line per call at level debug; nil discards them.
	Log *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	if c.Project == "" {
		c.Project = "calback-demo"
	}
	if c.Database == "" {
		c.Database = "(default)"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Date.IsZero() {
		c.Date = c.Now()
	}
	if c.Users == 0 {
		c.Users = defaultUsers
	}
	if c.Meetings == 0 {
		c.Meetings = defaultMeetings
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// methods are the calls of the Firestore service that a fault may name.
var methods = func() []string {
	var names []string
	for _, m := range pb.Firestore_ServiceDesc.Methods {
		names = append(names, m.MethodName)
	}
	for _, m := range pb.Firestore_ServiceDesc.Streams {
		names = append(names, m.StreamName)
	}
	return names
}()

// Sandbox is a running server.
type Sandbox struct {
	service *service
	company *Company
	server  *grpc.Server
	web     *http.Server

	analytics *analytics
	routes    []route
	calls     turnstile // of web
	port      *port
	cancel    context.CancelFunc
	abort     context.CancelFunc // cancels the calls of web
	bq        *warehouse
	tasks     sync.WaitGroup
	failed    [3]error // of the servers and the port; read after tasks is done
}

// Open loads the data, listens and serves until Close. Cancelling ctx abandons
// the loading; once Open has returned it has no effect.
func Open(ctx context.Context, c Config) (*Sandbox, error) {
	c = c.withDefaults()
	s := &Sandbox{company: NewCompany(c.Seed, c.Date, c.Users, c.Meetings)}
	if c.Events != 0 {
		s.company = s.company.WithEvents(c.Events)
	}
	n := newNames(c.Project, c.Database)
	s.service = &service{names: n, db: newDatabase(c.Now), log: c.Log, faults: faultSet{names: n},
		open: transactions{open: map[string]*transaction{}}}
	for _, f := range c.Faults {
		s.Inject(f)
	}
	if err := s.service.seed(ctx, s.company); err != nil {
		return nil, err
	}
	if err := s.service.loadFiles(ctx, c.Files); err != nil {
		return nil, err
	}
	var log eventLog = s.company
	if len(c.EventFiles) > 0 {
		l, err := loadEvents(ctx, c.EventFiles)
		if err != nil {
			return nil, err
		}
		log = l
	}
	s.mountAll(c, log)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, fault.New("sandbox_listen", "address", c.Listen).Because(err)
	}
	s.port = newPort(l)
	s.server = grpc.NewServer(
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(11<<20), // a commit may have 10 MiB
		grpc.WriteBufferSize(256<<10),
		grpc.WaitForHandlers(true),
		grpc.UnaryInterceptor(s.service.unary),
		grpc.StreamInterceptor(s.service.stream))
	pb.RegisterFirestoreServer(s.server, s.service)
	var background context.Context
	background, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	calls, abort := context.WithCancel(context.WithoutCancel(ctx))
	s.abort = abort
	s.web = &http.Server{Handler: s, BaseContext: func(net.Listener) context.Context { return calls }, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(c.Log.Handler(), slog.LevelDebug)}
	s.tasks.Go(func() { s.failed[0] = s.server.Serve(s.port.rpc) })
	s.tasks.Go(func() { s.failed[1] = s.web.Serve(s.port.http) })
	s.tasks.Go(func() { s.failed[2] = s.port.serve() })
	if c.Churn > 0 {
		s.tasks.Go(func() { s.service.churn(background, c.Churn, s.company) })
	}
	return s, nil
}

// Addr returns the address that clients dial.
func (s *Sandbox) Addr() string { return s.port.Addr().String() }

// Project returns the project that the sandbox serves.
func (s *Sandbox) Project() string { return s.service.names.project }

// Company returns the company whose data is served.
func (s *Sandbox) Company() *Company { return s.company }

// Collection is a collection of the sandbox's, or several of one id, with how many
// documents it has.
type Collection struct {
	ID        string `json:"id"`
	Documents int    `json:"documents"`
}

// Collections returns what there is, by id, those that came from files included.
func (s *Sandbox) Collections() []Collection { return s.service.db.collections() }

// Stats returns what was answered so far.
func (s *Sandbox) Stats() Stats { return s.service.meter.snapshot() }

// Inject makes a fault happen from now on.
func (s *Sandbox) Inject(f Fault) { s.service.faults.inject(f) }

// Close lets running calls end until ctx is done, then cuts them off, and
// returns once every goroutine of the sandbox has ended.
func (s *Sandbox) Close(ctx context.Context) error {
	s.cancel()
	closed := s.port.close()
	stopped := make(chan struct{})
	go func() {
		s.server.GracefulStop()
		close(stopped)
	}()
	cut := s.stopHTTP(ctx)
	select {
	case <-stopped:
	case <-ctx.Done():
		s.server.Stop()
		<-stopped
	}
	s.tasks.Wait()
	s.abort()
	errs := []error{closed, cut, s.bq.close()}
	for _, err := range s.failed {
		if !errors.Is(err, grpc.ErrServerStopped) && !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (s *service) unary(ctx context.Context, r any, i *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	start := time.Now()
	method := path.Base(i.FullMethod)
	s.meter.call(Firestore, method)
	drop, err := s.faults.before(ctx, Firestore, method)
	var res any
	if err == nil {
		err = s.authorizeRPC(ctx, method)
	}
	if err == nil {
		res, err = handle(ctx, r)
	}
	if drop {
		res, err = nil, status.Error(codes.Unavailable, "error reading from server: EOF")
	}
	s.logCall(ctx, method, start, err)
	return res, err
}

func (s *service) stream(srv any, st grpc.ServerStream, i *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	start := time.Now()
	method := path.Base(i.FullMethod)
	s.meter.call(Firestore, method)
	drop, err := s.faults.before(st.Context(), Firestore, method)
	if err == nil {
		err = s.authorizeRPC(st.Context(), method)
	}
	if err == nil {
		err = handle(srv, st)
	}
	if drop {
		err = status.Error(codes.Unavailable, "error reading from server: EOF")
	}
	s.logCall(st.Context(), method, start, err)
	return err
}

func (s *service) logCall(ctx context.Context, method string, start time.Time, err error) {
	code := codes.OK
	if st, ok := status.FromError(err); ok {
		code = st.Code()
	} else {
		code = status.FromContextError(err).Code()
	}
	level := slog.LevelDebug
	if code == codes.Unknown || code == codes.Internal {
		level = slog.LevelError
	}
	s.log.Log(ctx, level, "firestore call", "method", method, "code", code.String(), "took", time.Since(start), "error", err)
}
