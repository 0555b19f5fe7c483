package bigquery

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The states of a job.
const (
	statePending = "PENDING"
	stateRunning = "RUNNING"
	stateDone    = "DONE"
)

// jobKey is what makes a job unique in its project.
type jobKey struct{ location, id string }

// job is a job and its end. What is not set at its making is guarded by the
// Server's mu.
type job struct {
	key     jobKey
	config  *jobConfig
	echo    map[string]json.RawMessage // the configuration as it was sent
	link    string
	media   *media
	created Int
	cancel  context.CancelFunc
	done    chan struct{} // closed once the state is DONE

	etag           string
	state          string
	started, ended Int
	failed         *Problem
	errors         []*ErrorProto
	load           loadStatistics
	query          queryStatistics
	result         *TableReference // of a query that gives rows
	schema         *Schema
}

// jobConfig is the part of a job's configuration that has meaning here.
type jobConfig struct {
	JobType string          `json:"jobType"`
	Load    *loadConfig     `json:"load"`
	Query   *queryConfig    `json:"query"`
	Copy    json.RawMessage `json:"copy"`
	Extract json.RawMessage `json:"extract"`
	DryRun  bool            `json:"dryRun"`
	Labels  labels          `json:"labels"`
}

// kind returns what the job does, as its configuration names it.
func (c *jobConfig) kind() string {
	if c.Load != nil {
		return "load"
	}
	return "query"
}

type jobStatus struct {
	State       string        `json:"state"`
	ErrorResult *ErrorProto   `json:"errorResult,omitempty"`
	Errors      []*ErrorProto `json:"errors,omitempty"`
}

type jobStatistics struct {
	CreationTime        Int              `json:"creationTime"`
	StartTime           Int              `json:"startTime,omitzero"`
	EndTime             Int              `json:"endTime,omitzero"`
	TotalBytesProcessed *Int             `json:"totalBytesProcessed,omitempty"`
	TotalSlotMs         *Int             `json:"totalSlotMs,omitempty"`
	Load                *loadStatistics  `json:"load,omitempty"`
	Query               *queryStatistics `json:"query,omitempty"`
}

type loadStatistics struct {
	InputFiles     Int `json:"inputFiles"`
	InputFileBytes Int `json:"inputFileBytes"`
	OutputRows     Int `json:"outputRows"`
	OutputBytes    Int `json:"outputBytes"`
	BadRecords     Int `json:"badRecords"`
}

type dmlStats struct {
	Inserted Int `json:"insertedRowCount,omitzero"`
	Deleted  Int `json:"deletedRowCount,omitzero"`
	Updated  Int `json:"updatedRowCount,omitzero"`
}

type queryStatistics struct {
	StatementType       string            `json:"statementType,omitempty"`
	TotalBytesProcessed Int               `json:"totalBytesProcessed"`
	TotalBytesBilled    Int               `json:"totalBytesBilled"`
	Accuracy            string            `json:"totalBytesProcessedAccuracy,omitempty"`
	CacheHit            bool              `json:"cacheHit"`
	ReferencedTables    []*TableReference `json:"referencedTables,omitempty"`
	Schema              *Schema           `json:"schema,omitempty"`
	NumDmlAffectedRows  *Int              `json:"numDmlAffectedRows,omitempty"`
	DmlStats            *dmlStats         `json:"dmlStats,omitempty"`
	DdlOperation        string            `json:"ddlOperationPerformed,omitempty"`
	DdlTarget           *TableReference   `json:"ddlTargetTable,omitempty"`
}

// jobResource is a job on the wire. In a list it has its state and error
// outside of the status too.
type jobResource struct {
	Kind          string                     `json:"kind"`
	ETag          string                     `json:"etag,omitempty"`
	ID            string                     `json:"id,omitempty"`
	SelfLink      string                     `json:"selfLink,omitempty"`
	UserEmail     string                     `json:"user_email"`
	Configuration map[string]json.RawMessage `json:"configuration"`
	Reference     *JobReference              `json:"jobReference"`
	Statistics    jobStatistics              `json:"statistics"`
	Status        jobStatus                  `json:"status"`
	State         string                     `json:"state,omitempty"`
	ErrorResult   *ErrorProto                `json:"errorResult,omitempty"`
}

// fullID returns a job's id with project and location.
func (s *Server) fullID(k jobKey) string {
	return s.config.Project + ":" + k.location + "." + k.id
}

