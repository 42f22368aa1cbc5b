// Package fault holds the one error type that crosses Lantern's borders.
//
// A fault has three parts: a kind that callers act on, a text that a person
// may read, and a private cause that only the log sees. It knows nothing of
// HTTP; internal/web turns kinds into answers, and anything that is not a
// fault is internal: people get a fixed text and the log gets the error.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind says what sort of thing went wrong. Kinds are few and never renamed:
// the API shows them to other programs.
type Kind string

const (
	// Internal is everything that has no other kind. Its text is never shown.
	Internal Kind = "internal"
	// Invalid means that what was sent cannot be accepted as it is.
	Invalid Kind = "invalid"
	// NotFound means that there is no such thing, or none for this caller.
	NotFound Kind = "not_found"
	// Conflict means that the thing is in a state that does not allow it.
	Conflict Kind = "conflict"
	// Forbidden means that the caller is known and may not do it.
	Forbidden Kind = "forbidden"
	// Unauthorized means that the caller has not shown who they are.
	Unauthorized Kind = "unauthorized"
	// Gone means that it was possible once and never will be again.
	Gone Kind = "gone"
	// Unavailable means that trying again later is sensible.
	Unavailable Kind = "unavailable"
)

// Fields maps the name of an input field to what is wrong with it, in words
// for the person who filled it in.
type Fields map[string]string

// Error is a fault. Make one with New, Invalidf and the like; look at one with
// KindOf, TextOf and FieldsOf, which also see through wrapping.
type Error struct {
	Kind   Kind
	Text   string // for people: a full sentence that says what to do
	Fields Fields // for Invalid: field by field; nil otherwise
	cause  error
}

// New makes a fault of the kind with a text that is fit for people.
func New(kind Kind, text string) *Error {
	return &Error{Kind: kind, Text: text}
}

// Newf is New with formatting. What is formatted in must be fit for people too.
func Newf(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Text: fmt.Sprintf(format, args...)}
}

// InvalidFields makes an Invalid fault from the faults of single fields. It
// returns nil when there are none, so that a validator can end with it.
func InvalidFields(fields Fields) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Text: "Please check what is marked below.", Fields: fields}
}

// Because returns a copy of the fault that carries a private cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Error is for the log: it includes the names of faulty fields, but neither
// their values nor anything else that a person typed.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Kind))
	b.WriteString(": ")
	b.WriteString(e.Text)
	if len(e.Fields) > 0 {
		b.WriteString(" [")
		b.WriteString(strings.Join(slices.Sorted(maps.Keys(e.Fields)), ", "))
		b.WriteString("]")
	}
	if e.cause != nil {
		b.WriteString(": ")
		b.WriteString(e.cause.Error())
	}
	return b.String()
}

// Unwrap gives the private cause.
func (e *Error) Unwrap() error { return e.cause }

// Is lets errors.Is compare two faults by kind and text, so that a package can
// declare its named errors as variables and callers can tell them apart.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Text == e.Text
}

// KindOf gives the kind of the outermost fault in err's chain: Internal when
// there is none, and the empty kind for a nil error.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Kind
	}
	return Internal
}

// TextOf gives the text for people. For an internal error it is empty: the
// caller has its own fixed text for those.
func TextOf(err error) string {
	if f, ok := errors.AsType[*Error](err); ok && f.Kind != Internal {
		return f.Text
	}
	return ""
}

// FieldsOf gives the faults of single fields, or nil.
func FieldsOf(err error) Fields {
	if f, ok := errors.AsType[*Error](err); ok {
		return f.Fields
	}
	return nil
}
