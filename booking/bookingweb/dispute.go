package bookingweb

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/retreats"
)

// disputePage is one dispute with the evidence that we hold.
type disputePage struct {
	web.Page
	BookingURL, Ref, Names string
	Amount, Reason, State  string
	// Deadline is by when evidence has to be at Stripe, empty if none is asked
	// for; Late says that it has passed.
	Deadline       web.Moment
	Answered, Open bool
	Late           bool
	// StripeURL is where the dispute is answered.
	StripeURL string
	Evidence  []evidenceView
	// Text is all of the evidence, to be copied in one piece.
	Text     string
	ZoneName string
}

// evidenceView is one part of the evidence. It is read by a bank, so it says
// nothing about the kind of retreat [D38].
type evidenceView struct {
	ID, Title string
	Lines     []string
}

func disputeURL(bookingID, disputeID string) string {
	return bookingURL(bookingID) + "/disputes/" + url.PathEscape(disputeID)
}

func (h *Handlers) dispute(c echo.Context) error {
	ctx := c.Request().Context()
	seen, err := h.options.Bookings.Case(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	b, zone, now := seen.Booking, seen.Cohort.Location(), h.options.Retreats.Now()
	i := slices.IndexFunc(b.Disputes, func(d booking.Dispute) bool { return d.ID == c.Param("dispute") })
	if i < 0 {
		return errNoPage
	}
	d := b.Disputes[i]
	data := &disputePage{
		Page: web.Page{Title: "Dispute " + b.Ref, Private: true}, BookingURL: bookingURL(b.ID), Ref: b.Ref, Names: namesOf(b),
		Amount: d.Amount.String(), Reason: disputeReason(d), State: upperFirst(disputeStates[d.State]), Answered: d.Answered, Open: d.State.Open(),
		StripeURL: "https://dashboard.stripe.com/disputes/" + url.PathEscape(d.ID), ZoneName: web.ZoneName(seen.Cohort.Zone),
	}
	if !d.DueBy.IsZero() {
		data.Deadline, data.Late = web.At(d.DueBy, zone), d.State.Open() && !d.Answered && now.After(d.DueBy)
	}
	if data.Evidence, err = h.evidence(ctx, seen, d); err != nil {
		return err
	}
	var text strings.Builder
	for _, part := range data.Evidence {
		text.WriteString(strings.ToUpper(part.Title) + "\n" + strings.Join(part.Lines, "\n") + "\n\n")
	}
	data.Text = strings.TrimSpace(text.String())
	return h.server.Render(c, http.StatusOK, "staff_dispute", data)
}

// upperFirst begins a sentence with words that also stand within one.
func upperFirst(words string) string {
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}

// evidence is what we hold, in the order in which a bank asks for it. The bank
// shows it to the card's owner, so it holds nothing that only the other partner
// wrote or was sent.
func (h *Handlers) evidence(ctx context.Context, c booking.Case, d booking.Dispute) ([]evidenceView, error) {
	var paid booking.Payment
	for _, p := range c.Booking.Payments {
		if p.ID == d.PaymentID {
			paid = p
		}
	}
	payer := paid.Partner
	parts := []evidenceView{
		disputedPayment(c, paid), acceptedPolicy(c), agreedCharges(c.Booking, payer), moneyMoved(c), whatWasSaid(c, payer), evidenceSessions(c),
	}
	sent := evidenceView{ID: "messages", Title: "Messages that we sent to them"}
	messages, err := h.options.Sent(ctx, c.Booking.ID, payer)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(messages) {
		sent.Lines = append(sent.Lines, stamp(m.At)+", to "+c.Booking.Partners[payer].Email+": "+m.Subject)
	}
	parts = append(parts, sent)
	for i := range parts {
		if len(parts[i].Lines) == 0 {
			parts[i].Lines = []string{"Nothing is on record."}
		}
	}
	return parts, nil
}

// stamp is an instant as evidence names it: nobody has to know the zone.
func stamp(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05") + " UTC" }

func disputedPayment(c booking.Case, paid booking.Payment) evidenceView {
	b := c.Booking
	payer := b.Partners[paid.Partner]
	return evidenceView{ID: "payment", Title: "The payment", Lines: []string{
		"Reservation " + b.Ref + " for two people, made on " + stamp(b.CreatedAt) + ". " + payer.Name + " is one of them, " + payer.Email + ".",
		"Price for " + web.Dates(c.Cohort.StartsOn, c.Cohort.EndsOn) + ": " + b.Price.String() + ".",
		"The payment in question: " + chargeWords(b, paid.ChargeID) + ", " + paid.Amount.String() + ", " + stamp(paid.At) + " (" + paid.ID + " at Stripe).",
	}}
}

func acceptedPolicy(c booking.Case) evidenceView {
	accepted := c.Booking.Acceptance
	from := ""
	if accepted.IP != "" {
		from = " from the address " + accepted.IP
	}
	lines := []string{
		"Shown before payment, and accepted by a box that was ticked for it on " + stamp(accepted.At) + from + ".",
		"SHA-256 of the text: " + accepted.Hash,
	}
	return evidenceView{ID: "policy", Title: "Refund policy that they accepted", Lines: append(lines, strings.Split(strings.TrimSpace(accepted.Statement), "\n")...)}
}

// agreedCharges are the words by which cards were kept for later charges.
func agreedCharges(b *booking.Booking, payer int) evidenceView {
	part := evidenceView{ID: "charges", Title: "Agreement to later charges"}
	add := func(card booking.SavedCard, until *time.Time) {
		line := fmt.Sprintf("%s, %s, agreed on %s", b.Partners[payer].Name, cardWords(card.Brand, card.Last4), stamp(card.Consent.At))
		if until != nil {
			line += ", until " + stamp(*until)
		}
		part.Lines = append(part.Lines, line+". SHA-256 of the text: "+card.Consent.Hash)
		part.Lines = append(part.Lines, strings.Split(strings.TrimSpace(card.Consent.Statement), "\n")...)
	}
	for _, past := range b.PastCards {
		if past.Partner == payer {
			add(past.SavedCard, &past.Until)
		}
	}
	if card := b.Cards[payer]; card != nil {
		add(*card, nil)
	}
	return part
}

func moneyMoved(c booking.Case) evidenceView {
	part := evidenceView{ID: "receipts", Title: "Payments and refunds"}
	for _, line := range linesOf(c) {
		switch line.kind {
		case "payment", "refund", "struck out":
			text := fmt.Sprintf("%s: %s, %s, %s by %s", stamp(line.at), line.kind, line.what, line.amount, line.how)
			if line.reference != "" {
				text += " (" + line.reference + ")"
			}
			if line.reason != "" {
				text += ", because: " + line.reason
			}
			part.Lines = append(part.Lines, text)
		}
	}
	return part
}

// whatWasSaid is what the payer confirmed, and where they were noted as there.
func whatWasSaid(c booking.Case, payer int) evidenceView {
	b, zone := c.Booking, c.Cohort.Location()
	part := evidenceView{ID: "replies", Title: "What they confirmed themselves, and where they were"}
	if given := b.Consents[payer]; given != nil {
		part.Lines = append(part.Lines, stamp(given.At)+": agreed in writing to take part.")
	}
	for _, r := range b.Replies {
		if r.Partner == payer && r.Wish == "" {
			part.Lines = append(part.Lines, stamp(r.At)+": confirmed to come on "+web.At(r.StartsAt, zone).Text+" ("+civil.ZoneName(zone.String())+").")
		}
	}
	for _, a := range b.Attendance {
		if a.Partner == payer && a.Present {
			part.Lines = append(part.Lines, stamp(a.At)+": noted by staff as present on "+web.At(a.StartsAt, zone).Text+" ("+civil.ZoneName(zone.String())+").")
		}
	}
	return part
}

// evidenceSessions are the dates without their titles, which say too much.
func evidenceSessions(c booking.Case) evidenceView {
	part := evidenceView{ID: "sessions", Title: "Dates of what they paid for"}
	for i, s := range c.Cohort.Sessions {
		part.Lines = append(part.Lines, fmt.Sprintf("Session %d: %s", i+1, sessionTime(s, c.Cohort.Location())))
	}
	return part
}

func sessionTime(s retreats.Session, zone *time.Location) string {
	return web.At(s.StartsAt, zone).Text + " to " + web.Clock(s.EndsAt, zone) + " (" + civil.ZoneName(zone.String()) + ")"
}
