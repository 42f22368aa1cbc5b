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
	// After says that it follows its anchor, also on the anchor's own day.
	After bool `json:"after,omitempty"`
	// UsefulHours is for how long it is of use once it is due, and never beyond
	// an anchor that it precedes; 0 is what suits its anchor, see until.
	UsefulHours int  `json:"useful_hours,omitempty"`
	Late        Late `json:"late"`
	Off         bool `json:"off,omitempty"`
	// Text lets it come as a text, in the place of the mail, to who wants that;
	// Beside lets a text come with the mail.
	Text   bool `json:"text,omitempty"`
	Beside bool `json:"beside,omitempty"`
	// Subject and Body are what TellNote says, Short is its text message: words
	// of staff, with placeholders in braces.
	Subject string `json:"subject,omitempty"`
	Body    string `json:"body,omitempty"`
	Short   string `json:"short,omitempty"`
}

// Audience is whom a reminder is for.
type Audience string

// The audiences.
const (
	ToPartners Audience = ""      // each of the two
	ToFirst    Audience = "first" // the first of them
	// ToDriver is for who was named to drive, if there is an address: the couple
	// may have forwarded the link itself [D31].
	ToDriver Audience = "driver"
	// ToStaff is for each of those who are on duty when it is sent.
	ToStaff Audience = "staff"
)

// Anchor is what a reminder is counted from.
type Anchor string

// The anchors.
const (
	AtSessionStart Anchor = "session_start"
	AtSessionEnd   Anchor = "session_end"
	AtCohortStart  Anchor = "cohort_start"
	AtCohortEnd    Anchor = "cohort_end"
	AtConfirmed    Anchor = "confirmed"    // when the couple came to its place
	AtJoined       Anchor = "joined"       // when it went onto the waitlist
	AtOfferEnd     Anchor = "offer_end"    // when an offer ends that it has not answered
	AtChargeDue    Anchor = "charge_due"   // when a charge is due of which something is open
	AtMaterial     Anchor = "material"     // when the material is handed out
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
	ConsentMissing Condition = "consent_missing"
	FormsMissing   Condition = "forms_missing"
	DriverNotNamed Condition = "driver_not_named"
	// DriverNotConfirmed is so while nobody has said that they drive.
	DriverNotConfirmed Condition = "driver_not_confirmed"
	BalanceUnpaid      Condition = "balance_unpaid"
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
	TellMaterial    = "material"
	TellNote        = "note" // in words of staff
)

// Templates are those of reminders, in the order in which pages show them.
var Templates = []string{TellPapers, TellNoDriver, TellRide, TellPreparation, TellAfterwards, TellIntegration, TellMaterial, TellNote}

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
		{ID: "no-driver-1", Template: TellNoDriver, Anchor: AtConfirmed, Sessions: retreats.Medicine, Days: 1, Clock: ten, After: true, While: DriverNotNamed, Late: LateNearest},
		noDriver("no-driver-2", 21), noDriver("no-driver-3", 14), noDriver("no-driver-4", 10), noDriver("no-driver-5", 7),
		// Who drives is asked when named, and until they have said yes; a word on
		// the day [D29].
		{ID: "ride-1", Template: TellRide, Anchor: AtDriverNamed, Sessions: retreats.Medicine, After: true, To: ToDriver, While: RideNotAnswered, Late: LateNearest},
		byText(ride("ride-2", 7)), byText(ride("ride-3", 3)), byText(ride("ride-4", 1)),
		byText(Reminder{ID: "ride-5", Template: TellRide, Anchor: AtPickUp, Sessions: retreats.Medicine, Minutes: -180, To: ToDriver, While: RideNotRefused, Late: LateNearest}),
		before("preparation-1", TellPreparation, retreats.Preparation, 7), // [D21]
		byText(before("preparation-2", TellPreparation, retreats.Preparation, 3)),
		byText(before("preparation-3", TellPreparation, retreats.Preparation, 1)),
		shortly("preparation-4", TellPreparation, retreats.Preparation, 60),
		{ID: "afterwards-1", Template: TellAfterwards, Anchor: AtSessionEnd, Sessions: retreats.Medicine, Days: 1, Clock: ten, After: true, UsefulHours: 48, Late: LateSkip},
		before("integration-1", TellIntegration, retreats.Integration, 1), // [D32]
		shortly("integration-2", TellIntegration, retreats.Integration, 120),
		{ID: "material-1", Template: TellMaterial, Anchor: AtMaterial, Clock: ten, After: true, UsefulHours: 14 * 24, Late: LateNearest},
	}
}
