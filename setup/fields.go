package setup

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/internal/near"
	"github.com/weirflow/weir/processors"
	"github.com/weirflow/weir/record"
)

// DocumentID is the column of a document's own id, which every collection has.
const DocumentID = "__id"

// Fields are what a collection was found to hold.
type Fields struct{ *record.Schema }

// field returns the column of a name.
func (f *Fields) field(name string) (record.Field, bool) {
	if i := f.Index(name); i >= 0 {
		return f.Fields[i], true
	}
	return record.Field{Name: name, Type: record.Of(record.KindString)}, name == DocumentID
}

// CheckKey says what is wrong with a field as the one that names users.
func (f *Fields) CheckKey(collection, name string) error {
	c, ok := f.field(name)
	switch {
	case !ok:
		return fault.New("cli_init_key", "collection", collection, "field", name,
			"nearest", orDash(near.Nearest(name, append(f.Names(), DocumentID), 5)), "id", DocumentID).Permanent()
	case c.Type.Kind != record.KindString && c.Type.Kind != record.KindInt64:
		return fault.New("cli_init_key_type", "collection", collection, "field", name, "type", c.Type).Permanent()
	}
	return nil
}

// Keys are the fields that can name users, the documents' ids first.
func (f *Fields) Keys() []processors.Suggestion {
	out := []processors.Suggestion{{Value: DocumentID}}
	for _, c := range f.Fields {
		if c.Name != DocumentID && (c.Type.Kind == record.KindString || c.Type.Kind == record.KindInt64) {
			out = append(out, processors.Suggestion{Value: c.Name, Label: c.Type.String()})
		}
	}
	return out
}

// LikelyKey is the field that names users by its own name, else the documents'
// ids.
func (f *Fields) LikelyKey() string {
	if c, ok := f.field(DefaultUsersKey); ok && c.Type.Kind == record.KindString {
		return DefaultUsersKey
	}
	return DocumentID
}

// Words in names of fields. Of a field whose name holds a personal one nothing is
// ever taken; a text is taken only if its name holds a telling one.
var (
	personal = []string{"name", "mail", "phone", "mobile", "birth", "address", "addr", "street", "zip", "postal", "lat", "lng", "lon", "location",
		"token", "password", "passwd", "secret", "hash", "avatar", "photo", "image", "picture", "ip", "ssn", "passport", "resident", "card",
		"account", "bank", "balance", "salary", "income", "gender", "sex", "religion", "health", "kakao", "naver", "fcm", "device",
		"이름", "성명", "전화", "휴대", "메일", "생일", "생년", "주소", "주민", "계좌", "성별"}
	telling = []string{"plan", "tier", "grade", "level", "type", "status", "state", "role", "segment", "group", "country", "lang", "locale",
		"currency", "channel", "source", "platform", "version", "요금", "등급", "상태", "유형", "국가", "언어"}
	joined = []string{"created", "signup", "signed", "joined", "registered", "가입"}
	// mostColumns bounds the columns that are taken.
	mostColumns = 12
)

