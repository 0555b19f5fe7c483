package sandbox

import (
	"time"
)

// Event is something that somebody did in the company's app, as Google
// Analytics has it.
type Event struct {
	// Time is when, to the microsecond; its day in Asia/Seoul is the event's date.
	Time time.Time
	Name string
	// UID is the user property MID: the uid of a user's document, or of somebody
	// whose document is gone; empty when nobody was logged in.
	UID string
	// Plan is empty when nobody was logged in.
	Plan                    string
	Platform, Country, City string
	Screen, Source          string
	// MeetingID is the id of the meeting's document, or empty.
	MeetingID string
	// Session and Device tell sessions and people apart, logged in or not.
	Session, Device uint64
	// Count is how many events this stands for; 1 but for events of files.
	Count int64
	// Engaged is how long the app was in front since the event before.
	Engaged time.Duration
	// Revenue is in won, in millionths.
	Revenue int64
}

// Dimensions that an event has a code for. Code 0 of the last four is "(not
// set)".
const (
	codeName = iota
	codePlatform
	codeCountry
	codeCity
	codeScreen
	codeMID
	codePlan
	codeMeeting
	codeSource
	codes_
)

// event is an Event in the compact form that is made and counted.
type event struct {
	at, count        int64
	engaged, revenue int64 // microseconds, millionths
	device, session  uint64
	dice             uint64 // of this event, for sampling and lateness
	day              int32
	code             [codes_]uint32
	view, key        bool
}

// Names of events, in the order of their codes.
const (
	sessionStart = iota
	screenView
	pageView
	login
	signUp
	meetingStart
	meetingEnd
	purchase
	messageSend
	buttonClick
	inviteSend
	appOpen
)

var (
	eventNames = []string{"session_start", "screen_view", "page_view", "login", "sign_up", "meeting_start", "meeting_end",
		"purchase", "message_send", "button_click", "invite_send", "app_open"}
	platforms  = []string{"Android", "iOS", "web"}
	countries  = []string{"South Korea", "United States", "Japan", "Vietnam", "Australia"}
	cityNames  = []string{"Seoul", "Busan", "Incheon", "Daegu", "Daejeon", "Gwangju", "Ulsan", "Suwon", "Seongnam", "Goyang", "Cheongju", "Jeonju", "Jeju", "Chuncheon"}
	koreanCity = []string{"서울", "부산", "인천", "대구", "대전", "광주", "울산", "수원", "성남", "고양", "청주", "전주", "제주", "춘천"}
	screens    = []string{"홈", "일정", "회의", "대화", "프로필", "설정", "검색", "결제", "알림", "친구", "기록", "도움말"}
	planNames  = []string{notSet, "free", "basic", "pro", "team"}
	sources    = []string{notSet, "direct", "push", "search", "invite", "ad", "email"}
)

// notSet is what a dimension without a value shows.
const notSet = "(not set)"

// keyEvents are the ones that the property marks as such.
func isKey(name string) bool { return name == "sign_up" || name == "purchase" || name == "meeting_end" }

func isView(name string) bool { return name == "screen_view" || name == "page_view" }

func planCode(plan string) uint8 { return codeIn(planNames, plan) }

func cityCode(korean string) uint8 { return codeIn(koreanCity, korean) }

func codeIn(list []string, what string) uint8 {
	for i, s := range list {
		if s == what {
			return uint8(i)
		}
	}
	return 0
}

// busy has the hours of a day as often as people begin a session in them.
var busy = func() (list [64]int64) {
	i := 0
	for hour, n := range []int{1, 1, 0, 0, 0, 1, 2, 3, 4, 3, 3, 3, 4, 3, 3, 3, 3, 3, 4, 5, 5, 4, 3, 3} {
		for range n {
			list[i] = int64(hour)
			i++
		}
	}
	return list
}()

const second = int64(time.Second / time.Microsecond)

// emit is what receives events; the event is reused for the next.
type emit func(*event) bool

