package main

import (
	"testing"
	"time"

	"lantern/booking"
	"lantern/retreats"
)

// TestACardThatIsKeptPaysTheRest [D12], [D13]: on a phone, a card is declined,
// another pays and is kept by agreement, and the clock charges it at ten.
func TestACardThatIsKeptPaysTheRest(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	w := st.phone()
	ana := w.books("Ana")
	first, second := st.link(ana, 0), st.link(ana, 1)
	w.presses("Keep this card for the rest")
	w.reads("$3,840.00 on Wednesday 10 March 2027, 10:00 (Pacific time)")
	w.ticks("save_card")
	w.presses("Pay $960.00")
	w.card("4000000000000002")
	w.reads("Not paid.", "Your card was declined. You can try another card.")
	st.stands(ana, retreats.Held, 0)
	w.card("4242424242424242")
	w.reads("Your place is confirmed", "paid by card by you", "Your card: Visa ending in 4242",
		"It waits until both of you are cleared, and is then charged to your card ending 4242")
	w.fits()
	st.hear()
	st.clear(ana)
	st.at("2027-03-10", "09:59")
	w.opens(first)
	w.reads("It will be charged to your card ending 4242 on Wednesday 10 March 2027, 10:00.")
	st.at("2027-03-10", "10:00")
	w.opens(first)
	w.reads("The rest of the price $3,840.00 ✓ paid", "paid by card by you")
	w.opens(second)
	w.reads("The rest of the price $3,840.00 ✓ paid", "paid by card by Ana")
	st.stands(ana, retreats.Confirmed, 480000)
	w.mail("jon.ana@example.org", "Your reservation: payment received", "$3,840.00")
}

// TestABankThatAsksIsAnsweredOnAPhone [D15]: the bank asks when a card is kept,
// and again before it is charged without its owner, who is led there by mail.
func TestABankThatAsksIsAnsweredOnAPhone(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	w := st.phone()
	ana := w.books("Ana")
	w.presses("Keep this card for the rest")
	w.ticks("save_card")
	w.presses("Pay $960.00")
	w.card("4000002760003184")
	w.reads("Your bank asks")
	w.presses("Fail")
	w.reads("Not paid.", "You can try another card.")
	st.stands(ana, retreats.Held, 0)
	w.card("4000002760003184")
	w.presses("Complete")
	w.reads("Your place is confirmed", "Your card: Visa ending in 3184")
	st.hear()
	st.clear(ana)
	st.at("2027-03-10", "10:00")
	w.opens(st.link(ana, 1))
	w.reads("The bank wants to ask you before Ana’s card ending 3184 is charged: please pay here.", "Pay $3,840.00")
	link := w.mail("ana@example.org", "Your payment did not go through", "$3,840.00", "The bank wants to ask its owner first")
	if link != st.link(ana, 0) {
		t.Fatalf("the mail leads to %q", link)
	}
	w.opens(link)
	w.presses("Pay $3,840.00")
	w.card("4000002760003184")
	w.presses("Complete")
	w.reads("Your place is confirmed", "The rest of the price $3,840.00 ✓ paid")
	st.hear()
	st.stands(ana, retreats.Confirmed, 480000)
}

// TestACoupleCancelsOnAPhone [D16]: what comes back is said first, and said anew
// when midnight has changed it; so much comes back, and the mail says so too.
func TestACoupleCancelsOnAPhone(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	place := st.link(ana, 0)
	st.at("2027-02-08", "23:59")
	w := st.phone()
	w.opens(place)
	w.presses("Give up this booking")
	w.reads("Give up your place?", "$960.00", "you get back 100 % today", "until Monday 8 February 2027 (today)")
	st.wait(time.Minute)
	w.presses("Yes, give up the place")
	w.reads("has changed since you saw it", "you get back 50 % today", "until Wednesday 10 March 2027 (today)", "$480.00")
	w.fits()
	st.stands(ana, retreats.Confirmed, deposit)
	w.presses("Yes, give up the place")
	w.reads("You have given up this booking", "50 % of it, $480.00, comes back", "If another couple takes your place, another $430.00 comes back.")
	w.fits()
	st.passesBy(time.Hour)
	w.opens(place)
	w.reads("Back to the card it came from", "$480.00 ✓ returned on Tuesday 9 February 2027")
	st.stands(ana, retreats.None, 48000)
	w.mail("ana.partner@example.org", "Your booking has ended", "You get back $480.00: 50 % of the $960.00")
	w.opens(place + "/statement")
	w.reads("Returned, or on its way back $480.00")
	w.fits()
}

// TestTwoPayAPartEachAndChangeTheirDates [D17]: the place is theirs when both
// parts are here; what they paid goes with them to other dates.
func TestTwoPayAPartEachAndChangeTheirDates(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	other := st.another(2)
	ana := st.book("ana", false)
	first, second := st.link(ana, 0), st.link(ana, 1)
	w := st.phone()
	w.opens(first)
	w.presses("Each pays a part")
	w.ticks("split_parts")
	w.types("split_first", "25")
	w.presses("Save who pays what")
	w.reads("ana pays 25 % of what is open")
	w.presses("Pay your part, $240.00")
	w.card("4242424242424242")
	w.reads("$240.00 of $960.00 is here.", "Your place is held until")
	w.fits()
	st.hear()
	st.stands(ana, retreats.Held, 24000)
	w.opens(second)
	w.reads("The other $720.00 has to come by then", "paid by card by ana")
	w.presses("Pay your part, $720.00")
	w.card("5555555555554444")
	w.reads("Your place is confirmed", "ana’s part is $960.00.", "Your part is $2,880.00.")
	st.hear()
	st.stands(ana, retreats.Confirmed, deposit)

	w.presses("Change to other dates")
	w.reads("You can change to other dates once", "$3,840.00 is still to pay.")
	w.fits()
	w.presses("Weekend")
	w.reads("Change to other dates?", "What you have paid goes with you.")
	w.fits()
	w.ticks("accept_policy")
	w.presses("Change to ")
	w.reads("Your place is confirmed", "30 April")
	st.hear()
	c := st.stands(ana, retreats.Confirmed, deposit)
	if c.Cohort.ID != other || len(c.Booking.Transfers) != 1 {
		t.Errorf("they are in %s after %d transfers", c.Cohort.ID, len(c.Booking.Transfers))
	}
	w.opens(first + "/dates")
	w.reads("once")
	w.opens(first)
	w.reads("due on Wednesday 31 March 2027")
	if kept := c.Booking.Kept(booking.DepositCharge); kept.Minor != deposit {
		t.Errorf("%s of the deposit is kept", kept)
	}
}
