package notifications

import (
	"lantern/internal/civil"
	"lantern/retreats"
)

// Reminder is a rule as data: what is said how long before or after what, to
// whom, and while what holds. Each cohort has its own set, see ReminderSet.
type Reminder struct {
	// ID is unique in a set and part of the ids of its messages, so it stays
	// whatever else of the reminder is changed.
	ID string `json:"id"`
	// Template is what is said: one of Templates. Reminders with the same one
	// are a series, each of which takes the place of the one before.
	Template string `json:"template"`
	Anchor   Anchor `json:"anchor"`
	// Sessions is the kind of sessions whose start or end is the anchor, or
	// that a reminder is about whose anchor is that they have their place.
	Sessions retreats.SessionKind `json:"sessions,omitempty"`
	// Days and Clock say when: so many days of the calendar after the anchor's
	// day, negative for before, at that time by the clocks of the place. Without
	// a clock it is so many Minutes after the anchor, negative for before.
	Days    int         `json:"days"`
	Clock   civil.Clock `json:"clock,omitempty"`
	Minutes int         `json:"minutes,omitempty"`
	To      Audience    `json:"to,omitempty"`
	While   Condition   `json:"while,omitempty"`
	// UsefulHours is how long after the anchor it is of use; 0 is up to the
	// anchor, or, where that is past, up to the start of the session.
	UsefulHours int  `json:"useful_hours,omitempty"`
	Late        Late `json:"late"`
	Off         bool `json:"off,omitempty"`
	// Text lets it come as a text, in the place of the mail, to who wants that.
	Text bool `json:"text,omitempty"`
}

// Audience is whom a reminder is for.
type Audience string

// The audiences.
const (
	ToPartners Audience = "" // each of the two
	// ToDriver is for who was named to drive, if there is an address: the couple
	// may have forwarded the link itself [D31].
	ToDriver Audience = "driver"
)

// Anchor is what a reminder is counted from.
type Anchor string

// The anchors.
const (
	AtSessionStart Anchor = "session_start"
	AtSessionEnd   Anchor = "session_end"
	AtCohortStart  Anchor = "cohort_start"
	AtConfirmed    Anchor = "confirmed"    // when the couple came to its place
	AtDriverNamed  Anchor = "driver_named" // when the couple named who drives
	AtPickUp       Anchor = "pick_up"      // when the driver is expected
)

// Condition is what has to be so for a reminder to be sent; an empty one is
// always so. It is asked when the message is planned and when it is sent.
type Condition string

// The conditions. Those about one person are asked of each by themselves.
const (
	PapersMissing  Condition = "papers_missing"
	NotReplied     Condition = "not_replied"
	DriverNotNamed Condition = "driver_not_named"
	// RideNotAnswered is so of a driver who has said neither yes nor no,
	// RideNotRefused of one who has not said no.
	RideNotAnswered Condition = "ride_not_answered"
	RideNotRefused  Condition = "ride_not_refused"
)

// Late says what becomes of a reminder whose moment had passed when the couple
// came to its place [D41].
type Late string

// What can become of it.
const (
	LateNearest Late = "nearest" // only the last of its series, at once
	LateSkip    Late = "skip"
	LateSendNow Late = "send_now"
)

// The templates of reminders.
const (
	TellPreparation = "preparation"
	TellPapers      = "papers"
	TellNoDriver    = "driver_missing"
	TellIntegration = "integration"
	TellAfterwards  = "afterwards"
	TellRide        = "ride"
)

// Templates are those of reminders, in the order in which pages show them.
var Templates = []string{TellPapers, TellNoDriver, TellRide, TellPreparation, TellAfterwards, TellIntegration}

// DefaultReminders are what a cohort says that has no set of its own.
func DefaultReminders() []Reminder {
	before := func(id, template string, kind retreats.SessionKind, days int) Reminder {
		return Reminder{ID: id, Template: template, Anchor: AtSessionStart, Sessions: kind, Days: -days, Clock: ten, Late: LateNearest}
	}
	shortly := func(id, template string, kind retreats.SessionKind, minutes int) Reminder {
		return Reminder{ID: id, Template: template, Anchor: AtSessionStart, Sessions: kind, Minutes: -minutes, Late: LateNearest}
	}
	papers := func(id string, days int) Reminder {
		return Reminder{ID: id, Template: TellPapers, Anchor: AtCohortStart, Days: -days, Clock: ten, While: PapersMissing, Late: LateNearest}
	}
	// Who comes late is asked by the first of these, so the others need not
	// make up for anything.
	noDriver := func(id string, days int) Reminder {
		r := before(id, TellNoDriver, retreats.Medicine, days)
		r.While, r.Late = DriverNotNamed, LateSkip
		return r
	}
	byText := func(r Reminder) Reminder { r.Text = true; return r }
	ride := func(id string, days int) Reminder {
		return Reminder{
			ID: id, Template: TellRide, Anchor: AtPickUp, Sessions: retreats.Medicine, Days: -days, Clock: ten,
			To: ToDriver, While: RideNotAnswered, Late: LateNearest,
		}
	}
	return []Reminder{
		// A week before they are due, on that day, and twice more [D23].
		papers("papers-1", 28), papers("papers-2", 21), papers("papers-3", 18), papers("papers-4", 15),
		// Asked when they have their place, chased until a person phones [D28].
		{ID: "no-driver-1", Template: TellNoDriver, Anchor: AtConfirmed, Sessions: retreats.Medicine, Days: 1, Clock: ten, While: DriverNotNamed, Late: LateNearest},
		noDriver("no-driver-2", 21), noDriver("no-driver-3", 14), noDriver("no-driver-4", 10), noDriver("no-driver-5", 7),
		// Who drives is asked when named, and until they have said yes; a word on
		// the day [D29].
		{ID: "ride-1", Template: TellRide, Anchor: AtDriverNamed, Sessions: retreats.Medicine, To: ToDriver, While: RideNotAnswered, Late: LateNearest},
		byText(ride("ride-2", 7)), byText(ride("ride-3", 3)), byText(ride("ride-4", 1)),
		byText(Reminder{ID: "ride-5", Template: TellRide, Anchor: AtPickUp, Sessions: retreats.Medicine, Minutes: -180, To: ToDriver, While: RideNotRefused, Late: LateNearest}),
		before("preparation-1", TellPreparation, retreats.Preparation, 7), // [D21]
		byText(before("preparation-2", TellPreparation, retreats.Preparation, 3)),
		byText(before("preparation-3", TellPreparation, retreats.Preparation, 1)),
		shortly("preparation-4", TellPreparation, retreats.Preparation, 60),
		{ID: "afterwards-1", Template: TellAfterwards, Anchor: AtSessionEnd, Sessions: retreats.Medicine, Days: 1, Clock: ten, UsefulHours: 72, Late: LateSkip},
		before("integration-1", TellIntegration, retreats.Integration, 1), // [D32]
		shortly("integration-2", TellIntegration, retreats.Integration, 120),
	}
}
