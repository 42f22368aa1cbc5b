package retreatsweb

import (
	"html/template"

	"lantern/internal/picture"
	"lantern/internal/web"
)

// offerPage is the front page.
type offerPage struct {
	web.Page
	Cards []card
	// Next leads to later cohorts.
	Next string
}

// card is one cohort on the front page.
type card struct {
	URL, Name, Summary, Dates, Location, Price string
	// Places says in words how many are left; Full and Closed colour it.
	Places       string
	Full, Closed bool
}

// cohortPage is one cohort, the same for everybody.
type cohortPage struct {
	web.Page
	Name, Summary, Dates, Location, ZoneName string
	Guides                                   []string
	// Text is what the organizers wrote, made safe.
	Text     template.HTML
	Sessions []sessionView
	Line     picture.TimeLine
	Price    string
	// Early says until when that price holds, if it is an early one.
	Early   string
	Due     []dueView
	Refunds []refundView
	// Refill says what comes back when another couple takes the place.
	Refill      string
	Houses      picture.Houses
	Places      string
	HoldMinutes int
	// Button leads on; without one, Why says why not.
	ButtonURL, ButtonText, Why string
	// TalkURL asks for a first talk about these dates.
	TalkURL string
}

type sessionView struct {
	Kind, Title, When, Until, Where, Receives, ISO string
}

type dueView struct{ What, Amount, When string }

type refundView struct{ When, Share string }
