package bookingweb

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/picture"
	"lantern/internal/web"
)

// cohortMoneyPage is the money of one cohort.
type cohortMoneyPage struct {
	web.Page
	URL, BoardURL, Name, Dates, ZoneName, At string
	Sums                                     []moneySumView
	Rows                                     []moneyRowView
	// Comparison is of these couples alone.
	Comparison comparisonView
}

// moneySumView is what all couples of one currency come to.
type moneySumView struct {
	Currency string
	Figures  []figureView
	// Course is nil when nothing has happened and nothing is expected.
	Course *picture.Course
	Days   []moneyDayView
}

// figureView is one of the totals; Kind is late for what should be here.
type figureView struct{ What, Amount, Note, Kind string }

type moneyDayView struct{ Date, Expected, Received string }

type moneyRowView struct {
	URL, Ref, Names, State            string
	Price, Paid, Open, Late, GoneBack string
	// Next is the next charge, How how it comes about, Held what stands against
	// that, Failure what went wrong last.
	Next, How, Held, Failure string
	Disputes                 []linkView
}

func moneyURL(cohortID string) string { return boardURL(cohortID) + "/money" }

func (h *Handlers) cohortMoney(c echo.Context) error {
	ledger, err := h.options.Bookings.Ledger(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	data, couples := cohortMoneyData(ledger), map[string]string{}
	for _, row := range ledger.Couples {
		couples[row.Booking.ID] = row.Booking.Ref
	}
	if data.Comparison, _, err = h.comparison(c.Request().Context(), couples, ledger.Cohort.Location()); err != nil {
		return err
	}
	return h.server.Render(c, http.StatusOK, "staff_money", data)
}

func cohortMoneyData(l *booking.Ledger) *cohortMoneyPage {
	c, zone := l.Cohort, l.Cohort.Location()
	data := &cohortMoneyPage{
		Page: web.Page{Title: "Money: " + c.Name, Private: true, Wide: true}, URL: moneyURL(c.ID), BoardURL: boardURL(c.ID), Name: c.Name,
		Dates: web.Dates(c.StartsOn, c.EndsOn), ZoneName: web.ZoneName(c.Zone), At: shortTime(l.At, zone),
	}
	for _, sum := range l.Sums {
		data.Sums = append(data.Sums, sumView(sum, civil.DateOf(l.At, zone)))
	}
	for _, row := range l.Couples {
		data.Rows = append(data.Rows, moneyRow(row))
	}
	return data
}

func sumView(s booking.LedgerSum, today civil.Date) moneySumView {
	view := moneySumView{Currency: s.Kept.Currency, Figures: []figureView{
		{What: "Expected in the end", Amount: s.Expected.String(), Note: "if all that is open is paid"},
		{What: "Received", Amount: s.Received.String()},
		{What: "Refunded", Amount: s.Refunded.String(), Note: "with what is on its way"},
	}}
	if !s.Disputed.IsZero() {
		view.Figures = append(view.Figures, figureView{What: "Taken by disputes", Amount: s.Disputed.String(), Kind: "late"})
	}
	late := figureView{What: "Late", Amount: s.Late.String()}
	if !s.Late.IsZero() {
		late.Kind, late.Note = "late", "open, and its day has passed"
	}
	view.Figures = append(view.Figures,
		figureView{What: "Kept", Amount: s.Kept.String(), Note: "received, less what went back"},
		figureView{What: "Due later", Amount: s.Due.String()}, late, feesView(s))
	if len(s.Days) == 0 {
		return view
	}
	var days []picture.CourseDay
	for _, d := range s.Days {
		days = append(days, picture.CourseDay{Date: d.Date, Expected: d.Expected.Minor, Received: d.Received.Minor})
		day := moneyDayView{Date: d.Date.Words(), Expected: d.Expected.String(), Received: d.Received.String()}
		if d.Date > today {
			day.Received = "" // it is to come
		}
		view.Days = append(view.Days, day)
	}
	course := picture.DrawCourse(days, today, func(minor int64) string { return money.Of(minor, view.Currency).String() })
	view.Course = &course
	return view
}

func feesView(s booking.LedgerSum) figureView {
	view := figureView{What: "Stripe's fees", Amount: "none"}
	for i, fee := range s.Fees {
		if i == 0 {
			view.Amount = fee.String()
		} else {
			view.Amount += " and " + fee.String()
		}
	}
	if s.FeesUnknown > 0 {
		view.Note = "not known yet of " + web.Count(s.FeesUnknown, "payment", "payments")
		if len(s.Fees) == 0 {
			view.Amount = "not known"
		}
	}
	return view
}

func moneyRow(r booking.LedgerRow) moneyRowView {
	b, zone := r.Booking, r.Cohort.Location()
	view := moneyRowView{
		URL: bookingURL(b.ID), Ref: b.Ref, Names: namesOf(b), State: standingWords(r.Case, zone),
		Price: b.Price.String(), Paid: r.Received.String(), Open: r.Open().String(),
	}
	if back := r.Refunded.Plus(r.Disputed); !back.IsZero() {
		view.GoneBack = back.String()
	}
	if !r.Late.IsZero() {
		view.Late = r.Late.String()
	}
	for _, d := range b.Disputes {
		view.Disputes = append(view.Disputes, linkView{URL: disputeURL(b.ID, d.ID), Text: d.Amount.String() + " " + disputeWords(d, zone)})
	}
	if r.Next == nil {
		return view
	}
	view.Next = chargeWords(b, r.Next.ID) + ", " + b.Open(*r.Next).String() + ", " + shortDay(r.Next.DueAt, zone)
	view.How = howCharged(r.Case, *r.Next, r.NextAt)
	if hasAnyCard(b) {
		view.Held = heldBackWords[r.HeldBack]
	}
	if r.Failure != nil {
		view.Failure = shortTime(r.Failure.At, zone) + ": " + failureOf(*r.Failure)
	}
	return view
}

// disputeWords say in short how a dispute stands.
func disputeWords(d booking.Dispute, zone *time.Location) string {
	switch {
	case !d.State.Open():
		return "dispute, " + disputeStates[d.State]
	case d.Answered:
		return "disputed: the bank decides"
	case d.DueBy.IsZero():
		return "disputed"
	}
	return "disputed: answer by " + shortTime(d.DueBy, zone)
}

// howCharged says how a charge comes about: by a card, or by the couple.
func howCharged(c booking.Case, charge booking.Charge, next *time.Time) string {
	b, zone := c.Booking, c.Cohort.Location()
	if charge.ID == b.Charges[0].ID {
		return "they pay it on their page"
	}
	var cards []string
	for i := range b.Partners {
		share := &i
		if b.Split == nil {
			share = nil
		}
		card, whose := b.CardFor(share)
		if card != nil {
			cards = append(cards, cardWords(card.Brand, card.Last4)+" of "+b.Partners[whose].Name)
		}
		if b.Split == nil {
			break
		}
	}
	switch {
	case len(cards) == 0:
		return "no card is saved: they pay it on their page"
	case c.ChargesHeldBack() != booking.NotHeldBack:
		return joined(cards)
	case next != nil:
		return "by itself on " + shortTime(*next, zone) + ", " + joined(cards)
	}
	return "not charged by itself: they pay it on their page"
}

// hasAnyCard reports whether anything can be charged by itself.
func hasAnyCard(b *booking.Booking) bool { return b.Cards[0] != nil || b.Cards[1] != nil }

// joined writes a list of two at most.
func joined(words []string) string {
	if len(words) == 2 {
		return words[0] + " and " + words[1]
	}
	return words[0]
}

// shortDay is for tables: "Sat 13 Mar".
func shortDay(t time.Time, zone *time.Location) string { return t.In(zone).Format("Mon 2 Jan") }
