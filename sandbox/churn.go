package sandbox

import (
	"context"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// churn changes, adds or deletes a user at each tick until ctx is done.
func (s *service) churn(ctx context.Context, every time.Duration, c *Company) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		w := s.churnWrite(c, i)
		if _, err := s.writeOne(w); err != nil {
			// The write is ours and has no precondition.
			panic("sandbox: churn: " + err.Error())
		}
	}
}

// churnWrite returns the i-th write of the churn.
func (s *service) churnWrite(c *Company, i int) *pb.Write {
	d := c.dice(aboutChurn, i)
	name := func(user int) string { return s.names.root + "/" + userCollection + "/" + c.UserID(user) }
	old := d.n(max(c.Users(), 1))
	u := c.User(old)
	switch d.n(5) {
	case 0: // someone leaves
		return &pb.Write{Operation: &pb.Write_Delete{Delete: name(old)}}
	case 1: // someone joins
		old = c.Users() + i
		u = c.User(old)
	default: // someone's document changes
		u.Nickname = pick(d, nicknameFirst) + " " + pick(d, nicknameSecond)
		u.Level = 1 + d.n(50)
		u.LastLogin = s.db.now().Truncate(time.Millisecond)
	}
	w := fieldWriter{num: documentFields}
	u.write(&w, s.names.root)
	return &pb.Write{Operation: &pb.Write_Update{Update: &pb.Document{Name: name(old), Fields: decodeFields(w.b)}}}
}
