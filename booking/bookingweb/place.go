package bookingweb

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/stripepay"
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
	if returned != "" && data.State == "held" {
		// The card service has not said that the money came.
		data.State, data.Page.Refresh = "paying", 5
	}
	if data.State == "held" && visited.Standing.Until != nil {
		// The page shows the truth again when the hold has ended.
		left := visited.Standing.Until.Sub(h.options.Retreats.Now())
		data.Page.Refresh = max(5, int(left.Seconds())+2)
	}
	return h.showPlace(c, http.StatusOK, visited, partner, data)
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

// payable is the charge that the couple can pay now, or empty: the first that
// is open, once there is a place to pay for.
func (h *Handlers) payable(c booking.Case) string {
	if c.Booking.IsOver() || (c.Standing.State != retreats.Held && c.Standing.State != retreats.Confirmed) {
		return ""
	}
	for _, charge := range c.Booking.Charges {
		if !c.Booking.IsPaid(charge) {
			return charge.ID
		}
		if c.Standing.State == retreats.Held {
			return ""
		}
	}
	return ""
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
		CanCancel: !b.IsOver() && b.HasNothing(),
	}
	if c.Standing.Until != nil {
		data.Until = web.At(*c.Standing.Until, readerZone(reader))
	}
	if charge, ok := b.Charge(h.payable(c)); ok {
		data.PayCharge, data.PayWhat = charge.ID, chargeNames[charge.ID]
		data.PayAmount = charge.Amount.Minus(b.Kept(charge.ID)).String()
	}
	for _, p := range b.Partners {
		data.People = append(data.People, p.Name)
	}
	data.addSessions(c, readerZone(reader), zone)
	data.addMoney(b, h.options.Retreats.Now(), zone)
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

var refundWords = map[stripepay.RefundState]string{
	"": "on its way", stripepay.RefundPending: "on its way", stripepay.RefundSucceeded: "returned",
	stripepay.RefundFailed: "did not arrive; we will write to you",
}

func (p *placePage) addMoney(b *booking.Booking, now time.Time, zone *time.Location) {
	for _, charge := range b.Charges {
		line := lineView{What: chargeNames[charge.ID], Amount: charge.Amount.String(), When: web.Date(charge.DueAt, zone), State: "due", Kind: "due"}
		switch {
		case b.IsPaid(charge):
			line.State, line.Kind = "paid", "done"
		case b.IsOver():
			line.State, line.Kind = "not owed any more", "none"
		case charge.ID != b.Charges[0].ID && now.After(charge.DueAt):
			line.State, line.Kind = "late", "late"
		}
		p.Charges = append(p.Charges, line)
	}
	for _, payment := range b.Payments {
		p.Payments = append(p.Payments, lineView{
			What: chargeNames[payment.ChargeID], Amount: payment.Amount.String(), When: web.At(payment.At, zone).Text, State: "received", Kind: "done",
		})
	}
	for _, r := range b.Refunds {
		state := refundWords[r.State]
		if state == "" {
			state = "on its way"
		}
		p.Refunds = append(p.Refunds, lineView{What: "Returned to your card", Amount: r.Amount.String(), When: web.At(r.At, zone).Text, State: state, Kind: "done"})
	}
}

// pay leads to the card page.
func (h *Handlers) pay(c echo.Context) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	address, err := h.options.Bookings.Pay(c.Request().Context(), visited.Booking.ID, booking.Order{Charge: form.Get("charge"), Partner: partner})
	if fault.KindOf(err) == fault.Conflict || errors.Is(err, booking.ErrOver) {
		// It has been paid or has ended meanwhile: the page says so.
		return h.back(c)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
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
