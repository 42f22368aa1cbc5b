package booking

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/retreats"
)

// Call is a phone call that somebody of the staff makes about a couple, since
// mails alone have not helped. It follows from what the documents say and is
// not stored; CallRecord is what came of it.
type Call struct {
	Kind CallKind
	// Session is what it is about, where it belongs to one.
	Session retreats.Session
	// Partner is 1 or 2 where it is about one of them, else 0.
	Partner int
	// Since is since when it is to be made, By what it must be settled.
	Since, By time.Time
	// Phones are whom to call, in order. A driver is called first where the
	// question is theirs.
	Phones []PhoneLine
	// Last is what came of the last call about the same, nil before the first.
	Last *CallRecord
}

// PhoneLine is somebody to call; Number is empty if none is known.
type PhoneLine struct{ Name, Number string }

// CallKind says what a call is about.
type CallKind string

// The kinds of calls, the most urgent first.
const (
	CallRefused     CallKind = "driver_refused"     // the driver cannot
	CallUnconfirmed CallKind = "driver_unconfirmed" // a day before, the driver has not said yes [D30]
	CallUnnamed     CallKind = "driver_unnamed"     // a week before, nobody is named [D28]
	CallUnreached   CallKind = "unreached"          // what we write to somebody does not arrive
	CallPreparation CallKind = "preparation"        // a day before, a partner has not said that they come [D22]
	CallMissed      CallKind = "missed"             // a partner was not there for a preparation session
	CallPapers      CallKind = "papers"             // consent or forms are missing after the last chase [D23]
)

// ID names the call in its booking: "driver_unnamed.s4", "preparation.s1.2".
func (c Call) ID() string {
	id := string(c.Kind)
	if c.Session.ID != "" {
		id += "." + c.Session.ID
	}
	if c.Partner > 0 {
		id += "." + strconv.Itoa(c.Partner)
	}
	return id
}

// CallOutcome is what came of a call.
type CallOutcome string

// The outcomes.
const (
	CallReached  CallOutcome = "reached"
	CallNoAnswer CallOutcome = "no_answer"
	CallLater    CallOutcome = "later"
)

// CallRecord is one call that was made.
type CallRecord struct {
	Call    string      `json:"call"`
	Outcome CallOutcome `json:"outcome"`
	At      time.Time   `json:"at"`
	// Again is when to call again, nil unless the outcome is CallLater.
	Again *time.Time `json:"again,omitempty"`
	By    string     `json:"by"`
	ByID  string     `json:"by_id"`
}

const (
	unnamedDays     = 7              // who drives is asked by phone, before the session [D28]
	unconfirmedRide = 24 * time.Hour // the driver's yes, before the pick-up [D29]
	// papersChased is how long after papers are due the third and last chase has
	// been of no use [D23].
	papersChased = 9 * 24 * time.Hour
	// reachedRest is how long somebody who was reached has to do what they
	// promised, before they are called about the same again; or half of the time
	// that is left, if that is less.
	reachedRest = 24 * time.Hour
)

// Calls are the phone calls to be made about the couple now, the most urgent
// first. One that waits for its time is in it: see Call.Waits.
func (c Case) Calls(now time.Time) []Call {
	if c.Standing.State != retreats.Confirmed || c.Booking.IsOver() {
		return nil
	}
	var calls []Call
	for _, s := range c.Cohort.Sessions {
		switch {
		case c.Cohort.NeedsDriver(s) && now.Before(c.Cohort.PickUpAt(s)):
			calls = append(calls, c.driverCall(s, now)...)
		case s.Kind == retreats.Preparation && now.Before(s.EndsAt):
			calls = append(calls, c.preparationCalls(s, now)...)
		case s.Kind == retreats.Preparation:
			calls = append(calls, c.missedCalls(s, now)...)
		}
	}
	calls = append(calls, c.unreachedCalls(now)...)
	calls = append(calls, c.paperCalls(now)...)
	for i := range calls {
		calls[i].Last = c.Booking.lastCall(calls[i].ID())
	}
	SortCalls(calls)
	return calls
}

// SortCalls puts the calls first that must be settled first.
func SortCalls(calls []Call) {
	slices.SortStableFunc(calls, func(a, b Call) int { return cmp.Or(a.By.Compare(b.By), cmp.Compare(a.ID(), b.ID())) })
}

// Waits is until when nobody needs to call, the zero time for now.
func (c Call) Waits(now time.Time) time.Time {
	if c.Last == nil {
		return time.Time{}
	}
	var until time.Time
	switch {
	case c.Last.Again != nil:
		until = *c.Last.Again
	case c.Last.Outcome == CallReached:
		until = c.Last.At.Add(min(reachedRest, c.By.Sub(c.Last.At)/2))
	}
	if now.Before(until) {
		return until
	}
	return time.Time{}
}

