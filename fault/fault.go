// Package fault is the one kind of error that Weir shows to a person.
//
// A fault has a stable code, named arguments and a class that says what the
// engine may do about it. Its text is not written where it is made: it is
// rendered from one catalogue (catalogue/*.json, one file per area), in English
// or Korean, and always names the thing, the value and the remedy. A code
// without both texts fails the build, see TestEveryCodeHasBothTexts.
//
// Make one with New, wrap its cause with Because, and read it back with As,
// CodeOf and Text.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"sort"
	"strings"
	"time"
)

// Class says what may be done about a fault.
type Class uint8

// The classes of a fault. The zero value is Retryable: the world's fault, which
// may be gone at the next try.
const (
	// Retryable may be gone at the next try; it costs one try.
	Retryable Class = iota
	// After may be gone after a time that the other side named.
	After
	// Permanent will not go away by trying again.
	Permanent
)

// String returns the class in lower case.
func (c Class) String() string {
	switch c {
	case After:
		return "after"
	case Permanent:
		return "permanent"
	}
	return "retryable"
}

// Args are the named values that a fault's text refers to as {name}.
type Args map[string]string

// Error is a fault. Its zero value is of no use; make one with New.
type Error struct {
	// Code is stable: scripts and tests may compare it.
	Code string
	// Args fill the placeholders of the text.
	Args Args
	// Class says whether to try again.
	Class Class
	// Wait is how long to wait before the next try when Class is After.
	Wait time.Duration
	// Free is set when waiting so long costs no try: the other side agreed to
	// answer later, as with a quota that is filled up again.
	Free bool
	// Cause is the underlying error, or nil.
	Cause error

	// parts are the arguments that are faults themselves, which are rendered in
	// the language of the whole.
	parts map[string]*Error
}

// New returns a fault with a code and pairs of argument name and value.
// A value may be any type; it is formatted with %v, except that a fault and an
// Entry are rendered in the language of the whole: words that stand in a text are
// one of the two for that reason.
// It panics when the pairs are odd or a name is not a string, which is a
// defect of the caller.
func New(code string, pairs ...any) *Error {
	if len(pairs)%2 != 0 {
		panic("fault: odd arguments for " + code)
	}
	e := &Error{Code: code}
	if len(pairs) > 0 {
		e.Args = make(Args, len(pairs)/2)
	}
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		e.Args[name] = fmt.Sprint(pairs[i+1])
		part, _ := pairs[i+1].(*Error)
		if both, ok := pairs[i+1].(Entry); ok {
			part = New(said, "en", both.English, "ko", both.Korean)
		}
		if part != nil {
			if e.parts == nil {
				e.parts = map[string]*Error{}
			}
			e.parts[name] = part
		}
	}
	return e
}

// Because returns the fault with its cause set.
func (e *Error) Because(err error) *Error {
	e.Cause = err
	return e
}

// Permanent returns the fault marked as one that trying again cannot mend.
func (e *Error) Permanent() *Error {
	e.Class = Permanent
	return e
}

// RetryAfter returns the fault marked as one to try again after d.
func (e *Error) RetryAfter(d time.Duration) *Error {
	e.Class, e.Wait = After, d
	return e
}

// FreeAfter returns the fault marked as one to try again after d, at the cost of
// no try. It is for a wait that ends for certain, such as that for a quota.
func (e *Error) FreeAfter(d time.Duration) *Error {
	e.Class, e.Wait, e.Free = After, d, true
	return e
}

// Error returns the English text, followed by the cause where there is one.
func (e *Error) Error() string { return e.text(English) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is a fault of the same code, so that
// errors.Is(err, fault.New("disk_full")) works across arguments.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// As returns the outermost fault in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// CodeOf returns the code of the outermost fault in err's chain, or "internal"
// for an error that is none, and "" for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	if e := As(err); e != nil {
		return e.Code
	}
	return "internal"
}

// ClassOf returns the class and wait of the outermost fault in err's chain.
// An error that is no fault is Retryable.
func ClassOf(err error) (Class, time.Duration) {
	if e := As(err); e != nil {
		return e.Class, e.Wait
	}
	return Retryable, 0
}

// IsFree reports whether the outermost fault in err's chain costs no try.
func IsFree(err error) bool {
	e := As(err)
	return e != nil && e.Class == After && e.Free
}

func (e *Error) text(lang Lang) string {
	args := e.Args
	if len(e.parts) > 0 {
		args = maps.Clone(args)
		for name, part := range e.parts {
			args[name] = part.text(lang)
		}
	}
	s := render(lang, e.Code, args)
	if e.Cause == nil {
		return s
	}
	var inner *Error
	if errors.As(e.Cause, &inner) {
		return s + " (" + inner.text(lang) + ")"
	}
	return s + " (" + e.Cause.Error() + ")"
}

func bare(code string, args Args) string {
	names := make([]string, 0, len(args))
	for n := range args {
		names = append(names, n)
	}
	sort.Strings(names)
	var b strings.Builder
	b.WriteString(code)
	for _, n := range names {
		fmt.Fprintf(&b, " %s=%s", n, args[n])
	}
	return b.String()
}
