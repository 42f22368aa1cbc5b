package bookingweb

import (
	"html/template"

	"lantern/booking"
	"lantern/internal/web"
)

// bookPage is the form for a couple.
type bookPage struct {
	web.Page
	CohortURL, Name, Dates, Location string
	// List is the price before the Reductions, empty without any; Due is what of
	// the Price is due when.
	Price, List     string
	Reductions, Due []lineView
	Code            string
	// Typed says that the reader has been at the form already.
	Typed                     bool
	Statement                 []string // the policy's lines
	Wait                      bool     // the form joins the waitlist
	FormID                    string
	Partners                  [2]partnerView
	SharedEmail, AcceptPolicy bool
	Zones                     []string
	// Faults are by field; Summary lists them with links to the fields.
	Faults  map[string]string
	Summary []faultView
	// Problem is what stands against the whole form.
	Problem string
}

type partnerView struct {
	Prefix, Legend           string // "partner1"
	Name, Email, Phone, Zone string
}

type faultView struct{ ID, Text string }

// Fault gives what is wrong with a field, for the template.
func (p *bookPage) Fault(field string) string { return p.Faults[field] }

// placePage is the couple's own page.
type placePage struct {
	web.Page
	State                      string // held, ending, waiting, offered, confirmed, lapsed, cancelled, refunded, paying
	URL                        string // this page
	Reader, Name, Ref          string
	CohortURL, Dates, Location string
	Until                      web.Moment
	Position, Waiting          int
	Sessions                   []sessionView
	ZoneName, ReaderZoneName   string
	Money                      *moneyView
	// PartHere and PartOpen are of what makes the place theirs, when only one
	// part of it has come.
	PartHere, PartOpen string
	// Ended says what comes back of a booking that was cancelled; ByPractice that
	// staff ended it.
	Ended      []string
	ByPractice bool
	People     []string
	Messages   []messageView
	// Texts is what the reader has said of text messages; nil when it is over, or
	// none are sent here.
	Texts     *textsView
	CanCancel bool
	// CanTransfer shows the way to other dates, also where it says why not.
	CanTransfer bool
	Contact     string
	// WentFirst says why couples that joined later come first, never who.
	WentFirst []string
	// Moved says why staff changed when it is the couple's own turn.
	Moved     string
	EndReason string
	// LastOffer says that the turn ends if this offer goes by.
	LastOffer bool
	// CalledOff says that the practice has cancelled the cohort.
	CalledOff bool
	// Returns says that money goes back.
	Returns bool
	// MayTake says that a place that the couple let go by is still free.
	MayTake bool
	// Consent is the reader's own; of the partner's nothing is shown.
	Consent *consentView
	// Preparations and Drivers are what the couple says about its sessions.
	Preparations []preparationView
	// Material is for afterwards, made safe; empty before its day.
	Material template.HTML
	Drivers  []driverFormView
	// Others are the couple's other turns and places, Cohorts where it could
	// wait as well, Free where there is nothing to wait for.
	Others        []otherView
	Cohorts, Free []datesView
	// Terms are shown with an offer where the couple was moved to other dates.
	Terms []string
	// Price and DueNow are what a place that is offered costs.
	Price, DueNow string
	// Problem is what stands against the form that was sent last; Faults are
	// by field, and Typed keeps what was typed.
	Problem, ProblemAnchor string
	Faults                 map[string]string
	Typed                  map[string]string
}

// todoView is something for the reader to do, with its place on the page.
type todoView struct{ Anchor, Text string }

// Next is what the reader should do first, nil when there is nothing.
func (p *placePage) Next() *todoView {
	if p.Consent != nil && p.Consent.Given == "" {
		return &todoView{Anchor: "consent", Text: "give your own consent"}
	}
	for _, s := range p.Preparations {
		if !s.Mine && s.Wish == "" && !s.Over {
			return &todoView{Anchor: "session-" + s.ID, Text: "say that you come to " + s.Title}
		}
	}
	for _, d := range p.Drivers {
		switch {
		case d.Name == "":
			return &todoView{Anchor: "driver-" + d.ID, Text: "name who drives you home after " + d.Title}
		case d.Said == "no":
			return &todoView{Anchor: "driver-" + d.ID, Text: "name another driver after " + d.Title + ", since " + d.Name + " cannot"}
		case d.Again:
			return &todoView{Anchor: "driver-" + d.ID, Text: "ask " + d.Name + " again, since the time of " + d.Title + " has changed"}
		case d.Said == "" && !d.Asked:
			return &todoView{Anchor: "driver-" + d.ID, Text: "send " + d.Name + " the link for drivers"}
		}
	}
	return nil
}

// Fault gives what is wrong with a field, for the template.
func (p *placePage) Fault(field string) string { return p.Faults[field] }

// Kept gives what was typed into it.
func (p *placePage) Kept(field string) string { return p.Typed[field] }

type consentView struct {
	Statement string
	// Given is when, empty if not.
	Given string
	// Before is the first day of other dates, for which it was given.
	Before string
}

type preparationView struct {
	ID, Title, When string
	// Mine says that the reader comes, Wish that they ask for another time.
	Mine, Began, Over bool
	Wish              string
}

type driverFormView struct {
	ID, Title, When       string
	Name, Phone, Relation string
	// Other is who was named for another session and has not refused, which is put
	// before a couple that has named nobody here.
	Other booking.DriverInput
	By    string // until when a name is asked for
	Late  bool
	// Again says that the session has moved since the driver was named.
	Again bool
	Email string
	// Link is the driver's own, ShareText what to send with it. Asked says that
	// it was sent; Said is the driver's answer, "yes", "no" or nothing yet.
	Link, ShareText, Said string
	Asked                 bool
	// ByText says that the driver has agreed to texts.
	ByText bool
	// ConfirmBy is until when the driver says yes; Rides is what holds for taxis.
	ConfirmBy, Rides string
}

type otherView struct{ ID, URL, Name, Dates, Standing string }

// HasPlace says whether the sessions are the couple's own to plan for.
func (p *placePage) HasPlace() bool {
	return p.State == "held" || p.State == "ending" || p.State == "paying" || p.State == "confirmed"
}

// Over says whether nothing more comes of the booking.
func (p *placePage) Over() bool { return p.State == "lapsed" || p.State == "cancelled" }

type sessionView struct {
	Title, When, Where, ReaderWhen, ISO string
}

type lineView struct {
	What, Amount, When, State string
	Kind                      string // done, due, late, none: for the sign
	URL                       string // of its receipt, if there is one
}

type messageView struct{ Subject, When string }