// resource returns the job as it stands; mu is held.
func (s *Server) resource(j *job) *jobResource {
	r := &jobResource{
		Kind: "bigquery#job", ETag: j.etag, ID: s.fullID(j.key), SelfLink: j.link,
		UserEmail:     "sandbox@" + s.config.Project + ".iam.gserviceaccount.com",
		Configuration: j.echo,
		Reference:     &JobReference{s.config.Project, j.key.id, j.key.location},
		Statistics:    jobStatistics{CreationTime: j.created, StartTime: j.started, EndTime: j.ended},
		Status:        jobStatus{State: j.state, Errors: slices.Clone(j.errors)},
	}
	if j.failed != nil {
		r.Status.ErrorResult = j.failed.proto()
		if len(r.Status.Errors) == 0 {
			r.Status.Errors = []*ErrorProto{r.Status.ErrorResult}
		}
	}
	if j.state != stateDone {
		return r
	}
	slots := j.ended - j.started
	r.Statistics.TotalSlotMs = &slots
	if j.config.Load != nil {
		if j.failed == nil {
			l := j.load
			r.Statistics.Load = &l
		}
	} else {
		q := j.query
		r.Statistics.Query, r.Statistics.TotalBytesProcessed = &q, &q.TotalBytesProcessed
	}
	return r
}

var validJob = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// insertJob makes a job from a request's resource and, for a load, its media.
// It takes the media over.
func (s *Server) insertJob(c *call, resource []byte, m *media) (*jobResource, error) {
	keep := false
	defer func() {
		if !keep {
			m.remove()
		}
	}()
	var r struct {
		Reference     *JobReference              `json:"jobReference"`
		Configuration map[string]json.RawMessage `json:"configuration"`
	}
	if err := decode(resource, &r); err != nil {
		return nil, err
	}
	b, err := json.Marshal(r.Configuration)
	if err != nil {
		return nil, err
	}
	j := &job{config: &jobConfig{}, echo: r.Configuration, media: m, state: statePending, done: make(chan struct{})}
	if err := decode(b, j.config); err != nil {
		return nil, err
	}
	if ref := r.Reference; ref != nil {
		if ref.ProjectID != "" && ref.ProjectID != s.config.Project {
			return nil, problem(ReasonInvalid, "The job's project %s does not match the project of the request.", ref.ProjectID)
		}
		j.key = jobKey{ref.Location, ref.JobID}
	}
	res, err := s.start(c, j)
	keep = err == nil && !j.config.DryRun
	return res, err
}

// start checks a job and runs it in the background.
func (s *Server) start(c *call, j *job) (*jobResource, error) {
	switch {
	case j.config.Copy != nil || j.config.Extract != nil:
		return nil, problem(ReasonNotImplemented, "Copy and extract jobs are not supported by the sandbox.")
	case (j.config.Load == nil) == (j.config.Query == nil):
		return nil, problem(ReasonRequired, "Required parameter is missing: a job has exactly one of load and query.")
	case j.key.id != "" && (len(j.key.id) > 1024 || !validJob.MatchString(j.key.id)):
		return nil, problem(ReasonInvalid, "Invalid job ID %q. The ID must contain only letters, numbers, underscores, or dashes and have a maximum length of 1,024 characters.", j.key.id)
	}
	for k, v := range j.config.Labels {
		if err := checkLabel(k, v); err != nil {
			return nil, err
		}
	}
	j.echo["jobType"] = json.RawMessage(strconv.Quote(strings.ToUpper(j.config.kind())))
	if err := s.expire(c.Context()); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if j.config.Load != nil {
		j.key.location, err = s.checkLoad(j.config.Load, j.key.location, j.media)
	} else {
		j.key.location, err = s.checkQuery(c.Context(), j, j.key.location)
	}
	if err != nil {
		return nil, err
	}
	j.created = s.millis()
	if j.config.DryRun {
		j.started, j.ended, j.state = j.created, j.created, stateDone
		res := s.resource(j)
		res.ID, res.SelfLink, res.Reference.JobID = "", "", ""
		return res, nil
	}
	if j.key.id == "" {
		j.key.id = "job_" + rand.Text()
	}
	if s.jobs[j.key] != nil {
		return nil, problem(ReasonDuplicate, "Already Exists: Job %s", s.fullID(j.key))
	}
	j.link = s.link(c, "jobs/"+j.key.id) + "?location=" + j.key.location
	j.etag = s.nextETag()
	s.jobs[j.key], s.order = j, append(s.order, j)
	s.stats.JobsAccepted++
	if j.config.Load != nil {
		s.stats.LoadsAccepted++
	}
	res := s.resource(j)
	var ctx context.Context
	ctx, j.cancel = context.WithCancel(s.background)
	s.tasks.Go(func() { s.run(ctx, j) })
	return res, nil
}

