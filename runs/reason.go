package runs

import (
	"time"

	"github.com/weirflow/weir/fault"
	"github.com/weirflow/weir/flowfile"
)

// reason is why a state was entered: in English for logs and scripts, and as a
// note for whoever shows it in another language.
type reason struct {
	code, text string
	note       *fault.Note
}

func because(why *fault.Error) reason { return reason{why.Code, why.Error(), fault.NoteOf(why)} }

// asked is the reason that an order gives.
func asked(o *flowfile.Order) reason { return reason{o.Code, o.Why, o.Note} }

// reason is that of the activity's last failure.
func (a *Activity) reason() reason { return reason{a.Code, a.Err, a.Note} }

func (a *Activity) failed(why reason) { a.Code, a.Err, a.Note = why.code, why.text, why.note }

// anew forgets the failures so far.
func (a *Activity) anew() {
	a.failed(reason{})
	a.Tries, a.NotBefore = 0, time.Time{}
}
