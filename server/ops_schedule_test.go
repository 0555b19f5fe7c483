package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/weirflow/weir/runs"
	"github.com/weirflow/weir/web"
)

// TestASchedulesNextFirings asks for those of schedules in zones with and without
// a change of clocks: the 29th of March 2026 has 23 hours in Berlin, and 02:30 is
// not among them.
func TestASchedulesNextFirings(t *testing.T) {
	now := time.Date(2026, 3, 27, 12, 0, 0, 0, time.UTC)
	s := open(t, Config{Data: t.TempDir(), Control: true, Now: func() time.Time { return now }})
	for name, c := range map[string]struct {
		schedule runs.Schedule
		want     []string // slot, at, zone, start, end
	}{
		"days in Seoul": {runs.Schedule{Every: runs.Day, At: "02:00", Zone: "Asia/Seoul"}, []string{
			"2026-03-27 2026-03-28T02:00:00+09:00 KST 2026-03-27T00:00:00+09:00 2026-03-28T00:00:00+09:00",
			"2026-03-28 2026-03-29T02:00:00+09:00 KST 2026-03-28T00:00:00+09:00 2026-03-29T00:00:00+09:00"}},
		"a time that clocks leave out": {runs.Schedule{Every: runs.Day, At: "02:30", Zone: "Europe/Berlin"}, []string{
			"2026-03-27 2026-03-28T02:30:00+01:00 CET 2026-03-27T00:00:00+01:00 2026-03-28T00:00:00+01:00",
			"2026-03-28 2026-03-29T03:00:00+02:00 CEST 2026-03-28T00:00:00+01:00 2026-03-29T00:00:00+01:00",
			"2026-03-29 2026-03-30T02:30:00+02:00 CEST 2026-03-29T00:00:00+01:00 2026-03-30T00:00:00+02:00"}},
		"cron on working days": {runs.Schedule{Every: runs.Day, Cron: "0 9 * * mon-fri", Zone: "Asia/Seoul"}, []string{
			"2026-03-27 2026-03-30T09:00:00+09:00 KST 2026-03-27T00:00:00+09:00 2026-03-28T00:00:00+09:00",
			"2026-03-28 2026-03-30T09:00:00+09:00 KST 2026-03-28T00:00:00+09:00 2026-03-29T00:00:00+09:00",
			"2026-03-29 2026-03-30T09:00:00+09:00 KST 2026-03-29T00:00:00+09:00 2026-03-30T00:00:00+09:00",
			"2026-03-30 2026-03-31T09:00:00+09:00 KST 2026-03-30T00:00:00+09:00 2026-03-31T00:00:00+09:00"}},
	} {
		got := call[SchedulePreview](t, s.Client(), "POST", "/schedule/preview", PreviewSchedule{Schedule: c.schedule}).Next
		if len(got) != 5 {
			t.Errorf("%s: %d firings", name, len(got))
			continue
		}
		for i, want := range c.want {
			f := got[i]
			if line := strings.Join([]string{f.Slot, f.At.Format(time.RFC3339), f.Zone, f.Start.Format(time.RFC3339), f.End.Format(time.RFC3339)}, " "); line != want {
				t.Errorf("%s: %s, want %s", name, line, want)
			}
		}
	}
}

// TestABadScheduleHasNoFirings: each problem tells the field and what to do.
func TestABadScheduleHasNoFirings(t *testing.T) {
	s := open(t, Config{Data: t.TempDir(), Listen: "127.0.0.1:0"})
	b := browse(t, s)
	b.signIn(s)
	resp, text := b.ask("POST", "/api/v1/schedule/preview", `{"schedule": {"every": "day", "at": "25:00", "zone": "Asia/Soul"}}`)
	var p web.Problem
	if err := json.Unmarshal([]byte(text), &p); err != nil || resp.StatusCode != http.StatusUnprocessableEntity {
		t.Fatalf("%s, %v: %s", resp.Status, err, text)
	}
	for _, want := range []string{`"schedule.at: "`, "schedule_at_time_bad", `"schedule.zone: "`, "schedule_zone_unknown", "Asia/Seoul"} {
		if !strings.Contains(text, want) {
			t.Errorf("the problem lacks %s: %s", want, text)
		}
	}

}
