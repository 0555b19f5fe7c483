package sandbox

import (
	"fmt"
	"math/bits"
	"time"

	ga "google.golang.org/api/analyticsdata/v1beta"
)

// dimension is a dimension of the property.
type dimension struct {
	name, ui, category, about string
	// base is the code of an event that it shows; -1 for those of time.
	base int
	unit unit
	// custom dimensions are registered in the property; item ones are of the
	// things bought.
	custom, item bool
}

// unit is what of an event's time a dimension shows.
type unit uint8

const (
	noTime unit = iota
	byDate
	byDateHour
	byDateHourMinute
	byYearMonth
	byYear
	byMonth
	byDay
	byDayOfWeek
	byHour
	byMinute
)

var dimensions = []*dimension{
	{name: "city", ui: "City", category: "Geography", about: "The city from which the user activity originated.", base: codeCity},
	{name: "country", ui: "Country", category: "Geography", about: "The country from which the user activity originated.", base: codeCountry},
	{name: "date", ui: "Date", category: "Time", about: "The date of the event, formatted as YYYYMMDD.", base: -1, unit: byDate},
	{name: "dateHour", ui: "Date + hour (YYYYMMDDHH)", category: "Time", about: "The combined values of date and hour.", base: -1, unit: byDateHour},
	{name: "dateHourMinute", ui: "Date hour and minute", category: "Time", about: "The combined values of date, hour and minute.", base: -1, unit: byDateHourMinute},
	{name: "day", ui: "Day", category: "Time", about: "The day of the month, 01 to 31.", base: -1, unit: byDay},
	{name: "dayOfWeek", ui: "Day of week", category: "Time", about: "The day of the week, 0 (Sunday) to 6.", base: -1, unit: byDayOfWeek},
	{name: "eventName", ui: "Event name", category: "Event", about: "The name of the event.", base: codeName},
	{name: "hour", ui: "Hour", category: "Time", about: "The hour of the day, 00 to 23.", base: -1, unit: byHour},
	{name: "itemName", ui: "Item name", category: "Ecommerce", about: "The name of the item.", base: codePlan, item: true},
	{name: "minute", ui: "Minute", category: "Time", about: "The minute of the hour, 00 to 59.", base: -1, unit: byMinute},
	{name: "month", ui: "Month", category: "Time", about: "The month of the event, 01 to 12.", base: -1, unit: byMonth},
	{name: "platform", ui: "Platform", category: "Platform / device", about: "The platform on which the app or website ran.", base: codePlatform},
	{name: "unifiedScreenName", ui: "Page title and screen name", category: "Page / screen", about: "The page title or screen name.", base: codeScreen},
	{name: "year", ui: "Year", category: "Time", about: "The four-digit year of the event.", base: -1, unit: byYear},
	{name: "yearMonth", ui: "Year month", category: "Time", about: "The year and month, formatted as YYYYMM.", base: -1, unit: byYearMonth},
	{name: "customEvent:meeting_id", ui: "Meeting", category: "Custom", about: "The id of the meeting.", base: codeMeeting, custom: true},
	{name: "customEvent:source", ui: "Source", category: "Custom", about: "What the session came from.", base: codeSource, custom: true},
	{name: "customUser:MID", ui: "MID", category: "Custom", about: "The uid of the user.", base: codeMID, custom: true},
	{name: "customUser:plan", ui: "Plan", category: "Custom", about: "What the user subscribes to.", base: codePlan, custom: true},
}

// collected are parameters that the app sends, but that nobody registered: the
// API does not know them.
var collected = []string{"customUser:level", "customEvent:button"}

// metric is a metric of the property.
type metric struct {
	name, ui, category, about, kind string
	// add returns what an event adds, in the metric's units of holding.
	add func(*event) int64
	// distinct, if set, returns what is counted once; 0 counts nothing.
	distinct func(*event) uint64
	// divide turns the sum into what is shown.
	divide int64
	item   bool
}

