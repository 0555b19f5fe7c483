package server

import (
	"context"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flows"
)

// TestedNotices are the secrets whose addresses took a test message.
type TestedNotices struct {
	Sent []string `json:"sent"`
}

// testNotify sends a test message to the flow's webhook, and a ping.
func (s *Server) testNotify(ctx context.Context, in *FlowRef) (*TestedNotices, error) {
	v, err := s.getFlow(ctx, in)
	if err != nil {
		return nil, err
	}
	f, err := flows.Parse(v.Doc)
	if err != nil {
		return nil, err
	}
	if f.Notify == nil {
		return nil, fault.New("notify_absent", "flow", f.ID).Permanent()
	}
	out := &TestedNotices{}
	if w := f.Notify.Webhook; w != nil {
		m := &notice{Event: kindTest, Flow: f.ID, Name: f.Name, At: stamp(s.cfg.Now()), fault: fault.New("notice_test", "flow", f.ID)}
		if err := s.notices.send(ctx, w.Secret, m); err != nil {
			return nil, err
		}
		out.Sent = append(out.Sent, w.Secret)
	}
	if p := f.Notify.Ping; p != nil {
		if err := s.notices.send(ctx, p.Secret, nil); err != nil {
			return nil, err
		}
		out.Sent = append(out.Sent, p.Secret)
	}
	return out, nil
}
