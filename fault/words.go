package fault

// Words returns the note of a fault that tells of no failure but says something:
// it has no class. That of nil is nil.
func (e *Error) Words() *Note {
	if e == nil {
		return nil
	}
	n := NoteOf(e)
	n.Class = ""
	for name, part := range e.parts {
		n.Parts[name] = part.Words()
	}
	return n
}

// Entry returns the text of a fault in each language.
func (e *Error) Entry() Entry { return Entry{e.text(English), e.text(Korean)} }

// In returns err with the place where it happened before its own words. Unlike
// what fmt.Errorf puts there, a place is shown in the reader's language.
func In(place *Error, err error) error {
	if place == nil || err == nil {
		return err
	}
	return &placed{place, err}
}

// placed is an error at a place.
type placed struct {
	place *Error
	err   error
}

func (p *placed) Error() string { return p.place.Error() + ": " + p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// asNote returns the note of the error with its place, which stands before those
// that the error has already.
func (p *placed) asNote() *Note {
	n := NoteOf(p.err).clone()
	place := p.place.Words()
	if n.Place != nil {
		inner := n.Place.clone()
		inner.precede(": ")
		place.end().Then = inner
	}
	n.Place = place
	return n
}
