package server

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/web"
)

// Bounds of the jobs: how many go at once, and how many that ended are kept to
// be asked for.
const (
	jobsAtOnce = 8
	jobsKept   = 100
)

// The states of a job.
const (
	jobGoing     = "going"
	jobDone      = "done"
	jobFailed    = "failed"
	jobCancelled = "cancelled"
)

// Job is work that goes on after it was asked for.
type Job struct {
	ID string `json:"id"`
	// What is "empty": a queue is emptied.
	What string `json:"what"`
	Flow string `json:"flow,omitempty"`
	Conn string `json:"connection,omitempty"`
	Run  string `json:"run,omitempty"`
	// State is going, done, failed or cancelled.
	State string `json:"state" jsonschema:"enum=going,enum=done,enum=failed,enum=cancelled"`
	// Done of Total FlowFiles are dealt with; Rows are those of what was removed.
	Done  int64 `json:"done"`
	Total int64 `json:"total"`
	Rows  int64 `json:"rows"`
	// Left is how many FlowFiles stayed because sessions had them in their hands,
	// Gone how many had moved on by themselves.
	Left  int64        `json:"left"`
	Gone  int64        `json:"gone"`
	Began time.Time    `json:"began"`
	Ended time.Time    `json:"ended,omitzero"`
	Error *web.Failure `json:"error,omitempty"`
}

// job is one at work, or one that has ended.
type job struct {
	mu     sync.Mutex
	view   Job
	cancel context.CancelCauseFunc
}

func (j *job) did(rows int64) {
	j.mu.Lock()
	j.view.Done++
	j.view.Rows += max(rows, 0)
	j.mu.Unlock()
}

func (j *job) left(n int64) {
	j.mu.Lock()
	j.view.Left += n
	j.mu.Unlock()
}

func (j *job) gone() {
	j.mu.Lock()
	j.view.Gone++
	j.mu.Unlock()
}

func (j *job) look() *Job {
	j.mu.Lock()
	defer j.mu.Unlock()
	v := j.view
	return &v
}

func (j *job) end(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.view.Ended = time.Now()
	switch {
	case err == nil:
		j.view.State = jobDone
	case errors.Is(err, errJobCancelled) || errors.Is(err, context.Canceled):
		j.view.State = jobCancelled
	default:
		j.view.State, j.view.Error = jobFailed, fault.NoteOf(err)
	}
}

var errJobCancelled = errors.New("the job was cancelled")

// jobs are the jobs of a server. Whoever owns it calls close, which joins them.
// The zero value is ready.
type jobs struct {
	mu     sync.Mutex
	closed bool
	last   int
	all    []*job // oldest first
	wg     sync.WaitGroup
}

// start begins a job as described: What, what it works on and Total. One that
// does the same and still goes is returned instead.
func (s *jobs) start(ctx context.Context, as Job, do func(context.Context, *job) error) (*Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	going := 0
	for _, j := range s.all {
		v := j.look()
		if v.State != jobGoing {
			continue
		}
		if v.What == as.What && v.Flow == as.Flow && v.Conn == as.Conn && v.Run == as.Run {
			return v, nil
		}
		going++
	}
	if going >= jobsAtOnce || s.closed {
		return nil, fault.New("jobs_busy", "count", going)
	}
	if n := len(s.all) - jobsKept; n >= 0 {
		i := slices.IndexFunc(s.all, func(j *job) bool { return j.look().State != jobGoing })
		s.all = slices.Delete(s.all, i, i+1)
	}
	s.last++
	ctx, cancel := context.WithCancelCause(ctx)
	as.ID, as.State, as.Began = strconv.Itoa(s.last), jobGoing, time.Now()
	j := &job{cancel: cancel, view: as}
	s.all = append(s.all, j)
	s.wg.Go(func() {
		defer cancel(nil)
		j.end(do(ctx, j))
	})
	return j.look(), nil
}

func (s *jobs) find(id string) (*job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range s.all {
		if j.view.ID == id { // which never changes
			return j, nil
		}
	}
	return nil, fault.New("job_unknown", "job", id).Permanent()
}

// close cancels all jobs and returns once they have ended.
func (s *jobs) close() {
	s.mu.Lock()
	s.closed = true
	for _, j := range s.all {
		j.cancel(errJobCancelled)
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// JobRef names a job.
type JobRef struct {
	ID string `param:"id" json:"-"`
}

func (s *Server) showJob(_ context.Context, in *JobRef) (*Job, error) {
	j, err := s.jobs.find(in.ID)
	if err != nil {
		return nil, err
	}
	return j.look(), nil
}

// cancelJob asks a job to end; it does so after the commit it is at.
func (s *Server) cancelJob(_ context.Context, in *JobRef) (*Job, error) {
	j, err := s.jobs.find(in.ID)
	if err != nil {
		return nil, err
	}
	j.cancel(errJobCancelled)
	return j.look(), nil
}
