package sandbox

import (
	"runtime"
	"sync"
	"time"
)

// zone is where the company and its property are. Seoul has had no summer time
// since 1988, so a fixed offset is exact for every day of the company.
var zone = time.FixedZone("Asia/Seoul", 9*60*60)

// zoneName is the zone's name in answers.
const zoneName = "Asia/Seoul"

const (
	microsPerDay = int64(24 * time.Hour / time.Microsecond)
	zoneMicros   = int64(9 * time.Hour / time.Microsecond)
)

// dayNumber returns the day of a time in the zone, as days since 1970-01-01.
func dayNumber(micros int64) int32 {
	local := micros + zoneMicros
	if local < 0 {
		local -= microsPerDay - 1
	}
	return int32(local / microsPerDay)
}

// midnight returns when a day of the zone begins, in microseconds.
func midnight(day int32) int64 { return int64(day)*microsPerDay - zoneMicros }

// dayOf reads YYYY-MM-DD.
func dayOf(date string) (int32, error) {
	t, err := time.Parse(time.DateOnly, date)
	return int32(t.Unix() / 86400), err
}

// dateOf returns the first moment of a day as if the zone were UTC, for its
// calendar fields.
func dateOf(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// person is what events need to know of a user, or of somebody who has left and
// whose document is gone.
type person struct {
	uid                           string
	seed                          uint64
	created                       int64 // microseconds
	login                         int64 // the last one; 0 for none
	since                         int32 // day of created
	until                         int32 // last day of use
	habit                         float32
	leaning                       float32 // how apt to stay, -1 to 1
	plan, city, platform, country uint8
	weekend                       bool // more active at weekends
}

// crowd is the users and the leavers, and when meetings took place.
type crowd struct {
	list     []person
	perDay   float64 // events of somebody on an active day, on average
	thinning float64 // of the habits, when there are too few events for all
	meetings map[int32][]attendance
	ids      []string // of the meetings' documents
}

// attendance is one participant's begin or end of a meeting.
type attendance struct {
	at      int64
	who     int32
	meeting int32
	took    int64 // microseconds, at the end
}

// Uids of leavers have indices that no user has, nor a user added by the churn.
const leavers = 1 << 30

// whoIsWho returns the crowd, made when first needed.
func (c *Company) whoIsWho() *crowd {
	c.once.Do(func() { c.crowd = c.makeCrowd() })
	return c.crowd
}

func (c *Company) makeCrowd() *crowd {
	p := &crowd{list: make([]person, c.users+(c.users+99)/100), meetings: map[int32][]attendance{}, thinning: 1}
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w * len(p.list) / workers; i < (w+1)*len(p.list)/workers; i++ {
				p.list[i] = c.person(i)
			}
		})
	}
	wg.Wait()
	if len(p.list) == 0 {
		return p
	}
	var active float64
	last := dayNumber(c.day.UnixMicro()) - 1
	for i := range p.list {
		for d := range int32(7) {
			active += p.list[i].chance(last-d) / 7
		}
	}
	p.perDay = float64(c.events) / max(active, 1)
	if p.perDay < fewest {
		p.thinning, p.perDay = p.perDay/fewest, fewest
	}
	c.attend(p)
	return p
}

// fewest is how many events somebody has at least on an active day, on average.
const fewest = 6

func (c *Company) person(i int) person {
	id := i
	if i >= c.users {
		id = leavers + i
	}
	u := c.User(id)
	d := c.dice(aboutHabit, id)
	p := person{uid: u.UID, seed: d.next(), created: u.CreatedAt.UnixMicro(), plan: planCode(u.Plan), city: cityCode(u.City)}
	p.since, p.until = dayNumber(p.created), 1<<30
	if !u.LastLogin.IsZero() {
		p.login = u.LastLogin.UnixMicro()
	}
	x := d.unit()
	switch n := d.n(100); {
	case p.login == 0:
		p.habit = float32(0.004 * x) // never came back
	case n < 40:
		p.habit = float32(0.02 + 0.08*x)
	case n < 75:
		p.habit = float32(0.1 + 0.35*x)
	default:
		p.habit = float32(0.4 + 0.5*x)
	}
	p.leaning = float32(d.unit()*2 - 1)
	if d.n(100) < 25 { // some lose interest for good
		p.until = p.since + int32(5+d.n(120))
	}
	p.weekend = d.oneIn(4)
	p.platform = pick(d, []uint8{0, 0, 0, 0, 0, 1, 1, 1, 2, 2})
	if d.n(100) < 6 {
		p.country = uint8(1 + d.n(len(countries)-1))
	}
	return p
}

// chance returns how likely a person is to be active on a day. Months hang
// together: a month's zeal is shared with the one before, so who was active is
// likelier to be so again, and by no means certain to.
func (p *person) chance(day int32) float64 {
	switch {
	case day < p.since:
		return 0
	case day == p.since:
		return 1
	case day > p.until:
		return float64(p.habit) / 50
	}
	month := monthNumber(day)
	zeal := 0.7*float64(p.leaning) + 0.6*mood(p.seed, month) + 0.4*mood(p.seed, month-1)
	chance := float64(p.habit) * (1 + zeal/3)
	if zeal < -0.4 {
		chance /= 12
	}
	if rest := (day+4)%7 == 0 || (day+4)%7 == 6; rest == p.weekend { // day 0 was a Thursday
		chance *= 1.2
	} else {
		chance *= 0.8
	}
	if day-p.since < 7 {
		chance *= 1.5
	}
	return min(chance, 0.97)
}

// mood is a number in [-1, 1) for a person's month.
func mood(seed uint64, month int32) float64 {
	d := dice{seed ^ uint64(month)*0xd1342543de82ef95}
	return d.unit()*2 - 1
}

// monthNumber returns months since January 1970, by the calendar.
func monthNumber(day int32) int32 {
	// Days since 0000-03-01, split into eras of 400 years (146,097 days).
	z := int(day) + 719468
	doe := z % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153 // 0 is March
	year, month := yoe+z/146097*400, mp+2
	return int32((year-1970)*12 + month)
}

// attend notes who was in which meeting. Nobody is in one from before they
// signed up.
func (c *Company) attend(p *crowd) {
	index := make(map[string]int32, c.users)
	for i := range c.users {
		index[p.list[i].uid] = int32(i)
	}
	p.ids = make([]string, c.meetings)
	for i := range c.meetings {
		m := c.Meeting(i)
		p.ids[i] = m.ID
		if m.Status == "cancelled" {
			continue
		}
		begin := m.StartedAt.UnixMicro()
		for j, uid := range m.Participants {
			who := index[uid]
			if p.list[who].created > begin {
				continue
			}
			at := begin + int64(j)*7_300_000 // one after the other
			if j > 0 && (m.EndedAt.IsZero() || at >= m.EndedAt.UnixMicro()) {
				continue // only the host came, or it was over
			}
			p.meetings[dayNumber(at)] = append(p.meetings[dayNumber(at)], attendance{at: at, who: who, meeting: int32(i)})
			if !m.EndedAt.IsZero() {
				end := m.EndedAt.UnixMicro()
				p.meetings[dayNumber(end)] = append(p.meetings[dayNumber(end)], attendance{end, who, int32(i), max(end-at, 1)})
			}
		}
	}
}