// eventsOf makes the events of a day in Asia/Seoul, person by person and not in
// the order of time, until yield returns false.
func (c *Company) eventsOf(day int32, yield emit) bool {
	p := c.whoIsWho()
	if c.events <= 0 || len(p.list) == 0 {
		return true
	}
	m := maker{c: c, day: day, start: midnight(day), yield: yield, going: true}
	m.e.day, m.e.count = day, 1
	for i := range p.list {
		who := &p.list[i]
		if day < who.since {
			continue
		}
		m.dice = dice{who.seed ^ uint64(uint32(day))*0x9e3779b97f4a7c15}
		chance := who.chance(day) * p.thinning
		if day == who.since {
			chance = 1
		}
		active := m.dice.unit() < chance
		if !active && (who.login == 0 || dayNumber(who.login) != day) {
			continue
		}
		if m.person(i, who, active, p.perDay); !m.going {
			return false
		}
	}
	for _, a := range p.meetings[day] {
		if m.attendance(p, a); !m.going {
			return false
		}
	}
	return true
}

// maker makes the events of one day.
type maker struct {
	c     *Company
	day   int32
	start int64
	yield emit
	going bool
	dice  dice
	e     event
}

func (m *maker) emit(name int, at int64, dice uint64) {
	e := &m.e
	e.at, e.dice = at, dice
	e.code[codeName] = uint32(name)
	e.view = name == screenView || name == pageView
	e.key = name == signUp || name == purchase || name == meetingEnd
	m.going = m.going && m.yield(e)
}

// be fills in what all events of a person share.
func (m *maker) be(i int, who *person, session int, loggedOut bool) {
	e := &m.e
	e.engaged, e.revenue = 0, 0
	e.device = uint64(i+1) << 1
	e.code = [codes_]uint32{codePlatform: uint32(who.platform), codeCountry: uint32(who.country), codeCity: uint32(who.city),
		codeMID: uint32(i + 1), codePlan: uint32(who.plan), codeSource: 1}
	if loggedOut {
		e.device |= 1
		e.code[codeMID], e.code[codePlan] = 0, 0
	}
	e.session = e.device<<32 | uint64(uint16(m.day))<<8 | uint64(session)
}

// person makes what somebody did, meetings apart.
func (m *maker) person(i int, who *person, active bool, perDay float64) {
	e, d := &m.e, &m.dice
	first := m.start
	if m.day == who.since {
		first = who.created + second
		m.be(i, who, 0, false)
		m.emit(signUp, who.created, d.next())
	}
	if who.login != 0 && dayNumber(who.login) == m.day && who.login >= who.created {
		m.be(i, who, 1, false)
		m.emit(login, who.login, d.next())
	}
	if !active {
		return
	}
	sessions := 1
	if r := d.n(100); r < 12 {
		sessions = 3
	} else if r < 45 {
		sessions = 2
	}
	each := max(2, int(perDay*(0.25+1.5*d.unit())/float64(sessions)+d.unit()))
	for s := range sessions {
		m.be(i, who, 2+s, d.n(100) < 3)
		e.code[codeSource] = uint32(1 + d.n(len(sources)-1))
		at := m.start + busy[d.n(64)]*3600*second + int64(d.n(3600_000_000))
		if at < first {
			at = first + int64(d.n(60_000_000))
		}
		m.session(who, at, each)
	}
}

// session makes the events of one session, up to the end of the day.
func (m *maker) session(who *person, at int64, n int) {
	e, d := &m.e, &m.dice
	end := m.start + microsPerDay
	pause := uint64(0xffff) // milliseconds
	if n > 60 {
		pause = 0x3fff // or it would go on for hours
	}
	view := screenView
	if who.platform == 2 {
		view = pageView
	}
	// Nobody logs in after the last time that their document tells of, as far as
	// the company's day.
	mayLogin := e.code[codeMID] != 0 && (at < who.login || at >= m.c.day.UnixMicro())
	for k := range n {
		if at >= end || !m.going {
			return
		}
		r := d.next()
		name := view
		switch x := r >> 58; {
		case k == 0:
			name = sessionStart
		case k == 1 && mayLogin && x < 8:
			name = login
		case x < 44:
		case x < 52:
			name = messageSend
		case x < 59:
			name = buttonClick
		case x < 61:
			name = inviteSend
		case x == 61 && r>>52&15 == 0 && e.code[codePlan] > 1:
			name = purchase
			e.revenue = int64(e.code[codePlan]-1) * 9900 * 1e6
		default:
			name = appOpen
		}
		e.code[codeScreen] = uint32(r>>32&0xffff) * uint32(len(screens)) >> 16
		m.emit(name, at, r)
		e.revenue = 0
		// The time to the next event is what the app was in front; it is split into
		// whole milliseconds.
		e.engaged = int64(800+r&pause) * 1000
		at += e.engaged
	}
}

