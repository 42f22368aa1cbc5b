package notifications

import (
	"slices"
	"time"

	"lantern/internal/civil"
	"lantern/internal/sms"
	"lantern/internal/store"
)

// Number is what is known of a phone that texts go to, whoever's it is: one
// document decides whether another text may go there [D35, D36].
type Number struct {
	store.Meta
	// StoppedAt is when somebody there has answered that they want no texts,
	// LostAt when it was found that no text reaches it.
	StoppedAt *time.Time `json:"stopped_at,omitempty"`
	LostAt    *time.Time `json:"lost_at,omitempty"`
	// Texts are those of the last days.
	Texts []numberText `json:"texts,omitempty"`
	// Asked is what was asked there last.
	Asked *Question `json:"asked,omitempty"`
	// People are the partners and drivers whom texts there were for.
	People []numberPerson `json:"people,omitempty"`
	// Heard are the ids of the last words that came from there.
	Heard []string `json:"heard,omitempty"`
}

// numberText is a text that has been begun. Whether it was taken is sure only
// when its message says so; it is never begun again.
type numberText struct {
	Message string    `json:"message"`
	At      time.Time `json:"at"`
	// Free is one that the person has just asked for, and that does not count
	// among the others.
	Free bool `json:"free,omitempty"`
}

type numberPerson struct {
	Booking string `json:"booking"`
	Partner int    `json:"partner"`
	// Driver says that it is who drives the couple and has that number, and
	// neither partner.
	Driver bool `json:"driver,omitempty"`
}

// Question is what YES says yes to: that a partner comes to a session at the
// time at which it was then [D37], or that a driver drives after it, to which NO
// says no.
type Question struct {
	Booking string `json:"booking"`
	Partner int    `json:"partner"`
	// Driver says that the question is the driver's.
	Driver   bool      `json:"driver,omitempty"`
	Session  string    `json:"session"`
	StartsAt time.Time `json:"starts_at"`
}

const (
	// textsADay and textsAWeek are the most that one number gets, by the days of
	// the reader's zone [D35].
	textsADay  = 1
	textsAWeek = 3
	// welcomesADay and welcomesAWeek are the most first texts that one number gets
	// besides: both of a couple may have one phone. Whoever knows a number can agree
	// for it, again and again.
	welcomesADay  = 2
	welcomesAWeek = 3
	weekDays      = 7
	// keptDays is for how long texts are known: longer than anything is tried
	// again.
	keptDays = 15
	// mostHeard is how many words are known again; Twilio repeats one at once.
	mostHeard = 50
)

// ask is a text that is about to be sent.
type ask struct {
	message     string
	person      numberPerson
	consentedAt time.Time
	zone        *time.Location
	free        bool
	question    *Question
}

// Why a text is not sent.
const (
	WhyStopped = "stopped" // the person has answered STOP
	WhyLost    = "unreachable"
	WhyFull    = "cap"     // they have had as many as they may get
	WhyUnsure  = "unsure"  // it may have been sent already
	WhyLength  = "length"  // it is longer than one text
	WhyRefused = "refused" // Twilio has said no
	WhyOff     = "off"     // no texts are sent here
	WhyLate    = "hours"   // the hours for texts come too late
)

// admit lets a text be sent, which it notes, or says why not. A consent that was
// given after STOP counts again.
func (n *Number) admit(a ask, now time.Time) (why string) {
	today := civil.DateOf(now, a.zone)
	ofDay, ofWeek, mostOfDay, mostOfWeek := 0, 0, textsADay, textsAWeek
	if a.free {
		mostOfDay, mostOfWeek = welcomesADay, welcomesAWeek
	}
	for _, t := range n.Texts {
		days := civil.DateOf(t.At, a.zone).DaysUntil(today)
		switch {
		case t.Message == a.message:
			return WhyUnsure
		case t.Free != a.free || days >= weekDays:
		case days <= 0:
			ofDay, ofWeek = ofDay+1, ofWeek+1
		default:
			ofWeek++
		}
	}
	switch {
	case n.StoppedAt != nil && !a.consentedAt.After(*n.StoppedAt):
		return WhyStopped
	case n.LostAt != nil && !a.consentedAt.After(*n.LostAt):
		return WhyLost
	case ofDay >= mostOfDay || ofWeek >= mostOfWeek:
		return WhyFull
	}
	n.StoppedAt, n.LostAt = nil, nil // agreed to once more
	recent := slices.DeleteFunc(slices.Clone(n.Texts), func(t numberText) bool { return now.Sub(t.At) > keptDays*24*time.Hour })
	n.Texts = append(recent, numberText{Message: a.message, At: now, Free: a.free})
	if !slices.Contains(n.People, a.person) {
		n.People = append(slices.Clone(n.People), a.person)
	}
	if a.question != nil {
		q := *a.question
		n.Asked = &q
	}
	return ""
}

// forget takes back that a text was begun which was surely not taken.
func (n *Number) forget(message string) {
	n.Texts = slices.DeleteFunc(slices.Clone(n.Texts), func(t numberText) bool { return t.Message == message })
}

// take ends texts to the number, or begins them again [D36].
func (n *Number) take(meaning sms.Meaning, now time.Time) {
	switch {
	case meaning == sms.Stop:
		n.StoppedAt = &now // also if they had stopped before: they may have agreed since
	case meaning == sms.Start:
		n.StoppedAt = nil
	}
}

func (n *Number) hasHeard(id string) bool { return slices.Contains(n.Heard, id) }

// hear notes that a word has come. It reports whether it is new.
func (n *Number) hear(id string) bool {
	if n.hasHeard(id) {
		return false
	}
	n.Heard = append(slices.Clone(n.Heard), id)
	if over := len(n.Heard) - mostHeard; over > 0 {
		n.Heard = slices.Clone(n.Heard[over:])
	}
	return true
}

// textHours are those at which somebody gets texts, also such as answer what they
// have just done: a phone wakes people up [D34].
var textHours = hours{civil.Clock("09:00"), civil.Clock("20:00")}
