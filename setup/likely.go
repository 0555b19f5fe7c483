package setup

import (
	"slices"
	"strings"

	"github.com/weirflow/weir/processors"
)

// LikelyUsers is the collection that holds users by its name, or empty.
func LikelyUsers(collections []processors.Suggestion) string {
	return likely(Names(collections), "user", "member", "회원")
}

// LikelyMeetings is the collection that holds meetings by its name, or empty.
func LikelyMeetings(collections []processors.Suggestion) string {
	return likely(Names(collections), "meeting", "call", "미팅")
}

// LikelyDimension is the dimension that holds a user's id by its name, or empty.
func LikelyDimension(own []processors.Suggestion) string {
	return likely(Names(own), "mid", "uid", "user_id", "userid", "member")
}

// LikelyDataset is the only dataset there is, else one named after the project.
func (p *Project) LikelyDataset(datasets []processors.Suggestion) string {
	return orElse(likely(Names(datasets)), strings.ReplaceAll(p.Slug(), "-", "_"))
}

// LikelyLocation is where a new dataset is proposed to lie.
const LikelyLocation = "asia-northeast3"

// OwnDimensions are the dimensions that the property's owner defined of users.
func OwnDimensions(dimensions []processors.Suggestion) []processors.Suggestion {
	return slices.DeleteFunc(slices.Clone(dimensions), func(s processors.Suggestion) bool { return !strings.HasPrefix(s.Value, "customUser:") })
}

// Names are the values of suggestions.
func Names(values []processors.Suggestion) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Value
	}
	return out
}

// likely is the first name that holds a word, by the order of the words, or the
// only one there is.
func likely(names []string, wanted ...string) string {
	for _, w := range wanted {
		for _, n := range names {
			if strings.Contains(strings.ToLower(n), w) {
				return n
			}
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	return ""
}
