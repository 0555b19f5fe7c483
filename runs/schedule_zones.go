package runs

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/weirflow/weir/internal/near"
)

// The names of the zones of the database that Go 1.26 carries, one a line; Go
// itself offers no list of them. It serves only to suggest a name: a zone that
// the machine knows and the list does not is accepted.
//
//go:embed schedule_zones.txt
var zoneList string

var zoneNames = sync.OnceValue(func() []string { return strings.Fields(zoneList) })

// zoneNamed returns the listed name that equals name but for case, or "". Some
// file systems find a zone under any case, others only under its own.
func zoneNamed(name string) string {
	for _, z := range zoneNames() {
		if strings.EqualFold(z, name) {
			return z
		}
	}
	return ""
}

// Abbreviations that people write for a zone and that name one place only.
var zoneAbbreviations = map[string]string{
	"kst": "Asia/Seoul", "jst": "Asia/Tokyo", "hkt": "Asia/Hong_Kong", "sgt": "Asia/Singapore",
	"pst": "America/Los_Angeles", "pdt": "America/Los_Angeles", "edt": "America/New_York", "cdt": "America/Chicago",
	"cest": "Europe/Berlin", "aest": "Australia/Sydney", "aedt": "Australia/Sydney", "nzst": "Pacific/Auckland",
	"utc+9": "Asia/Seoul", "utc+09:00": "Asia/Seoul", "gmt+9": "Asia/Seoul", "+09:00": "Asia/Seoul",
}

// NearestZone returns the IANA zone whose name is most like the given text: by
// abbreviation (KST), by city alone (Seoul), else by spelling.
func NearestZone(name string) string {
	plain := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	if z, ok := zoneAbbreviations[plain]; ok {
		return z
	}
	// Names without an area (Singapore, ROK) are old aliases.
	best, distance := "UTC", len(plain)+len("UTC")
	for _, z := range zoneNames() {
		low := strings.ToLower(z)
		d := near.Distance(plain, low)
		if _, city, ok := strings.Cut(low, "/"); ok && !strings.Contains(plain, "/") {
			d = min(d, near.Distance(plain, city[strings.LastIndexByte(city, '/')+1:]))
		}
		if d < distance {
			best, distance = z, d
		}
	}
	return best
}
