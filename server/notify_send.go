package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/store"
)

// kindTest is the kind of runs that nobody is told of.
const kindTest = "test"

// notice is what a webhook is sent. Text alone suffices for chat programs.
type notice struct {
	Text  string `json:"text"`
	Event string `json:"event"`
	Flow  string `json:"flow"`
	Name  string `json:"name,omitempty"`
	Slot  string `json:"slot,omitempty"`
	Run   string `json:"run,omitempty"`
	State string `json:"state,omitempty"`
	// Code and Why are the run's reason.
	Code string    `json:"code,omitempty"`
	Why  string    `json:"why,omitempty"`
	Rows int64     `json:"rows"`
	At   time.Time `json:"at"`

	fault *fault.Error // what Text is rendered from
}

// about makes the message about a run that has ended.
func (n *notifier) about(f *flows.Flow, r *runs.Run, e store.Ending, event string) *notice {
	m := &notice{Event: event, Flow: r.Flow, Name: f.Name, Slot: r.Slot, Run: r.ID, State: string(e.State), Code: r.Code, Why: r.Why,
		Rows: r.Committed().Rows, At: stamp(e.At)}
	why := r.Why
	if r.Note != nil {
		why = r.Note.Text(n.s.cfg.Lang)
	}
	if event == flows.OnPartial {
		m.fault = fault.New("notice_partial", "flow", r.Flow, "slot", r.Slot, "rows", m.Rows, "run", r.ID, "why", why)
	} else {
		m.fault = fault.New("notice_failed", "flow", r.Flow, "slot", r.Slot, "run", r.ID, "why", why)
	}
	return m
}

// sender posts to addresses that secrets hold.
type sender struct{ client *http.Client }

// mostAnswer is how much of an answer is read, so that a connection can be used
// again.
const mostAnswer = 64 << 10

func newSender() sender {
	return sender{&http.Client{Timeout: 10 * time.Second,
		// An address that sends its callers elsewhere is to be mended by who set it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// send posts a message, or nothing for nil. Neither the address nor an error that
// holds it is ever shown: it is a secret.
func (s sender) send(ctx context.Context, secret, address string, m *notice) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || !(u.Scheme == "https" || u.Scheme == "http" && loopback(u.Hostname())) {
		return fault.New("notice_address", "secret", secret).Permanent()
	}
	var body []byte
	if m != nil {
		if body, err = json.Marshal(m); err != nil {
			return fmt.Errorf("encode notice: %w", err)
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return fault.New("notice_address", "secret", secret).Permanent()
	}
	if m != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	req.Header.Set("User-Agent", "weir")
	res, err := s.client.Do(req)
	if err != nil {
		var outer *url.Error
		if errors.As(err, &outer) {
			err = outer.Err // without the address
		}
		return fault.New("notice_unreachable", "secret", secret).Because(err)
	}
	_, err = io.Copy(io.Discard, io.LimitReader(res.Body, mostAnswer))
	err = errors.Join(err, res.Body.Close())
	switch c := res.StatusCode; {
	case c >= 200 && c < 300:
		return nil // whatever became of the rest of the answer
	case c == http.StatusRequestTimeout, c == http.StatusTooManyRequests, c >= 500:
		return fault.New("notice_refused", "secret", secret, "status", res.Status).Because(err)
	}
	return fault.New("notice_refused", "secret", secret, "status", res.Status).Permanent().Because(err)
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
