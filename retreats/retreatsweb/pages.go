package retreatsweb

import (
	"fmt"

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
	Sessions                                 []sessionView
	Line                                     timeLine
	Price                                    string
	Due                                      []dueView
	Refunds                                  []refundView
	Houses                                   houses
	Places                                   string
	HoldMinutes                              int
	// Button leads on; without one, Why says why not.
	ButtonURL, ButtonText, Why string
}

type sessionView struct {
	Kind, Title, When, Until, Where, Receives, ISO string
}

type dueView struct{ What, Amount, When string }

type refundView struct{ When, Share string }

// houses is the picture of places: one little house for each couple.
type houses struct {
	Text  string
	Width int
	List  []house
}

type house struct {
	X     int
	State string // taken, held, offered, free
}

// timeLine is the picture of the sessions.
type timeLine struct {
	Text   string
	Points []point
	Labels []point
}

type point struct {
	X    int // of 1000
	Kind string
	Text string
}

// Percent is how far along the line the point lies.
func (p point) Percent() string { return fmt.Sprintf("%d.%d%%", p.X/10, p.X%10) }