func checkLabel(k, v string) error {
	if k == "" || len([]rune(k)) > 63 || len([]rune(v)) > 63 || strings.ToLower(k) != k || strings.ToLower(v) != v || strings.ContainsAny(k+v, " .:/=") {
		return problem(ReasonInvalid, "Invalid label %q: %q. Label keys and values can contain only lowercase letters, numeric characters, underscores and dashes, at most 63 characters; keys must not be empty.", k, v)
	}
	return nil
}

// run carries a job to its end.
func (s *Server) run(ctx context.Context, j *job) {
	defer j.cancel()
	var err error
	if s.config.Delay > 0 {
		t := time.NewTimer(s.config.Delay)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
		}
	}
	s.mu.Lock()
	j.started, j.state, j.etag = s.millis(), stateRunning, s.nextETag()
	fault := s.takeFault(j.config.kind())
	s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		err = ctx.Err()
	case fault != nil:
		err = fault
	case j.config.Load != nil:
		err = s.runLoad(ctx, j)
	default:
		err = s.runQuery(ctx, j)
	}
	j.media.remove()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if ctx.Err() != nil {
			err = problem(ReasonStopped, "Job execution was cancelled: User requested cancellation")
		}
		j.failed = asProblem(err)
	}
	j.ended, j.state, j.etag = s.millis(), stateDone, s.nextETag()
	if j.config.Load != nil && err == nil {
		s.stats.RowsLoaded += int64(j.load.OutputRows)
	}
	close(j.done)
}

// jobFault is how the next job of a kind will end.
type jobFault struct {
	kind    string
	problem Problem
}

// FailJob lets the next job of a kind, "load" or "query" or "" for any, end
// with a problem instead of doing its work. Calls add up.
func (s *Server) FailJob(kind string, p Problem) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, jobFault{kind, p})
}

func (s *Server) takeFault(kind string) *Problem {
	for i, f := range s.faults {
		if f.kind == "" || f.kind == kind {
			s.faults = slices.Delete(s.faults, i, i+1)
			return &f.problem
		}
	}
	return nil
}

// findJob finds the job that a request names. As Google's, it looks only in
// the location that is named, or in US and EU; mu is held.
func (s *Server) findJob(c *call) (*job, error) {
	location := c.URL.Query().Get("location")
	for _, l := range []string{location, "US", "EU"} {
		for k, j := range s.jobs {
			if k.id == c.id && strings.EqualFold(k.location, l) {
				return j, nil
			}
		}
		if location != "" {
			return nil, problem(ReasonNotFound, "Not found: Job %s:%s.%s", s.config.Project, location, c.id)
		}
	}
	return nil, problem(ReasonNotFound, "Not found: Job %s:%s", s.config.Project, c.id)
}

func getJob(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	return s.resource(j), nil
}

func cancelJob(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	j.cancel()
	return struct {
		Kind string       `json:"kind"`
		Job  *jobResource `json:"job"`
	}{"bigquery#jobCancelResponse", s.resource(j)}, nil
}

func deleteJob(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, err := s.findJob(c)
	if err != nil {
		return nil, err
	}
	if j.state != stateDone {
		return nil, problem(ReasonInvalid, "Job %s is still running.", s.fullID(j.key))
	}
	delete(s.jobs, j.key)
	s.order = slices.DeleteFunc(s.order, func(o *job) bool { return o == j })
	return nil, nil
}

func listJobs(s *Server, c *call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := c.URL.Query()
	var least, most Int
	for name, to := range map[string]*Int{"minCreationTime": &least, "maxCreationTime": &most} {
		if v := q.Get(name); v != "" {
			if err := to.UnmarshalJSON([]byte(v)); err != nil {
				return nil, problem(ReasonInvalid, "Invalid value %q for %s.", v, name)
			}
		}
	}
	items := []*jobResource{}
	for _, j := range slices.Backward(s.order) {
		states := q["stateFilter"]
		if len(states) > 0 && !slices.ContainsFunc(states, func(f string) bool { return strings.EqualFold(f, j.state) }) ||
			j.created < least || most > 0 && j.created > most {
			continue
		}
		r := s.resource(j)
		r.State, r.ErrorResult = r.Status.State, r.Status.ErrorResult
		items = append(items, r)
	}
	items, next, err := page(c, items, 1000)
	if err != nil {
		return nil, err
	}
	return struct {
		Kind string         `json:"kind"`
		ETag string         `json:"etag"`
		Next string         `json:"nextPageToken,omitempty"`
		Jobs []*jobResource `json:"jobs"`
	}{"bigquery#jobList", strconv.Quote("l" + strconv.FormatInt(s.serial, 10)), next, items}, nil
}

func postJob(s *Server, c *call) (any, error) {
	var raw json.RawMessage
	if err := body(c, &raw); err != nil {
		return nil, err
	}
	return s.insertJob(c, raw, nil)
}
