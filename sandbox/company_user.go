package sandbox

import (
	"fmt"
	"math"
	"time"
)

// User is a user of the company.
type User struct {
	// ID is the document's id, UID the key that meetings and events refer to.
	ID, UID string
	// Name is family name and given name, e.g. "김서연".
	Name, Email string
	// Phone is empty for the few who gave none.
	Phone            string
	Plan             string
	CreatedAt        time.Time
	BirthDate        string // YYYY-MM-DD
	MarketingConsent bool
	// Level is 1 to 50. LevelForm is how the document holds it.
	Level     int
	LevelForm Form
	// Balance may be NaN, -0 or absent.
	Balance    float64
	HasBalance bool
	Nickname   string
	City       string
	District   string
	Street     string
	Zip        string
	Interests  []string
	// Tags hold strings, in few users also int64, bool, float64 and nil.
	Tags []any
	// LastLogin is zero for users who never came back; their documents hold
	// null, or nothing when LoginAbsent.
	LastLogin   time.Time
	LoginAbsent bool
	// Located says whether Lat and Lng are known.
	Located  bool
	Lat, Lng float64
	Avatar   []byte
	// Referrer is the path of another user or, in very few, of a collection.
	Referrer string
	// Embedding is a vector, in few.
	Embedding []float64
}

// Form is how a number is held.
type Form uint8

// The forms of a number.
const (
	AsInteger Form = iota
	AsDouble
	AsText
)

// UserID returns the document id of user i, without making the rest.
func (c *Company) UserID(i int) string { return c.dice(aboutUID, i).id(20) }

// UID returns the uid of user i, without making the rest.
func (c *Company) UID(i int) string {
	d := c.dice(aboutUID, i)
	d.id(20)
	return d.id(28)
}

// User returns user i, which need not be below Users.
func (c *Company) User(i int) User {
	d := c.dice(aboutUser, i)
	u := User{ID: c.UserID(i), UID: c.UID(i)}
	family := pick(d, surnames)
	u.Name = family.name + givenName(d)
	u.Email = fmt.Sprintf("%s%04d.%d@%s", family.latin, d.n(10000), i, pick(d, []string{"example.com", "example.net", "example.org"}))
	if !d.oneIn(12) {
		u.Phone = fmt.Sprintf("010-0%03d-%04d", d.n(1000), d.n(10000)) // no such number is assigned
	}
	u.Plan = pick(d, plans)
	u.CreatedAt = c.before(d, 1500)
	u.BirthDate = c.day.AddDate(-14-d.n(55), 0, -d.n(365)).Format(time.DateOnly)
	u.MarketingConsent = d.n(100) < 38
	u.Level = 1 + d.n(50)
	switch {
	case d.oneIn(150):
		u.LevelForm = AsDouble
	case d.oneIn(200):
		u.LevelForm = AsText
	}
	c.money(d, &u)
	u.Nickname = pick(d, nicknameFirst) + " " + pick(d, nicknameSecond)
	c.home(d, &u)
	for range d.n(4) {
		u.Interests = append(u.Interests, pick(d, interests))
	}
	for range d.n(4) {
		u.Tags = append(u.Tags, pick(d, tags))
	}
	if d.oneIn(120) {
		u.Tags = append(u.Tags, pick(d, []any{int64(7), 1.5, true, nil}), pick(d, []any{int64(-3), "끝", false}))
	}
	switch n := d.n(100); {
	case n < 86:
		since := c.day.Sub(u.CreatedAt)
		x := d.unit()
		u.LastLogin = c.day.Add(-time.Duration(x * x * float64(since))).Truncate(time.Millisecond)
	case n < 93:
		u.LoginAbsent = true
	}
	if d.oneIn(60) {
		u.Avatar = make([]byte, 16+d.n(32))
		for j := range u.Avatar {
			u.Avatar[j] = byte(d.next())
		}
	}
	if i > 0 && d.oneIn(9) {
		u.Referrer = "userCollection/" + c.UserID(d.n(i))
		if d.oneIn(80) {
			u.Referrer = "campaigns" // a collection: not what a reference should name
		}
	}
	if d.oneIn(100) {
		u.Embedding = make([]float64, 8)
		for j := range u.Embedding {
			u.Embedding[j] = math.Round((d.unit()*2-1)*1e4) / 1e4
		}
	}
	return u
}

