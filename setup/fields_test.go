package setup

import (
	"slices"
	"testing"

	"github.com/weirflow/weir/record"
)

// TestColumnsAboutUsers keeps what tells who a person is out of the result.
func TestColumnsAboutUsers(t *testing.T) {
	f := &Fields{record.MustSchema("uid", "string", "email", "string", "phoneType", "string", "planName", "string", "plan", "string", "date", "date",
		"events", "bool", "user_events", "bool", "isActive", "bool", "grade", "int64", "age", "int64", "createdAt", "timestamp", "lastLogin", "timestamp",
		"deviceToken", "string", "tags", "list<string>", "profile", "json", "ipCountry", "string", "subscriptionTier", "string", "성별유형", "string")}
	var got []string
	for _, c := range f.about("uid", []string{"date", "mid", "events"}) {
		got = append(got, c.entry())
	}
	want := []string{"plan", "events as user_events", "user_events as user_user_events", "isActive as is_active", "grade", "createdAt as created_at", "subscriptionTier as subscription_tier"}
	if !slices.Equal(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
	none := &Fields{record.MustSchema("uid", "string", "email", "string")}
	if got := none.about("uid", nil); len(got) != 1 || got[0].entry() != "uid as user_uid" {
		t.Errorf("without any: %+v", got)
	}
	for in, want := range map[string]string{"marketingConsent": "marketing_consent", "userID": "user_id", "a b--c": "a_b_c", "요금제": "요금제", "2nd": "c_2nd", "": "c_", "__id": "id"} {
		if got := snake(in); got != want {
			t.Errorf("snake(%q) = %q, want %q", in, got, want)
		}
	}
}
