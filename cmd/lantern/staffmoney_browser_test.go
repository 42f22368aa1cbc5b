package main

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lantern/booking"
	"lantern/retreats"
)

// TestCalledOffDatesAreReturnedAndToldToEach [D17]: an organizer cancels a
// cohort on the console; each couple gets all of its money, and each partner a
// mail that says how much.
func TestCalledOffDatesAreReturnedAndToldToEach(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.confirmed("ana")
	ben := st.book("ben", false)
	st.must(st.bookings.SplitPayments(t.Context(), ben, 40, 0))
	for partner := range 2 {
		page, err := st.bookings.Pay(t.Context(), ben, booking.Order{Charge: booking.DepositCharge, Partner: partner, Share: new(partner)})
		st.must(err)
		st.payOn(page)
		st.hear()
	}
	cleo := st.book("cleo", true)
	st.at("2027-03-20", "12:00") // by the policy nothing would come back
	w := st.desk()
	w.opens("/staff/cohorts/co")
	w.reads("2 places: 2 taken. 1 waiting")
	w.presses("Dates, prices, sessions")
	w.presses("Cancel these dates")
	w.reads("3 couples are concerned.", "ana & Partner", "ben & Partner", "cleo & Partner", "get back everything they have paid")
	w.types("reason", "The house has been flooded.")
	w.presses("Cancel these dates for good")
	w.reads("cancelled")
	st.passesBy(time.Minute)
	st.passesBy(time.Minute)

	for _, id := range []string{ana, ben, cleo} {
		st.stands(id, retreats.None, 0)
	}
	w.opens("/staff/cohorts/co")
	w.reads("cancelled")
	w.presses("Money")
	w.reads("Received $1,920.00", "Refunded $1,920.00")
	w.opens("/outbox")
	const told = `[...document.querySelectorAll("main li")].filter((e) => e.innerText.includes("do not take place")).length === 6 ? document.body : null`
	do(t, w.ctx, chromedp.WaitVisible(chromedp.JSPath(told)))
	for name, id := range map[string]string{"ana": ana, "ben": ben} {
		w.mail(name+".partner@example.org", "Your dates in April do not take place", "Why: The house has been flooded.", "All you have paid, $960.00, goes back.")
		w.opens(st.link(id, 1))
		w.reads("These dates do not take place", "The house has been flooded. Everything you paid goes back to you.", "returned on Saturday 20 March 2027")
	}
	w.opens(st.link(cleo, 0))
	w.reads("These dates do not take place", "Nothing is owed.")
}

// TestStaffSettleMoneyAtTheirDesk: a bank transfer, money given back with a
// reason, an end as not cleared [D11] and a dispute, from the booking's page to
// the ledger and the list of what needs somebody.
func TestStaffSettleMoneyAtTheirDesk(t *testing.T) {
	t.Parallel()
	st := newStory(t, 3)
	ana, ben, cleo := st.confirmed("ana"), st.confirmed("ben"), st.confirmed("cleo")
	w := st.desk()
	w.opens("/staff/bookings/" + ana)
	w.types("payment_amount", "3,840")
	w.types("payment_reference", "statement 7")
	w.presses("Record it")
	w.reads("bank transfer, statement 7, recorded by Tess")
	w.types("refund_amount", "100")
	w.presses("Give it back")
	w.reads("Please say why")
	if kept, err := chromedp.Run(w.ctx, chromedp.Value(chromedp.ID("refund_amount"))); err != nil || kept != "100" {
		t.Errorf("what was typed is lost: %q, %v", kept, err)
	}
	w.types("refund_reason", "The heating failed.")
	w.presses("Give it back")
	w.reads("to be made by hand", "not owed again")
	st.stands(ana, retreats.Confirmed, 470000)
	w.fits()

	w.opens("/staff/bookings/" + ben)
	w.presses("Not cleared")
	w.reads("Everything, since one of them is not cleared")
	w.types("end_reason", "Please write to us.")
	w.presses("End the booking")
	w.reads("ended by the practice", "Refund: ")
	st.passesBy(time.Minute)
	st.stands(ben, retreats.None, 0)

	st.disputedAtStripe(w, cleo)
	w.opens("/staff/money")
	w.reads("2 bookings need your attention", "Disputes", "cleo & Partner", "$960.00, evidence by", "Refunds to make by hand", "$100.00")
	w.presses("cleo & Partner")
	w.reads("Evidence has to be at Stripe by", "No card of this couple is charged until the bank has decided.", "All of it, to copy")
	w.fits()
	w.opens("/staff/cohorts/co/money")
	w.reads("Received $6,720.00", "Refunded $1,060.00", "Taken by disputes ! $960.00", "Kept $4,700.00", "disputed: answer by")
	w.fits()
	w.opens("/staff/money")
	w.presses("Compare now")
	w.reads("They are being compared at this moment")
	st.passesBy(time.Minute)
	w.opens("/staff/money")
	w.reads("all agree", "Stripe tells us of payments as it should")
	w.opens("/staff/bookings/" + ana)
	w.types("sent_reference", "statement 8")
	w.presses("It has been sent")
	w.reads("sent by Tess, statement 8")
}

// disputedAtStripe lets the payer of a booking dispute its only payment, on the
// sandbox's control page.
func (st *story) disputedAtStripe(w *window, id string) {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	w.opens("/sandbox/control")
	form := `form[action$="/control/dispute"]:has(input[value="` + c.Booking.Payments[0].ID + `"])`
	do(st.t, w.ctx,
		chromedp.Click(chromedp.JSPath(`document.querySelector('`+form+`').closest("details").querySelector("summary")`)),
		chromedp.Click(chromedp.CSS(form+" button")),
	)
	w.reads("dispute: needs response")
	st.passesBy(time.Minute)
}
