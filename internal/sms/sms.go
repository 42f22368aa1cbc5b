// Package sms sends text messages and reads what people answer. It alone deals
// with Twilio.
package sms

// Text is one message to one number.
type Text struct {
	// ID is ours. What becomes of the text is told with it.
	ID string
	// To is in the form +14155550132.
	To, Body string
}

// Word is what somebody wrote to us.
type Word struct {
	// ID is Twilio's: the same word comes with the same ID, however often.
	ID, From, Body string
	// Answered says that Twilio has answered STOP, START or HELP itself.
	Answered bool
}

// News is what has become of a text.
type News struct {
	// ID is that of the Text, Code Twilio's number of what went wrong, 0 if
	// nothing did.
	ID     string
	Status Status
	Code   int
}

// Status is how far a text is.
type Status string

// The states of a text that are told apart.
const (
	Queued      Status = "queued"      // Twilio has it
	Sent        Status = "sent"        // the carrier has it
	Delivered   Status = "delivered"   // the phone has it
	Undelivered Status = "undelivered" // the carrier could not bring it
	Failed      Status = "failed"      // Twilio could not send it
)

// rank orders the states: news may come in any order, and twice.
var rank = map[Status]int{Queued: 1, Sent: 2, Delivered: 3, Undelivered: 3, Failed: 3}

// After reports whether the state is further on than another.
func (s Status) After(other Status) bool { return rank[s] > rank[other] }

// IsLost reports whether the text does not arrive any more.
func (s Status) IsLost() bool { return s == Undelivered || s == Failed }

// CodeStopped is Twilio's number for texts to somebody who has answered STOP.
const CodeStopped = 21610

// unreachable are Twilio's numbers for phones that no text will ever reach, as
// it is: 21211 and 21614 are none for texts, 21612 and 21408 cannot be reached
// from here, 30004 is blocked, 30005 unknown, 30006 a landline. A phone that is
// switched off (30003) may get the next text.
var unreachable = map[int]bool{21211: true, 21408: true, 21612: true, 21614: true, 30004: true, 30005: true, 30006: true, CodeStopped: true}

// IsUnreachable reports whether the number of what went wrong means that no
// text will reach this phone.
func IsUnreachable(code int) bool { return unreachable[code] }
