package retreatsweb

import (
	"encoding/json"
	"html/template"
	"maps"
	"net/url"
	"slices"

	"lantern/internal/audit"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/markdown"
	"lantern/internal/web"
	"lantern/retreats"
)

// offerFormPage is the form of a retreat, new or not, and that of a cohort.
type offerFormPage struct {
	web.Page
	Crumb, Heading, About, Action, Button string
	CrumbURL                              string
	// Done is what has just been saved, Problem why nothing was.
	Done, Problem string
	Summary       []faultView
	// Seen is what the form began with, so that it does not overwrite what
	// somebody else has saved meanwhile.
	Seen                       string
	Programme, Selling, Places []fieldView
	Instalments                []payRow
	InstalmentsFault           string
	Tiers                      []tierRow
	RefillFee                  fieldView
	PolicyFault                string
	// HasPlan is so for retreats; a cohort's sessions have pages of their own.
	HasPlan   bool
	Plan      []planRow
	PlanFault string
	Preview   template.HTML
	// Retreat is what stands beneath the form of a retreat that is there.
	Retreat *retreatParts
	Trail   []trailView
}

// faultView is a line of the list of faults, which leads to the field.
type faultView struct{ ID, Text string }

// fieldView is a field with its label and what it is for.
type fieldView struct {
	Name, Label, Hint, Value, Fault string
	// Lines makes it a field of several lines.
	Lines int
	Max   int
	// Figures brings up the keys for numbers.
	Figures bool
	// IsDate brings up a calendar.
	IsDate bool
	// Choices makes it a field to choose from.
	Choices []choice
	// Fixed shows the value without letting it be changed.
	Fixed bool
}

// ID is the field's on the page, where "summary" is the list of faults.
func (f fieldView) ID() string { return fieldID(f.Name) }

func fieldID(name string) string {
	if name == "summary" {
		return "short_text"
	}
	return name
}

// typedOffer is what was typed into the form, read.
type typedOffer struct {
	values    url.Values
	programme retreats.Programme
	terms     retreats.Terms
	rows      []planRow
	plan      []retreats.PlannedSession
	faults    fault.Fields
}

func readOffer(v url.Values, withPlan bool) typedOffer {
	o := typedOffer{values: v, faults: fault.Fields{}}
	o.programme, o.terms = readProgramme(v, o.faults), readTerms(v, o.faults)
	if withPlan {
		o.rows = typedPlan(v)
		o.plan = readPlan(o.rows, o.faults)
	}
	return o
}

// complain adds what the domain says about what could be read, so that all
// faults are told at once.
func (o *typedOffer) complain(err error) {
	unread := maps.Clone(o.faults)
	for field, text := range fault.FieldsOf(err) {
		if field == "deposit_percent" {
			field = "deposit" // one field for both
		}
		if field == "early_bird" && unread["early_days"] != "" {
			continue // it is about the days that could not be read
		}
		if unread[field] == "" && (field != "deposit" || unread["price"] == "") {
			o.faults[field] = text
		}
	}
}

// fingerprint identifies what was on a form.
func fingerprint(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		return "" // plain structs always can be written
	}
	return retreats.Hash(string(text))[:20]
}

