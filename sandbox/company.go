package sandbox

import (
	"sync"
	"time"
)

// How large the company is when nobody says otherwise.
const (
	defaultUsers    = 30240
	defaultMeetings = 8120
	defaultEvents   = 120000 // a day, for as many users
)

// Company is the seeded demo company, Calback, which arranges video calls. A
// user, meeting, device or day of events is a pure function of the seed, the day and its
// index, so that any part can be made alone, in any order and again.
type Company struct {
	seed            uint64
	day             time.Time
	users, meetings int
	events          int // a day

	once  sync.Once
	crowd *crowd
}

// NewCompany returns the company of a seed as of the UTC day of date; negative
// counts mean none. There are about four events a day for each user; WithEvents
// changes that.
func NewCompany(seed uint64, date time.Time, users, meetings int) *Company {
	y, m, d := date.UTC().Date()
	users = max(users, 0)
	return &Company{seed: seed, day: time.Date(y, m, d, 0, 0, 0, 0, time.UTC), users: users, meetings: max(meetings, 0),
		events: users * defaultEvents / defaultUsers}
}

// Users returns how many users there are.
func (c *Company) Users() int { return c.users }

// Meetings returns how many meetings there are.
func (c *Company) Meetings() int { return c.meetings }

// Day returns the midnight before which everything happened.
func (c *Company) Day() time.Time { return c.day }

// Nouns that have dice of their own, so that a change to one leaves the others
// as they are.
const (
	aboutUser uint64 = iota + 1
	aboutUID
	aboutMeeting
	aboutDevices
	aboutChurn
	aboutHabit
)

// dice is a splitmix64 stream. It is our own so that the data of a seed stays
// the same whatever the standard library does.
type dice struct{ state uint64 }

func (c *Company) dice(about uint64, i int) *dice {
	d := &dice{c.seed*0x9e3779b97f4a7c15 ^ about<<56}
	d.state = d.next() ^ uint64(i)*0xd1342543de82ef95
	d.next()
	return d
}

func (d *dice) next() uint64 {
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// n returns a number in [0, k).
func (d *dice) n(k int) int { return int((d.next() >> 32) * uint64(k) >> 32) }

// unit returns a number in [0, 1).
func (d *dice) unit() float64 { return float64(d.next()>>11) / (1 << 53) }

// oneIn is true once in k throws.
func (d *dice) oneIn(k int) bool { return d.n(k) == 0 }

func pick[T any](d *dice, list []T) T { return list[d.n(len(list))] }

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// id returns n letters and digits, like the ids that clients make.
func (d *dice) id(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = base62[d.n(len(base62))]
	}
	return string(b)
}

// before returns a time up to days before the company's day, more often a
// recent one, to the millisecond.
func (c *Company) before(d *dice, days int) time.Time {
	u := d.unit()
	ago := time.Duration(u * u * float64(days) * float64(24*time.Hour))
	return c.day.Add(-ago - time.Second).Truncate(time.Millisecond)
}
