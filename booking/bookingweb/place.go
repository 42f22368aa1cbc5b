package bookingweb

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/retreats"
)

// visit loads what a partner's link leads to.
func (h *Handlers) visit(c echo.Context) (booking.Case, int, error) {
	b, partner, err := h.options.Bookings.ByToken(c.Request().Context(), c.Param("token"))
	if err != nil {
		return booking.Case{}, 0, err
	}
	visited, err := h.options.Bookings.CaseOf(c.Request().Context(), b)
	return visited, partner, err
}

// place is the couple's page. Coming back from the card page, it asks the card
// service itself, so that nobody waits for an event.
func (h *Handlers) place(c echo.Context) error {
	ctx := c.Request().Context()
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	returned := c.QueryParam("paid")
	if returned != "" {
		if err := h.options.Bookings.SyncCheckout(ctx, visited.Booking.ID, returned); err != nil {
			web.Note(ctx, err) // the event will tell
		}
		if visited, partner, err = h.visit(c); err != nil {
			return err
		}
	}
	data := h.placeData(visited, partner, c.Param("token"))
	if data.State == "ending" || (data.State == "held" && isPaying(visited.Booking, returned)) {
		// The card service has not said yet whether the money came.
		data.Page.Refresh = 5
		if data.State == "held" {
			data.State = "paying"
		}
	}
	if data.State == "held" && visited.Standing.Until != nil {
		// The page shows the truth again when the hold has ended.
		left := visited.Standing.Until.Sub(h.options.Retreats.Now())
		data.Page.Refresh = max(5, int(left.Seconds())+2)
	}
	return h.showPlace(c, http.StatusOK, visited, partner, data)
}

// isPaying reports whether a partner has come back from a card page of which
// nobody has told yet that it was paid, or of whose money the place is just
// being made.
func isPaying(b *booking.Booking, returned string) bool {
	if returned == "" {
		return false
	}
	for _, page := range b.Checkouts {
		if page.SessionID == returned {
			return !page.Ended || (len(b.Charges) > 0 && b.IsPaid(b.Charges[0]))
		}
	}
	return true
}

// showPlace renders the couple's page with what is not in its own booking.
func (h *Handlers) showPlace(c echo.Context, status int, visited booking.Case, partner int, data *placePage) error {
	ctx := c.Request().Context()
	if err := h.addOthers(ctx, data, visited, partner); err != nil {
		return err
	}
	sent, err := h.options.Sent(ctx, visited.Booking.ID, partner)
	if err != nil {
		return err
	}
	zone := readerZone(visited.Booking.Partners[partner])
	for _, m := range sent {
		data.Messages = append(data.Messages, messageView{Subject: m.Subject, When: web.At(m.At, zone).Text})
	}
	return h.server.Render(c, status, "place", data)
}

func readerZone(p booking.Partner) *time.Location { return civil.ZoneOrUTC(p.Zone) }

// stateOf is what the page says first.
func stateOf(c booking.Case) string {
	b := c.Booking
	switch {
	case b.Cancellation != nil, c.Cohort.State == retreats.Cancelled:
		return "cancelled"
	case returnedLate(b) && c.Standing.State != retreats.Confirmed && c.Standing.State != retreats.Held && c.Standing.State != retreats.Offered:
		return "refunded"
	case b.LapsedAt != nil || c.Standing.State == retreats.None:
		return "lapsed"
	case c.Standing.Ending:
		return "ending"
	}
	return string(c.Standing.State)
}

func returnedLate(b *booking.Booking) bool {
	for _, r := range b.Refunds {
		if r.Reason == booking.RefundLate {
			return true
		}
	}
	return false
}

var chargeNames = map[string]string{
	booking.DepositCharge: "Deposit", booking.BalanceCharge: "The rest of the price", booking.FullCharge: "The whole price",
}