// attendance makes what one participant of a meeting did.
func (m *maker) attendance(p *crowd, a attendance) {
	who := &p.list[a.who]
	m.be(int(a.who), who, 5+int(a.meeting%200), false)
	m.e.code[codeMeeting], m.e.code[codeScreen] = uint32(a.meeting)+1, 2
	m.e.engaged = a.took
	name := meetingStart
	if a.took > 0 {
		name = meetingEnd
	}
	d := dice{who.seed ^ uint64(a.meeting)<<8 ^ uint64(name)}
	m.emit(name, a.at, d.next())
}

// text returns the value that a code stands for.
func (c *Company) text(dimension int, code uint32) string {
	switch dimension {
	case codeName:
		return eventNames[code]
	case codePlatform:
		return platforms[code]
	case codeCountry:
		return countries[code]
	case codeCity:
		return cityNames[code]
	case codeScreen:
		return screens[code]
	case codePlan:
		return planNames[code]
	case codeSource:
		return sources[code]
	case codeMID:
		if code > 0 {
			return c.whoIsWho().list[code-1].uid
		}
	case codeMeeting:
		if code > 0 {
			return c.whoIsWho().ids[code-1]
		}
	}
	return notSet
}

// size returns how many codes a dimension has.
func (c *Company) size(dimension int) int {
	switch dimension {
	case codeMID:
		return len(c.whoIsWho().list) + 1
	case codeMeeting:
		return len(c.whoIsWho().ids) + 1
	case codeCity:
		return len(cityNames)
	}
	return 16 // more than any of the other lists has
}

// EventsPerDay returns about how many events a day has when the company is as
// large as on its day.
func (c *Company) EventsPerDay() int { return c.events }

// WithEvents returns the same company with another number of events a day; a
// negative one means none. Its other documents stay as they are.
func (c *Company) WithEvents(perDay int) *Company {
	return &Company{seed: c.seed, day: c.day, users: c.users, meetings: c.meetings, events: max(perDay, 0)}
}

// Events calls yield with each event of a day (YYYY-MM-DD, in Asia/Seoul), in
// the same order each time but not that of time, until it returns false. It is
// what reports are counted from, once all of it has arrived.
func (c *Company) Events(date string, yield func(Event) bool) error {
	day, err := dayOf(date)
	if err != nil {
		return err
	}
	c.eventsOf(day, func(e *event) bool { return yield(exported(c, e)) })
	return nil
}

// exported returns an event for other packages.
func exported(log eventLog, e *event) Event {
	some := func(dimension int) string {
		if s := log.text(dimension, e.code[dimension]); s != notSet {
			return s
		}
		return ""
	}
	return Event{Time: time.UnixMicro(e.at).UTC(), Name: some(codeName), UID: some(codeMID), Plan: some(codePlan),
		Platform: some(codePlatform), Country: some(codeCountry), City: some(codeCity), Screen: some(codeScreen),
		Source: some(codeSource), MeetingID: some(codeMeeting), Session: e.session, Device: e.device, Count: e.count,
		Engaged: time.Duration(e.engaged) * time.Microsecond, Revenue: e.revenue}
}

// eventLog is where events come from: the company or files.
type eventLog interface {
	// eventsOf calls yield with the events of a day in no particular order.
	eventsOf(day int32, yield emit) bool
	// text returns the value that an event's code of a dimension stands for.
	text(dimension int, code uint32) string
	// size returns how many codes a dimension has.
	size(dimension int) int
}