// fillOffer puts what was typed and what is wrong with it on the page.
func (p *offerFormPage) fillOffer(o typedOffer, cohort bool) {
	v := o.values
	field := func(name, label, hint string, longest int) fieldView {
		return fieldView{Name: name, Label: label, Hint: hint, Value: v.Get(name), Fault: o.faults[name], Max: longest}
	}
	number := func(name, label, hint string) fieldView {
		f := field(name, label, hint, 20)
		f.Figures = true
		return f
	}
	summary, text := field("summary", "Summary", "One or two sentences, for the card on the front page.", 600), field("text", "Text", "For the page of the dates. Markdown: an empty line begins a paragraph, ## a heading, - a list, **stress**, [words](https://…) a link. Pictures and HTML are left out.", 21_000)
	guides := field("guides", "Guides", "One name a line.", 3000)
	summary.Lines, text.Lines, guides.Lines = 3, 12, 3
	p.Programme = []fieldView{
		field("name", "Name", "", 120), summary, text,
		field("location", "Place", "As couples need it to find there.", 250), guides,
	}
	currency := field("currency", "Currency", "Three letters, such as USD, EUR or JPY.", 3)
	if cohort {
		currency.Hint, currency.Fixed = "It stays as it is.", true
	}
	p.Selling = []fieldView{
		number("capacity", "Couples", "How many places there are."),
		number("price", "Price for a couple", "For both together."), currency,
		number("deposit", "Deposit", "Due when they book: an amount, or a share such as 20 %. Empty: 20 % of the price."),
		number("balance_days", "Rest due, days before", "Who books later than that pays everything at once. Empty: 30."),
		number("early_bird", "Early price", "A lower price for who books or joins the waitlist early. Empty: none."),
		number("early_days", "Early price until, days before", "It holds until the end of that day."),
	}
	p.fillInstalments(o)
	p.RefillFee = number("refill_fee", "Kept when another couple takes the place", "Who cancels when less than everything comes back gets all but this, if the place is taken again. Empty: 50, or as much in other currencies, and at most the deposit. 0 keeps nothing.")
	p.Places = []fieldView{
		number("hold_minutes", "Minutes to pay in", "How long a place is held while a couple pays. Empty: 31."),
		number("offer_hours", "Hours for an offer", "How long a place that became free is kept for who waits. Shorter near the start. Empty: 48."),
		number("waitlist_cap", "Longest waitlist", "In couples. Empty: twice the places."),
		number("max_passes", "Offers to let go by", "After so many a couple leaves the waitlist. Empty: 3."),
		number("undo_minutes", "Minutes to undo", "How long a place that was given up is kept back. 0 offers it to the next at once."),
	}
	p.Places = append(p.Places, homeFields(field)...)
	p.Tiers = typedTiers(v)
	for range spareTiers {
		p.Tiers = append(p.Tiers, tierRow{})
	}
	for i := range p.Tiers {
		p.Tiers[i].Number = i + 1
	}
	p.PolicyFault, p.PlanFault = o.faults["policy"], o.faults["plan"]
	if p.HasPlan {
		p.Plan = spareRows(o.rows)
	}
	p.Summary = summaryOf(o.faults)
}

// fillInstalments puts the rows of instalments on the page.
func (p *offerFormPage) fillInstalments(o typedOffer) {
	p.Instalments, p.InstalmentsFault = typedInstalments(o.values), o.faults["instalments"]
	for range spareInstalments {
		p.Instalments = append(p.Instalments, payRow{})
	}
	for i := range p.Instalments {
		p.Instalments[i].Number = i + 1
	}
}

// fieldNames are the fields in the order of the form, in words for the list of
// faults.
var fieldNames = []choice{
	{"name", "Name"}, {"summary", "Summary"}, {"text", "Text"}, {"location", "Place"}, {"guides", "Guides"},
	{"capacity", "Couples"}, {"price", "Price"}, {"currency", "Currency"}, {"deposit", "Deposit"}, {"balance_days", "Rest due"},
	{"early_bird", "Early price"}, {"early_days", "Early price until"}, {"instalments", "Instalments"},
	{"policy", "Refunds"}, {"refill_fee", "Kept when another couple takes the place"}, {"hold_minutes", "Minutes to pay in"}, {"offer_hours", "Hours for an offer"},
	{"waitlist_cap", "Longest waitlist"}, {"max_passes", "Offers to let go by"}, {"undo_minutes", "Minutes to undo"},
	{"guests_stay", "Nights"}, {"rides", "A taxi home"}, {"plan", "Sessions"}, {"title", "Title"}, {"kind", "Kind"}, {"receives", "Who receives"}, {"day", "Day"}, {"clock", "Time"},
	{"minutes", "Minutes"}, {"starts_on", "First day"}, {"time_zone", "Time zone"}, {"reason", "Reason"},
	{"code_name", "Code"}, {"code_off", "Takes off"}, {"code_limit", "For how many couples"}, {"code_until", "Until"}, {"codes", "Codes"},
}

func summaryOf(faults fault.Fields) []faultView {
	var list []faultView
	for _, name := range fieldNames {
		if text := faults[name.Value]; text != "" {
			list = append(list, faultView{ID: fieldID(name.Value), Text: name.Text + ": " + text})
		}
	}
	return list
}

// preview shows the text as couples will read it.
func (p *offerFormPage) preview(o typedOffer) {
	p.Preview = markdown.Render(o.programme.Text)
	if p.Preview == "" {
		p.Preview = "<p>There is no text yet.</p>"
	}
}

// trailView is a change by staff, as the part "trail" shows it.
type trailView struct{ When, By, What, URL, From, To, Reason string }

// trailViews gives the changes in the clocks of a place, newest first.
func trailViews(trail audit.Trail, zone string) []trailView {
	location := civil.ZoneOrUTC(zone)
	var views []trailView
	for _, line := range slices.Backward(trail) {
		view := trailView{
			When: web.At(line.At, location).Text, By: line.By, What: line.What, From: line.From, To: line.To, Reason: line.Reason,
		}
		if line.Booking != "" {
			view.URL = "/staff/bookings/" + url.PathEscape(line.Booking)
		}
		views = append(views, view)
	}
	return views
}
