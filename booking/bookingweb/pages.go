package bookingweb

import "lantern/internal/web"

// bookPage is the form for a couple.
type bookPage struct {
	web.Page
	CohortURL, Name, Dates, Location string
	Price, DueNow, DueLater, LaterOn string
	Statement                        []string // the policy's lines
	Wait                             bool     // the form joins the waitlist
	FormID                           string
	Partners                         [2]partnerView
	SharedEmail, AcceptPolicy        bool
	Zones                            []string
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
	State                         string // held, waiting, offered, confirmed, lapsed, cancelled, refunded, paying
	URL                           string // this page
	Reader, Name, Ref             string
	CohortURL, Dates, Location    string
	Until                         web.Moment
	Position, Waiting             int
	PayAmount, PayCharge, PayWhat string
	Sessions                      []sessionView
	ZoneName, ReaderZoneName      string
	Charges                       []lineView
	Payments, Refunds             []lineView
	People                        []string
	Messages                      []messageView
	CanCancel                     bool
	Contact                       string
}

type sessionView struct {
	Title, When, Where, ReaderWhen, ISO string
}

type lineView struct {
	What, Amount, When, State string
	Kind                      string // done, due, late: for the sign
}

type messageView struct{ Subject, When string }

// cancelPage asks before it cancels.
type cancelPage struct {
	web.Page
	URL, Name, Dates, Ref string
	Waiting               bool
}