var metrics = []*metric{
	{name: "activeUsers", ui: "Active users", category: "User", about: "The number of people who engaged with the app.", kind: "TYPE_INTEGER",
		distinct: func(e *event) uint64 {
			if e.engaged == 0 && e.code[codeName] != sessionStart {
				return 0
			}
			return e.device
		}},
	{name: "eventCount", ui: "Event count", category: "Event", about: "The count of events.", kind: "TYPE_INTEGER", add: func(e *event) int64 { return e.count }},
	{name: "itemsPurchased", ui: "Items purchased", category: "Ecommerce", about: "The number of units in purchases.", kind: "TYPE_INTEGER", item: true,
		add: func(e *event) int64 { return e.count * one(e.revenue > 0) }},
	{name: "keyEvents", ui: "Key events", category: "Event", about: "The count of key events.", kind: "TYPE_FLOAT",
		add: func(e *event) int64 { return e.count * one(e.key) }},
	{name: "screenPageViews", ui: "Views", category: "Page / screen", about: "The number of screens or pages seen.", kind: "TYPE_INTEGER",
		add: func(e *event) int64 { return e.count * one(e.view) }},
	{name: "sessions", ui: "Sessions", category: "Session", about: "The number of sessions.", kind: "TYPE_INTEGER", distinct: func(e *event) uint64 { return e.session }},
	{name: "totalRevenue", ui: "Total revenue", category: "Revenue", about: "The sum of revenue from purchases.", kind: "TYPE_CURRENCY", divide: 1e6,
		add: func(e *event) int64 { return e.revenue }},
	{name: "totalUsers", ui: "Total users", category: "User", about: "The number of people who did anything.", kind: "TYPE_INTEGER", distinct: func(e *event) uint64 { return e.device }},
	{name: "userEngagementDuration", ui: "User engagement", category: "User", about: "How long the app was in front, in seconds.", kind: "TYPE_SECONDS", divide: second,
		add: func(e *event) int64 { return e.engaged }},
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

func dimensionNamed(name string) *dimension {
	for _, d := range dimensions {
		if d.name == name {
			return d
		}
	}
	return nil
}

func metricNamed(name string) *metric {
	for _, m := range metrics {
		if m.name == name {
			return m
		}
	}
	return nil
}

// firstDay is the first that can be asked for, 2015-08-14.
var firstDay = dayNumber(time.Date(2015, 8, 14, 0, 0, 0, 0, zone).UnixMicro())

// code returns the number of the event's value.
func (d *dimension) code(e *event) uint32 {
	if d.unit == noTime {
		if d.item && e.revenue == 0 {
			return 0
		}
		return e.code[d.base]
	}
	minute := uint32((e.at - midnight(e.day)) / (60 * second))
	day := uint32(e.day - firstDay)
	switch d.unit {
	case byDate:
		return day
	case byDateHour:
		return day*24 + minute/60
	case byDateHourMinute:
		return day*1440 + minute
	case byYearMonth:
		return uint32(monthNumber(e.day))
	case byHour:
		return minute / 60
	case byMinute:
		return minute % 60
	case byDayOfWeek:
		return uint32(e.day+4) % 7
	}
	at := dateOf(e.day)
	switch d.unit {
	case byYear:
		return uint32(at.Year())
	case byMonth:
		return uint32(at.Month())
	}
	return uint32(at.Day())
}

// other is the code of "(other)".
const other = ^uint32(0)

// text returns the value of a code.
func (d *dimension) text(log eventLog, code uint32) string {
	switch {
	case code == other:
		return "(other)"
	case d.unit == noTime:
		return log.text(d.base, code)
	}
	day := func(n uint32) string { return dateOf(firstDay + int32(n)).Format("20060102") }
	switch d.unit {
	case byDate:
		return day(code)
	case byDateHour:
		return fmt.Sprintf("%s%02d", day(code/24), code%24)
	case byDateHourMinute:
		return fmt.Sprintf("%s%02d%02d", day(code/1440), code%1440/60, code%60)
	case byYearMonth:
		return fmt.Sprintf("%04d%02d", 1970+code/12, 1+code%12)
	case byYear:
		return fmt.Sprintf("%04d", code)
	case byDayOfWeek:
		return fmt.Sprint(code)
	}
	return fmt.Sprintf("%02d", code)
}

// bits returns how many bits a code can have.
func (d *dimension) bits(log eventLog) int {
	switch d.unit {
	case noTime:
		return bits.Len(uint(log.size(d.base)))
	case byDate:
		return 14
	case byDateHour:
		return 19
	case byDateHourMinute:
		return 25
	case byYearMonth, byYear:
		return 12
	}
	return 6
}

func (d *dimension) metadata() *ga.DimensionMetadata {
	return &ga.DimensionMetadata{ApiName: d.name, UiName: d.ui, Category: d.category, Description: d.about, CustomDefinition: d.custom}
}

func (m *metric) metadata() *ga.MetricMetadata {
	return &ga.MetricMetadata{ApiName: m.name, UiName: m.ui, Category: m.category, Description: m.about, Type: m.kind}
}

// clash returns a field that does not go with the rest, or "". Those of items go
// only with each other and with time.
func clash(dims []*dimension, mets []*metric) string {
	item, event := "", ""
	for _, d := range dims {
		if d.item {
			item = d.name
		} else if d.base == codeScreen || d.base == codeMeeting {
			event = d.name
		}
	}
	for _, m := range mets {
		if m.item {
			item = m.name
		} else if m.name != "totalRevenue" {
			event = m.name
		}
	}
	if event != "" {
		return item
	}
	return ""
}