// holds reports whether a name is made of words of which one is wanted. A short
// word must stand by itself: ip is not in trip, nor lat in plate.
func holds(name string, wanted []string) bool {
	parts := strings.Split(snake(name), "_")
	low := strings.ToLower(name)
	return slices.ContainsFunc(wanted, func(w string) bool {
		return slices.Contains(parts, w) || len(w) > 4 && strings.Contains(low, w) || !ascii(w) && strings.Contains(low, w)
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// snake writes a name as columns are written: marketingConsent becomes
// marketing_consent.
func snake(name string) string {
	var b strings.Builder
	before := rune('_')
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			r = '_'
			if before == '_' {
				continue
			}
		case unicode.IsUpper(r) && before != '_' && !unicode.IsUpper(before):
			b.WriteByte('_')
		}
		before = r
		b.WriteRune(unicode.ToLower(r))
	}
	s := strings.Trim(b.String(), "_")
	if s == "" || unicode.IsDigit([]rune(s)[0]) {
		s = "c_" + s
	}
	return s
}

// column is a field that the join takes, and its name in the result.
type column struct{ field, as string }

// entry writes it as JoinRecords takes it.
func (c column) entry() string {
	if c.field == c.as {
		return c.as
	}
	return quoted(c.field) + " as " + c.as
}

var plainName = regexp.MustCompile(`^[\pL_][\pL\pM\pN_]*$`)

func quoted(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	b, err := json.Marshal(name)
	if err != nil {
		panic(err) // a text can always be written
	}
	return string(b)
}

// about chooses the fields of users that go beside what they did: what tells
// groups of users apart, and nothing that tells who a person is. Taken are the
// columns of the other side.
func (f *Fields) about(key string, taken []string) []column {
	var out []column
	used := slices.Clone(taken)
	for _, c := range f.Fields {
		take := false
		switch c.Type.Kind {
		case record.KindBool:
			take = true
		case record.KindString, record.KindInt64, record.KindDouble, record.KindDecimal:
			take = holds(c.Name, telling)
		case record.KindTimestamp, record.KindDate:
			take = holds(c.Name, joined)
		}
		if !take || c.Name == key || holds(c.Name, personal) || len(out) == mostColumns {
			continue
		}
		as := snake(c.Name)
		if slices.Contains(used, as) {
			as = "user_" + as
		}
		if slices.Contains(used, as) {
			continue
		}
		used = append(used, as)
		out = append(out, column{c.Name, as})
	}
	if len(out) == 0 { // none at all would mean every one
		out = []column{{key, "user_" + strings.TrimPrefix(snake(key), "user_")}}
	}
	return out
}

// meetingFields are what the query needs to know of meetings.
type meetingFields struct {
	who string
	// many is true when who holds a list.
	many                   bool
	start, seconds, rating string
	// example is true when they are those of the example, whose query then fits
	// as it is.
	example bool
}

// String names the fields.
func (m *meetingFields) String() string {
	names := []string{m.who, m.start}
	for _, n := range []string{m.seconds, m.rating} {
		if n != "" {
			names = append(names, n)
		}
	}
	return strings.Join(names, ", ")
}

// meeting chooses the fields that tell who met, when, for how long and how it
// was.
func (f *Fields) meeting(collection string) (*meetingFields, error) {
	var m meetingFields
	pick := func(wanted []string, alone bool, is func(record.Type) bool) string {
		var names []string
		for _, c := range f.Fields {
			if is(c.Type) {
				names = append(names, c.Name)
			}
		}
		for _, w := range wanted {
			for _, n := range names {
				if strings.Contains(strings.ToLower(n), w) {
					return n
				}
			}
		}
		if alone && len(names) == 1 {
			return names[0]
		}
		return ""
	}
	kind := func(kinds ...record.Kind) func(record.Type) bool {
		return func(t record.Type) bool { return slices.Contains(kinds, t.Kind) }
	}
	m.who = pick([]string{"particip", "member", "user", "uid", "attend"}, true, func(t record.Type) bool {
		return t.Kind == record.KindList && t.Elem != nil && t.Elem.Kind == record.KindString
	})
	m.many = m.who != ""
	if !m.many {
		m.who = pick([]string{"uid", "userid", "user_id", "mid"}, false, kind(record.KindString))
	}
	m.start = pick([]string{"start", "begin", "began"}, true, kind(record.KindTimestamp))
	if m.who == "" || m.start == "" {
		return nil, fault.New("cli_init_meetings", "collection", collection, "fields", f.String()).Permanent()
	}
	m.seconds = pick([]string{"durationsec", "duration_sec", "seconds"}, false, kind(record.KindInt64, record.KindDouble))
	m.rating = pick([]string{"rating"}, false, kind(record.KindInt64, record.KindDouble))
	status, _ := f.field("status")
	m.example = f.Index("status") >= 0 && status.Type.Kind == record.KindString && m.many &&
		m.who == "participants" && m.start == "startedAt" && m.seconds == "durationSec" && m.rating == "rating"
	return &m, nil
}
