package sandbox

import (
	"fmt"
	"math"
	"time"
)

// Meeting is a call between users.
type Meeting struct {
	// ID is the document's id, MID the number that people see.
	ID, MID string
	// Host and Participants are uids; the host is the first participant.
	Host         string
	Participants []string
	StartedAt    time.Time
	EndedAt      time.Time // zero for a meeting that nobody came to
	Title        string
	Status       string // done, cancelled, no_show
	// Rating is 1 to 5 in halves, 0 for none; whole ones are held as integers
	// unless RatingForm is AsDouble.
	Rating     float64
	RatingForm Form
}

// DurationSec returns how long the meeting took, in seconds.
func (m *Meeting) DurationSec() int64 {
	if m.EndedAt.IsZero() {
		return 0
	}
	return int64(m.EndedAt.Sub(m.StartedAt) / time.Second)
}

// Meeting returns meeting i, which need not be below Meetings.
func (c *Company) Meeting(i int) Meeting {
	d := c.dice(aboutMeeting, i)
	m := Meeting{ID: d.id(20), MID: fmt.Sprintf("M%07d", i+1), Status: "done"}
	if c.users > 0 {
		seen := map[int]bool{}
		for range 2 + d.n(2) + d.n(2)*d.n(5) {
			if u := d.n(c.users); !seen[u] {
				seen[u] = true
				m.Participants = append(m.Participants, c.UID(u))
			}
		}
		m.Host = m.Participants[0]
	}
	m.StartedAt = c.before(d, 365)
	switch n := d.n(100); {
	case n < 6:
		m.Status = "cancelled"
	case n < 9:
		m.Status = "no_show"
	default:
		m.EndedAt = m.StartedAt.Add(time.Duration(60+d.n(90*60)) * time.Second)
		if m.EndedAt.After(c.day) {
			m.EndedAt = c.day
		}
		if !d.oneIn(4) {
			m.Rating = math.Round(2+d.unit()*8) / 2
		}
		if d.oneIn(3) {
			m.RatingForm = AsDouble
		}
	}
	m.Title = title(d)
	return m
}

func title(d *dice) string {
	topic := pick(d, topics)
	switch d.n(12) {
	case 0:
		return fmt.Sprintf("%s, %s 그리고 질의응답", topic, pick(d, topics))
	case 1:
		return fmt.Sprintf("\"%s\" 이야기", topic)
	case 2:
		return fmt.Sprintf("%s\n- 담당: %s%s\n- 장소: 온라인", topic, pick(d, surnames).name, givenName(d))
	case 3:
		return fmt.Sprintf("[긴급] %s, \"오늘 안에\"", topic)
	case 4:
		return fmt.Sprintf("%d월 %s", 1+d.n(12), topic)
	}
	return topic + " " + pick(d, []string{"회의", "모임", "상담", "정기 회의", "통화"})
}

// write writes the meeting's document.
func (m *Meeting) write(w *fieldWriter) {
	w.integer("durationSec", m.DurationSec())
	if m.EndedAt.IsZero() {
		w.null("endedAt")
	} else {
		w.time("endedAt", m.EndedAt.UnixMicro())
	}
	w.str("host", m.Host)
	w.str("mid", m.MID)
	w.array("participants", len(m.Participants), func(b []byte, i int) []byte { return appendString(b, m.Participants[i]) })
	switch {
	case m.Rating == 0:
	case m.RatingForm == AsInteger && m.Rating == math.Trunc(m.Rating):
		w.integer("rating", int64(m.Rating))
	default:
		w.double("rating", m.Rating)
	}
	w.time("startedAt", m.StartedAt.UnixMicro())
	w.str("status", m.Status)
	w.str("title", m.Title)
}
