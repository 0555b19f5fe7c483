package bigquery

import (
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/flowfile"
)

// label is the job label that holds the checksum of the upload.
const label = "weir_sha256"

// firstTry is the number of a run's first job.
const firstTry = 1

// identity is what the ids of a node's jobs of one run are made of.
type identity struct {
	store, flow, node, slot string
	generation              uint32
}

// job returns the id of the job of that number. Each part keeps its letters and
// digits; whatever else stands in it becomes a hyphen, so that the underscores
// between parts are the only ones.
func (i identity) job(try int) string {
	return strings.Join([]string{"weir", plain(i.store), plain(i.flow), plain(i.node), plain(i.slot),
		strconv.FormatUint(uint64(i.generation), 10), strconv.Itoa(try)}, "_")
}

func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, s)
}

// labelOf returns a checksum in hex as a label's value: 52 small letters and
// digits, since a label holds 63 characters.
func labelOf(sum string) string {
	b, err := hex.DecodeString(sum)
	if err != nil {
		return "" // a foreign intent: no label is empty
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// intent is the payload of the note that is durable before a job is sent.
type intent struct {
	Job         string `json:"job"`
	Try         int    `json:"try"`
	Project     string `json:"project"`
	Location    string `json:"location"`
	Destination string `json:"destination"`
	Format      string `json:"format"`
	SHA256      string `json:"sha256"`
	Bytes       int64  `json:"bytes"`
	Rows        int64  `json:"rows"`
	Rejected    int64  `json:"rejected"`

	at time.Time
}

// intents returns the pending intents, oldest first.
func intents(pending []flowfile.Intent) ([]intent, error) {
	var out []intent
	for _, p := range pending {
		var in intent
		if err := json.Unmarshal(p.Payload, &in); err != nil {
			return nil, fmt.Errorf("read intent %s: %w", p.Key, err)
		}
		in.at = p.At
		out = append(out, in)
	}
	return out, nil
}