func (h *Handlers) placeData(c booking.Case, partner int, token string) *placePage {
	b, zone := c.Booking, c.Cohort.Location()
	reader := b.Partners[partner]
	data := &placePage{
		Page: web.Page{Title: "Your place", Private: true}, State: stateOf(c), URL: "/b/" + token,
		Reader: reader.Name, Name: c.Cohort.Name, Ref: b.Ref,
		CohortURL: "/cohorts/" + url.PathEscape(c.Cohort.ID), Location: c.Cohort.Programme.Location,
		Dates: web.Dates(c.Cohort.StartsOn, c.Cohort.EndsOn), ZoneName: web.ZoneName(c.Cohort.Zone),
		Position: c.Standing.Position, Waiting: len(c.Cohort.Roster.Waitlist), Contact: h.options.Contact,
		CanCancel:   c.MayCancel(h.options.Retreats.Now()) == nil,
		CanTransfer: !b.IsOver() && c.Standing.State == retreats.Confirmed,
	}
	if c.Standing.Until != nil {
		data.Until = web.At(*c.Standing.Until, readerZone(reader))
	}
	money := newMoneyReader(c, partner, data.URL, h.options.Retreats.Now())
	data.Money = money.view()
	if data.State == "cancelled" {
		data.Ended = money.ended()
	}
	if b.Cancellation != nil {
		data.ByPractice = b.Cancellation.ByPractice
	}
	if data.State == "held" && len(b.Charges) > 0 {
		data.addPart(b, b.Charges[0])
	}
	for _, p := range b.Partners {
		data.People = append(data.People, p.Name)
	}
	data.addSessions(c, readerZone(reader), zone)
	data.WentFirst, data.Moved, data.EndReason = c.Standing.WentFirst, movedBecause(c), sentence(b.EndReason)
	data.MayTake = c.Standing.MayTake
	data.LastOffer = c.Cohort.IsLastOffer(b.ID)
	if c.Cohort.State == retreats.Cancelled {
		// Also in the moment before the booking has been told.
		data.CalledOff, data.CanCancel, data.EndReason = true, false, sentence(c.Cohort.CancelReason)
		data.Returns = !b.KeptInAll().IsZero() || len(b.Refunds) > 0
	}
	if data.HasPlace() {
		data.addPreparing(c, partner, h.options.Retreats.Now())
		h.addDriverLinks(data, c)
	}
	if h.options.Texts && !data.Over() {
		data.Texts = textsOf(b, partner, h.server.Renderer().Practice().Name, readerZone(reader))
	}
	if data.State == "offered" {
		due := c.DueIfTaken(h.options.Retreats.Now())
		data.Price, data.DueNow = due.Price.String(), due.Now.String()
	}
	if data.State == "offered" && c.TermsChanged() {
		data.Terms = strings.Split(strings.TrimSpace(c.Cohort.Policy.Statement(c.Cohort.StartsOn)), "\n")
	}
	return data
}

// addPart says that a part of what makes the place theirs has come.
func (p *placePage) addPart(b *booking.Booking, first booking.Charge) {
	kept := b.Kept(first.ID)
	if kept.IsZero() || b.IsPaid(first) {
		return
	}
	p.PartHere, p.PartOpen = amountOf(kept, first.Amount), b.Open(first).String()
}

func (p *placePage) addSessions(c booking.Case, reader, zone *time.Location) {
	if reader.String() != zone.String() {
		p.ReaderZoneName = web.ZoneName(reader.String())
	}
	for _, s := range c.Cohort.Sessions {
		at := web.At(s.StartsAt, zone)
		view := sessionView{Title: s.Title, When: at.Text + " to " + web.Clock(s.EndsAt, zone), ISO: at.ISO, Where: c.Cohort.Programme.Location}
		if s.Online {
			view.Where = "By video"
		}
		if p.ReaderZoneName != "" {
			view.ReaderWhen = web.At(s.StartsAt, reader).Text
		}
		p.Sessions = append(p.Sessions, view)
	}
}

func (h *Handlers) back(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, "/b/"+url.PathEscape(c.Param("token")))
}

// sentence ends what staff wrote as a sentence, since others follow it.
func sentence(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}
