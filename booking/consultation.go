package booking

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/internal/store"
)

// ConsultationState is how far a first talk is.
type ConsultationState string

// The states of a consultation.
const (
	TalkAsked     ConsultationState = "asked"     // waits for staff to fix a time
	TalkFixed     ConsultationState = "fixed"     // has a time
	TalkMissed    ConsultationState = "missed"    // nobody came
	TalkInvited   ConsultationState = "invited"   // led to an invitation to book
	TalkDeclined  ConsultationState = "declined"  // led to a kind no
	TalkWithdrawn ConsultationState = "withdrawn" // those who asked gave it up
)

// ConsultationStates lists the states in the order in which staff work on them.
var ConsultationStates = []ConsultationState{TalkAsked, TalkFixed, TalkMissed, TalkInvited, TalkDeclined, TalkWithdrawn}

// Consultation is a first talk before any booking: one person or a couple asks,
// staff fix a time, and something comes of it. Nothing clinical is asked or kept.
type Consultation struct {
	store.Meta
	Ref string `json:"ref"`
	// CohortID is of the dates from whose page they asked, if it was one.
	CohortID string `json:"cohort_id,omitempty"`
	// People are those who asked: one, or the two of a couple.
	People []Asker `json:"people"`
	// Email and OtherEmail are their addresses as they are searched for.
	Email      string `json:"email"`
	OtherEmail string `json:"other_email,omitempty"`
	// Times are the parts of the day that suit them, Wish the same in words.
	Times  []string          `json:"times,omitempty"`
	Wish   string            `json:"wish,omitempty"`
	Online bool              `json:"online"`
	State  ConsultationState `json:"state"`
	// StartsAt and EndsAt are when the talk is, Where in words; nil until fixed.
	StartsAt *time.Time `json:"starts_at,omitempty"`
	EndsAt   *time.Time `json:"ends_at,omitempty"`
	Where    string     `json:"where,omitempty"`
	// Step counts the changes of which people are told; calendars go by it.
	Step int `json:"step"`
	// TellAt asks for mail about the last change; nil when it is planned. Told
	// are the ids of what was planned.
	TellAt    *time.Time  `json:"tell_at,omitempty"`
	Told      []string    `json:"told,omitempty"`
	CreatedAt time.Time   `json:"created_at"`
	ForgetAt  time.Time   `json:"forget_at"`
	Trail     audit.Trail `json:"trail,omitempty"`
}

// Asker is one person who asks for a first talk.
type Asker struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone,omitempty"`
	Zone  string `json:"zone"`
}

// DayParts are the choices of times that suit.
var DayParts = []string{"mornings", "afternoons", "evenings"}

// ConsultationInput is what was typed to ask for a first talk.
type ConsultationInput struct {
	// People are one or two; of two, the second may be left empty.
	People   [2]PartnerInput
	Times    []string
	Wish     string
	Online   bool
	CohortID string
	// Understood says that they know this is not for emergencies.
	Understood bool
	// Key makes asking repeatable: the same key is the same consultation.
	Key string
}

const (
	longestTimes = 300
	// forgetAfter is how long a consultation is kept after it last changed.
	forgetAfter = 180 * 24 * time.Hour
	// mostTalks is how many talks can be asked for with one address within
	// talksWithin, since each sends mail there.
	mostTalks   = 3
	talksWithin = 24 * time.Hour
	// Bounds of a talk, and how long one is if nobody says.
	DefaultTalkMinutes = 30
	maxTalkMinutes     = 180
	longestWhere       = 200
)

// errTalksOften answers who asks again and again.
var errTalksOften = fault.New(fault.Conflict, "A first talk has been asked for with this address several times today. We get in touch with you; please look into your mail.")

// newConsultation checks what was typed. The faults are by field:
// "partner1.email", "times".
func newConsultation(id, ref, zone string, in ConsultationInput, now time.Time) (*Consultation, error) {
	fields := fault.Fields{}
	c := &Consultation{
		Meta: store.Meta{ID: id}, Ref: ref, CohortID: in.CohortID, Online: in.Online, State: TalkAsked,
		Wish: strings.Join(strings.Fields(in.Wish), " "), CreatedAt: now,
	}
	for i, typed := range in.People {
		if i == 1 && typed.Name == "" && typed.Email == "" && typed.Phone == "" {
			continue
		}
		p := typed.check(fields, fmt.Sprintf("partner%d.", i+1), zone)
		c.People = append(c.People, Asker{Name: p.Name, Email: p.Email, Phone: p.Phone, Zone: p.Zone})
	}
	c.Email = strings.ToLower(c.People[0].Email)
	if len(c.People) == 2 && !people.SameEmail(c.People[0].Email, c.People[1].Email) {
		c.OtherEmail = strings.ToLower(c.People[1].Email)
	}
	for _, part := range DayParts {
		if slices.Contains(in.Times, part) {
			c.Times = append(c.Times, part)
		}
	}
	switch {
	case len([]rune(c.Wish)) > longestTimes:
		fields["wish"] = fmt.Sprintf("Please keep this to %d characters.", longestTimes)
	case len(c.Times) == 0 && c.Wish == "":
		fields["times"] = "Please choose what suits you, or say it in your own words."
	}
	if !in.Understood {
		fields["understood"] = "Please tick this to go on. If it is urgent, please call."
	}
	c.tell(now)
	return c, fault.InvalidFields(fields)
}

