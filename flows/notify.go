package flows

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/weirflow/weir/fault"
)

// Notify says who is told how the runs of a flow end. The addresses are secrets:
// they hold tokens, and a flow that somebody sent can name none that were not
// set here.
type Notify struct {
	// Webhook is sent a JSON message, whose "text" chat programs show as it is,
	// about what On lists.
	Webhook *SecretName `json:"webhook,omitempty"`
	// Ping is sent an empty message after each SUCCESS, for a service that rings
	// when it stays away.
	Ping *SecretName `json:"ping,omitempty"`
	// On lists failed, partial and late; absent means all of them.
	On []string `json:"on,omitempty" jsonschema:"enum=failed,enum=partial,enum=late"`
	// Late is how long after its time a slot of the schedule may go without a
	// run that ended well; absent means that none is ever late.
	Late Duration `json:"late,omitempty"`
}

// SecretName refers to a secret of the store.
type SecretName struct {
	Secret string `json:"secret"`
}

// What a webhook is told about.
const (
	OnFailed  = "failed"
	OnPartial = "partial"
	OnLate    = "late"
)

// secretName is what the store takes for the name of a secret.
var secretName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$`)

var notifyOn = []string{OnFailed, OnPartial, OnLate}

// Wants reports whether the webhook is told of an event.
func (n *Notify) Wants(event string) bool {
	return n != nil && n.Webhook != nil && (len(n.On) == 0 || slices.Contains(n.On, event))
}

// LateAfter returns how late a slot may be, zero when none ever is.
func (n *Notify) LateAfter() time.Duration {
	if n == nil || !n.Wants(OnLate) {
		return 0
	}
	return n.Late.Value(0)
}

func (c *checker) notify() {
	n := c.f.Notify
	if n == nil {
		return
	}
	place := at("notify")
	if c.f.Mode == ModeContinuous {
		c.note(place, fault.New("notify_in_continuous", "flow", c.f.ID))
		return
	}
	for key, s := range map[string]*SecretName{"webhook": n.Webhook, "ping": n.Ping} {
		if s != nil && !secretName.MatchString(s.Secret) {
			c.note(place.key(key).key("secret"), fault.New("notify_secret_bad", "value", strconv.Quote(clip(s.Secret))))
		}
	}
	for i, on := range n.On {
		if !slices.Contains(notifyOn, on) {
			c.note(place.key("on").index(i), fault.New("notify_on_unknown", "value", strconv.Quote(clip(on)), "known", strings.Join(notifyOn, ", ")))
		}
	}
	c.duration(place.key("late"), n.Late, time.Minute, 30*day)
	switch {
	case n.Webhook == nil && n.Ping == nil:
		c.note(place, fault.New("notify_nobody"))
	case n.Late != "" && c.f.Schedule == nil:
		c.note(place.key("late"), fault.New("notify_late_unscheduled"))
	}
}