func (c Case) driverCall(s retreats.Session, now time.Time) []Call {
	pickUp := c.Cohort.PickUpAt(s)
	call := Call{Session: s, By: s.StartsAt, Phones: c.phones()}
	if pickUp.After(s.EndsAt) {
		call.By = pickUp // they stay until then
	}
	d, named := c.Booking.Driver(s.ID)
	switch {
	case named && d.HasRefused(s):
		call.Kind, call.Since = CallRefused, *d.AnsweredAt
	case !named:
		call.Kind, call.Since = CallUnnamed, c.daysBefore(s.StartsAt, unnamedDays)
		if due := c.DriverDue(s, now); due.After(call.Since) {
			call.Since = due // who was confirmed late has their time [D7]
		}
	case d.HasConfirmed(s):
		return nil
	default:
		call.Kind, call.Since = CallUnconfirmed, pickUp.Add(-unconfirmedRide)
		call.Phones = append([]PhoneLine{{d.Name, d.Phone}}, call.Phones...)
	}
	if now.Before(call.Since) {
		return nil
	}
	return []Call{call}
}

func (c Case) preparationCalls(s retreats.Session, now time.Time) (calls []Call) {
	since := s.StartsAt.Add(-unconfirmedTime)
	if now.Before(since) {
		return nil
	}
	for i := range c.Booking.Partners {
		if !c.Booking.HasReplied(s, i) {
			calls = append(calls, Call{Kind: CallPreparation, Session: s, Partner: i + 1, Since: since, By: s.StartsAt, Phones: c.phones()[i : i+1]})
		}
	}
	return calls
}

// missedCalls are about who was not there, until they have been reached, somebody
// has decided that they are ready all the same, or the medicine begins.
func (c Case) missedCalls(s retreats.Session, now time.Time) (calls []Call) {
	by, ok := c.firstMedicine()
	if !ok || !now.Before(by) {
		return nil
	}
	for i := range c.Booking.Partners {
		if !c.Missed(s, i) || c.Booking.AttendanceAt(s, i).Waived != nil {
			continue
		}
		call := Call{Kind: CallMissed, Session: s, Partner: i + 1, Since: c.Booking.AttendanceAt(s, i).At, By: by, Phones: c.phones()[i : i+1]}
		if last := c.Booking.lastCall(call.ID()); last == nil || last.Outcome != CallReached {
			calls = append(calls, call)
		}
	}
	return calls
}

// firstMedicine is when the cohort's first medicine session begins.
func (c Case) firstMedicine() (at time.Time, ok bool) {
	for _, s := range c.Cohort.Sessions {
		if s.Kind == retreats.Medicine && (!ok || s.StartsAt.Before(at)) {
			at, ok = s.StartsAt, true
		}
	}
	return at, ok
}

func (c Case) paperCalls(now time.Time) (calls []Call) {
	since := c.PapersDue(now).Add(papersChased)
	if last := c.Cohort.Start().Add(-unconfirmedRide); since.After(last) {
		since = last
	}
	if now.Before(since) || !now.Before(c.Cohort.Start()) {
		return nil
	}
	for i := range c.Booking.Partners {
		if c.ConsentOf(i) == nil || c.Booking.Forms[i] == nil {
			calls = append(calls, Call{Kind: CallPapers, Partner: i + 1, Since: since, By: c.Cohort.Start(), Phones: c.phones()[i : i+1]})
		}
	}
	return calls
}

func (c Case) phones() []PhoneLine {
	var phones []PhoneLine
	for _, p := range c.Booking.Partners {
		phones = append(phones, PhoneLine{p.Name, p.Phone})
	}
	return phones
}

func (b *Booking) lastCall(id string) *CallRecord {
	for _, r := range slices.Backward(b.Calls) {
		if r.Call == id {
			return &r
		}
	}
	return nil
}

var errNoCall = fault.New(fault.Conflict, "This call is not needed any more.")

// recordCall notes what came of a call that is to be made.
func (c Case) recordCall(b *Booking, id string, outcome CallOutcome, again time.Time, by audit.By, now time.Time) error {
	seen := c
	seen.Booking = b
	i := slices.IndexFunc(seen.Calls(now), func(call Call) bool { return call.ID() == id })
	if i < 0 {
		return errNoCall
	}
	record := CallRecord{Call: id, Outcome: outcome, At: now, By: by.Name, ByID: by.ID}
	switch outcome {
	case CallReached, CallNoAnswer:
	case CallLater:
		if !again.After(now) {
			return fault.InvalidFields(fault.Fields{"again": "Please choose a time that is still to come."})
		}
		record.Again = &again
	default:
		return fault.InvalidFields(fault.Fields{"outcome": "The outcome is reached, no_answer or later."})
	}
	call := seen.Calls(now)[i]
	b.Calls = append(slices.Clone(b.Calls), record)
	b.Trail = b.Trail.Add(by, now, audit.Line{What: "called about " + callWords[call.Kind], To: outcomeWords[outcome]})
	if call.Kind == CallUnreached && outcome == CallReached {
		b.reached(call.Partner, call.Session.ID)
	}
	return nil
}

var callWords = map[CallKind]string{
	CallRefused: "a driver who cannot", CallUnconfirmed: "a driver's yes", CallUnnamed: "naming a driver",
	CallUnreached: "what does not arrive", CallPreparation: "a preparation session", CallMissed: "a preparation session that was missed", CallPapers: "consent and forms",
}

var outcomeWords = map[CallOutcome]string{CallReached: "reached", CallNoAnswer: "no answer", CallLater: "again later"}

// Words say the outcome for people.
func (o CallOutcome) Words() string { return outcomeWords[o] }