// tell asks for mail about what has changed.
func (c *Consultation) tell(now time.Time) {
	c.Step++
	c.TellAt, c.ForgetAt = &now, now.Add(forgetAfter)
	if c.EndsAt != nil && c.EndsAt.After(now) {
		c.ForgetAt = c.EndsAt.Add(forgetAfter)
	}
}

// IsOver reports whether something has come of the talk.
func (c *Consultation) IsOver() bool {
	return c.State == TalkInvited || c.State == TalkDeclined || c.State == TalkWithdrawn
}

var errTalkOver = fault.New(fault.Conflict, "This talk has ended already. The page shows what came of it.")

// Fixing is the time that staff give a talk.
type Fixing struct {
	StartsAt time.Time
	Minutes  int
	// Where is in words: how to call, or where to come.
	Where string
}

// Fix gives the talk a time, or another one. The faults are by field.
func (c *Consultation) Fix(f Fixing, by audit.By, now time.Time) error {
	if c.IsOver() {
		return errTalkOver
	}
	f.Where = strings.Join(strings.Fields(f.Where), " ")
	fields := fault.Fields{}
	if !f.StartsAt.After(now) {
		fields["date"] = "Please choose a time to come."
	} else if f.StartsAt.After(now.Add(forgetAfter)) {
		fields["date"] = "Please choose a time within half a year."
	}
	if f.Minutes < 5 || f.Minutes > maxTalkMinutes {
		fields["minutes"] = fmt.Sprintf("A talk lasts between 5 and %d minutes.", maxTalkMinutes)
	}
	if f.Where == "" || len([]rune(f.Where)) > longestWhere {
		fields["where"] = fmt.Sprintf("Please say where, or how to call, in at most %d characters.", longestWhere)
	}
	if err := fault.InvalidFields(fields); err != nil {
		return err
	}
	end := f.StartsAt.Add(time.Duration(f.Minutes) * time.Minute)
	if c.State == TalkFixed && c.StartsAt.Equal(f.StartsAt) && c.EndsAt.Equal(end) && c.Where == f.Where {
		return nil
	}
	from := ""
	if c.StartsAt != nil {
		from = c.StartsAt.Format(time.RFC3339)
	}
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "time of the talk", From: from, To: f.StartsAt.UTC().Format(time.RFC3339)})
	c.State, c.StartsAt, c.EndsAt, c.Where = TalkFixed, &f.StartsAt, &end, f.Where
	c.tell(now)
	return nil
}

// Conclude notes what came of the talk: TalkInvited, TalkDeclined or
// TalkMissed. Who did not come is not written to; staff phone them, or fix
// another time.
func (c *Consultation) Conclude(outcome ConsultationState, by audit.By, now time.Time) error {
	switch {
	case c.State == outcome:
		return nil
	case c.IsOver():
		return errTalkOver
	case outcome == TalkMissed && (c.State != TalkFixed || now.Before(*c.StartsAt)):
		return fault.New(fault.Conflict, "The talk has not been yet.")
	case outcome != TalkMissed && outcome != TalkInvited && outcome != TalkDeclined:
		return fault.InvalidFields(fault.Fields{"do": "An outcome is invited, declined or missed."})
	}
	c.Trail = c.Trail.Add(by, now, audit.Line{What: "outcome of the talk", From: string(c.State), To: string(outcome)})
	c.State = outcome
	if outcome == TalkMissed {
		c.ForgetAt = now.Add(forgetAfter)
		return nil
	}
	c.tell(now)
	return nil
}

// Withdraw gives the talk up for those who asked. Doing so twice is harmless.
func (c *Consultation) Withdraw(now time.Time) error {
	switch {
	case c.State == TalkWithdrawn:
		return nil
	case c.IsOver():
		return errTalkOver
	}
	c.State = TalkWithdrawn
	c.tell(now)
	return nil
}