func givenName(d *dice) string {
	if d.oneIn(40) {
		return pick(d, givenAlone)
	}
	first, second := pick(d, givenFirst), pick(d, givenSecond)
	for second == first {
		second = pick(d, givenSecond)
	}
	return first + second
}

func (c *Company) money(d *dice, u *User) {
	u.HasBalance = !d.oneIn(25)
	u.Balance = math.Round(d.unit()*d.unit()*5e7) / 100
	switch {
	case d.oneIn(400):
		u.Balance = math.NaN()
	case d.oneIn(400):
		u.Balance = math.Copysign(0, -1)
	}
}

func (c *Company) home(d *dice, u *User) {
	home := pick(d, cities)
	u.City, u.District = home.name, pick(d, home.districts)
	u.Street = fmt.Sprintf("%s %d", pick(d, streets), 1+d.n(250))
	u.Zip = fmt.Sprintf("%05d", home.zip+d.n(900))
	if d.oneIn(5) {
		u.Located = true
		u.Lat = math.Round((home.lat+(d.unit()-0.5)/10)*1e6) / 1e6
		u.Lng = math.Round((home.lng+(d.unit()-0.5)/10)*1e6) / 1e6
	}
}

// write writes the user's document; root precedes the path of a reference.
func (u *User) write(w *fieldWriter, root string) {
	if u.Avatar != nil {
		w.bytes("avatar", u.Avatar)
	}
	if u.HasBalance {
		w.double("balance", u.Balance)
	}
	w.str("birthDate", u.BirthDate)
	w.time("createdAt", u.CreatedAt.UnixMicro())
	w.str("email", u.Email)
	if u.Embedding != nil {
		w.object("embedding", func(w *fieldWriter) {
			w.str("__type__", "__vector__")
			w.array("value", len(u.Embedding), func(b []byte, i int) []byte { return appendDouble(b, u.Embedding[i]) })
		})
	}
	switch {
	case !u.LastLogin.IsZero():
		w.time("lastLogin", u.LastLogin.UnixMicro())
	case !u.LoginAbsent:
		w.null("lastLogin")
	}
	switch u.LevelForm {
	case AsDouble:
		w.double("level", float64(u.Level))
	case AsText:
		w.str("level", fmt.Sprint(u.Level))
	default:
		w.integer("level", int64(u.Level))
	}
	if u.Located {
		w.geo("location", u.Lat, u.Lng)
	}
	w.boolean("marketingConsent", u.MarketingConsent)
	w.str("name", u.Name)
	if u.Phone != "" {
		w.str("phone", u.Phone)
	}
	w.str("plan", u.Plan)
	w.object("profile", func(w *fieldWriter) {
		w.object("address", func(w *fieldWriter) {
			w.str("district", u.District)
			w.str("street", u.Street)
			w.str("zip", u.Zip)
		})
		w.str("city", u.City)
		w.array("interests", len(u.Interests), func(b []byte, i int) []byte { return appendString(b, u.Interests[i]) })
		w.str("nickname", u.Nickname)
	})
	if u.Referrer != "" {
		w.reference("referrer", root+"/"+u.Referrer)
	}
	w.array("tags", len(u.Tags), func(b []byte, i int) []byte { return appendAny(b, u.Tags[i]) })
	w.str("uid", u.UID)
}

func appendAny(b []byte, v any) []byte {
	switch x := v.(type) {
	case string:
		return appendString(b, x)
	case int64:
		return appendInteger(b, x)
	case float64:
		return appendDouble(b, x)
	case bool:
		return appendBoolean(b, x)
	}
	return appendNull(b)
}

// Device is something that a user signed in with, kept in the subcollection
// devices of the user's document.
type Device struct {
	ID, Model, OS string
	SeenAt        time.Time
	Push          bool
}

// Devices returns the devices of user i; most users have none.
func (c *Company) Devices(i int) []Device {
	d := c.dice(aboutDevices, i)
	if !d.oneIn(8) {
		return nil
	}
	list := make([]Device, 1+d.n(3))
	for j := range list {
		list[j] = Device{ID: d.id(20), Model: pick(d, deviceModels), OS: "Android", SeenAt: c.before(d, 400), Push: d.n(3) > 0}
		if list[j].Model[0] == 'i' {
			list[j].OS = "iOS"
		}
	}
	return list
}

func (v *Device) write(w *fieldWriter) {
	w.str("model", v.Model)
	w.str("os", v.OS)
	w.boolean("push", v.Push)
	w.time("seenAt", v.SeenAt.UnixMicro())
}
