package booking_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// Stripe's test cards (docs.stripe.com/testing).
const (
	goodCard      = "4242424242424242"
	failsLater    = "4000000000000341" // is saved, and declined afterwards
	asksAlways    = "4000002760003184" // the bank asks each time
	asksOnce      = "4000002500003155" // the bank asks unless the card was set up for later
	disputedCard  = "4000000000000259"
	refundFailing = "4000000000005126"
)

// payWith pays a card page with a card; a bank that asks is answered.
func (w *world) payWith(page, number string) {
	w.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"number": {number}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		w.t.Fatal(err)
	}
	response.Body.Close()
	if to := response.Header.Get("Location"); strings.HasSuffix(to, "/authenticate") {
		if response, err = client.PostForm(page+"/authenticate", url.Values{"answer": {"complete"}}); err != nil {
			w.t.Fatal(err)
		}
		response.Body.Close()
	}
}

// agreed books for a couple that pays its deposit with a card and lets the rest
// be charged to it.
func (w *world) agreed(name, number string) string {
	w.t.Helper()
	id := w.mustBook(name, false)
	page, err := w.bookings.Pay(w.t.Context(), id, booking.Order{Charge: booking.DepositCharge, SaveCard: true})
	if err != nil {
		w.t.Fatal(err)
	}
	w.payWith(page, number)
	w.passes()
	w.passes()
	if c := w.stands(id, retreats.Confirmed, deposit); c.Booking.Cards[0] == nil {
		w.t.Fatal("no card was saved")
	}
	return id
}

func (w *world) clear(id string, states ...booking.ClearanceState) {
	w.t.Helper()
	for partner, state := range states {
		if err := w.bookings.RecordClearance(w.t.Context(), id, partner, state, robin); err != nil {
			w.t.Fatal(err)
		}
	}
}

// until moves the clock to a moment of the cohort's zone.
func (w *world) until(date, clock string) {
	w.t.Helper()
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		w.t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", date+" "+clock, zone)
	if err != nil {
		w.t.Fatal(err)
	}
	w.now = at.UTC()
}

func (w *world) tries(id string) []booking.Try {
	w.t.Helper()
	c, err := w.bookings.Case(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c.Booking.Tries
}

// TestABalanceIsChargedByTheClock: at 10:00 of the cohort's zone on its day
// [D12], once, with a card whose owner has agreed.
func TestABalanceIsChargedByTheClock(t *testing.T) {
	t.Parallel()
	for name, card := range map[string]string{"a card": goodCard, "one that was set up with the bank": asksOnce} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", card)
			w.clear(id, booking.Cleared, booking.Cleared)
			w.passes()
			c := w.stands(id, retreats.Confirmed, deposit)
			statement := c.Booking.Cards[0].Consent.Statement
			for _, words := range []string{"$3,840.00 on Wednesday 10 March 2027, 10:00 (Pacific time)", "refund policy", "take this back"} {
				if !strings.Contains(statement, words) {
					t.Errorf("the agreement does not say %q: %s", words, statement)
				}
			}
			w.until("2027-03-10", "09:59")
			w.passes()
			w.stands(id, retreats.Confirmed, deposit)
			w.until("2027-03-10", "10:00")
			for range 3 {
				w.passes()
			}
			c = w.stands(id, retreats.Confirmed, deposit+balance)
			if len(c.Booking.Tries) != 1 || c.Booking.Tries[0].State != booking.TrySucceeded || len(c.Booking.Payments) != 2 {
				t.Errorf("tries %+v, payments %+v", c.Booking.Tries, c.Booking.Payments)
			}
			w.checkBooks(0, []string{id})
		})
	}
}

func TestNothingIsChargedWithoutAnAgreement(t *testing.T) {
	t.Parallel()
	w := newWorldFor(t, 2)
	without := w.confirmed("ana")
	withdrawn := w.agreed("ben", goodCard)
	for _, id := range []string{without, withdrawn} {
		w.clear(id, booking.Cleared, booking.Cleared)
	}
	if err := w.bookings.ForgetCard(t.Context(), withdrawn, 0); err != nil {
		t.Fatal(err)
	}
	w.until("2027-03-12", "10:00")
	w.passes()
	for _, id := range []string{without, withdrawn} {
		if tries := w.tries(id); len(tries) != 0 {
			t.Errorf("tries %+v", tries)
		}
	}
}

// TestWhatHoldsChargesBack [D13]: nothing is charged while a clearance is
// pending or refused, or a dispute is open; afterwards at the next 10:00.
func TestWhatHoldsChargesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hold, free func(w *world, id string)
		why        booking.HeldBack
	}{
		"pending": {func(w *world, id string) { w.clear(id, booking.Cleared) },
			func(w *world, id string) { w.clear(id, booking.Cleared, booking.Cleared) }, booking.HeldByPapers},
		"refused": {func(w *world, id string) { w.clear(id, booking.Cleared, booking.NotCleared) },
			func(w *world, id string) { w.clear(id, booking.Cleared, booking.Cleared) }, booking.HeldByPapers},
		"disputed": {func(w *world, id string) {
			w.clear(id, booking.Cleared, booking.Cleared)
			c, _ := w.bookings.Case(w.t.Context(), id)
			if _, err := w.cards.OpenDispute(c.Booking.Payments[0].ID, "fraudulent"); err != nil {
				w.t.Fatal(err)
			}
			w.passes()
		}, func(w *world, id string) {
			c, _ := w.bookings.Case(w.t.Context(), id)
			if err := w.cards.CloseDispute(c.Booking.Disputes[0].ID, true); err != nil {
				w.t.Fatal(err)
			}
			w.passes()
		}, booking.HeldByDispute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.agreed("ana", goodCard)
			c.hold(w, id)
			w.until("2027-03-10", "11:00")
			w.passes()
			seen, err := w.bookings.Case(t.Context(), id)
			if err != nil || seen.ChargesHeldBack() != c.why || len(seen.Booking.Tries) != 0 {
				t.Fatalf("held back by %q, tries %+v, %v", seen.ChargesHeldBack(), seen.Booking.Tries, err)
			}
			c.free(w, id)
			w.passes()
			w.until("2027-03-11", "09:59")
			w.passes()
			w.stands(id, retreats.Confirmed, deposit)
			w.until("2027-03-11", "10:00")
			w.passes()
			w.passes()
			w.stands(id, retreats.Confirmed, deposit+balance)
			w.checkBooks(0, []string{id})
		})
	}
}

// TestADeclinedCardIsTriedAgain [D15]: after two and after five days, three
// times at most; one whose bank wants to ask its owner, never.
func TestADeclinedCardIsTriedAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		card string
		want []string
		code string
	}{
		"declined":     {failsLater, []string{"2027-03-10", "2027-03-12", "2027-03-15"}, "card_declined"},
		"bank asks":    {asksAlways, []string{"2027-03-10"}, "authentication_required"},
		"stolen since": {"4000000000009979", []string{"2027-03-10"}, "card_declined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			card := c.card
			if name == "stolen since" {
				card = goodCard
			}
			id := w.agreed("ana", card)
			if name == "stolen since" {
				b, _ := w.bookings.Case(t.Context(), id)
				if err := w.cards.SetCard(b.Booking.Cards[0].MethodID, c.card); err != nil {
					t.Fatal(err)
				}
			}
			w.clear(id, booking.Cleared, booking.Cleared)
			w.until("2027-03-10", "10:00")
			for range 14 * 24 {
				w.passes()
				w.wait(time.Hour)
			}
			var got []string
			for _, try := range w.tries(id) {
				got = append(got, try.At.In(time.FixedZone("", -8*3600)).Format("2006-01-02"))
				if try.State != booking.TryFailed || try.Code != c.code {
					t.Errorf("try %+v", try)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("tried on %v, want %v", got, c.want)
			}
			w.stands(id, retreats.Confirmed, deposit) // nothing is cancelled by itself

			// The couple pays on its page, or saves another card.
			page, err := w.bookings.SaveCard(t.Context(), id, 1)
			if err != nil {
				t.Fatal(err)
			}
			w.payWith(page, goodCard)
			w.passes()
			w.passes()
			w.wait(24 * time.Hour)
			w.passes()
			w.passes()
			w.stands(id, retreats.Confirmed, deposit+balance)
			w.checkBooks(0, []string{id})
		})
	}
}

// TestATryIsMadeOnce whatever goes wrong between writing it down and hearing of
// it: the process dies at any write, the answer is lost, or Stripe cannot be
// reached until it has forgotten the key.
func TestATryIsMadeOnce(t *testing.T) {
	t.Parallel()
	charge := func(w *world) string {
		id := w.agreed("ana", goodCard)
		w.clear(id, booking.Cleared, booking.Cleared)
		w.until("2027-03-10", "10:00")
		return id
	}
	finish := func(w *world, id string) {
		for range 12 {
			w.wait(7 * time.Hour)
			w.passes()
		}
		w.stands(id, retreats.Confirmed, deposit+balance)
		w.checkBooks(0, []string{id})
	}
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("dying, after the write %v", after), func(t *testing.T) {
			t.Parallel()
			for n := 1; n < 12; n++ {
				w := newWorld(t)
				id := charge(w)
				w.live(n)
				w.fuse.after = after
				w.passes()
				died := w.fuse.blown
				w.live(1 << 30)
				finish(w, id)
				if !died || t.Failed() {
					return
				}
			}
		})
	}
	t.Run("the answer is lost", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := charge(w)
		w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
		w.losesAnswers()
		w.passes()
		w.meddles(nil)
		w.cards.SetTrouble(sandbox.Trouble{})
		finish(w, id)
	})
	t.Run("for longer than keys are kept", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		id := charge(w)
		w.cards.SetTrouble(sandbox.Trouble{LoseEvents: true})
		w.losesAnswers()
		w.passes()
		w.meddles(nil)
		w.unreachable(true)
		w.wait(50 * time.Hour)
		w.unreachable(false)
		finish(w, id)
	})
}

func TestPartnersPayTheirParts(t *testing.T) {
	t.Parallel()
	first, second := 0, 1
	w := newWorld(t)
	id := w.mustBook("ana", false)
	if err := w.bookings.SplitPayments(t.Context(), id, 40, 1); err != nil {
		t.Fatal(err)
	}
	pay := func(charge string, partner int, share *int) error {
		page, err := w.bookings.Pay(t.Context(), id, booking.Order{Charge: charge, Partner: partner, Share: share, SaveCard: charge == booking.DepositCharge})
		if err == nil {
			w.payWith(page, goodCard)
			w.passes()
		}
		return err
	}
	if err := pay(booking.DepositCharge, 0, &first); err != nil {
		t.Fatal(err)
	}
	c := w.stands(id, retreats.Held, 38400)
	if open := c.Booking.OpenShare(c.Booking.Charges[0], 1); open != money.Of(57600, "USD") {
		t.Errorf("the second partner still pays %s", open)
	}
	if err := pay(booking.DepositCharge, 0, &first); err == nil {
		t.Error("the first partner could pay twice")
	}
	if err := pay(booking.DepositCharge, 1, &second); err != nil {
		t.Fatal(err)
	}
	w.passes()
	w.stands(id, retreats.Confirmed, deposit)
	w.clear(id, booking.Cleared, booking.Cleared)
	w.until("2027-03-10", "10:00")
	for range 4 {
		w.passes()
	}
	c = w.stands(id, retreats.Confirmed, deposit+balance)
	amounts := map[int]int64{}
	for _, try := range c.Booking.Tries {
		amounts[try.Partner] += try.Amount.Minor
	}
	if amounts[0] != 153600 || amounts[1] != 230400 {
		t.Errorf("charged %v", amounts)
	}
	w.checkBooks(0, []string{id})
}

// TestAPartOfADepositGoesBack: the hold ends and only one of the two has paid.
func TestAPartOfADepositGoesBack(t *testing.T) {
	t.Parallel()
	first := 0
	w := newWorld(t)
	id := w.mustBook("ana", false)
	if err := w.bookings.SplitPayments(t.Context(), id, 50, 0); err != nil {
		t.Fatal(err)
	}
	page, err := w.bookings.Pay(t.Context(), id, booking.Order{Charge: booking.DepositCharge, Share: &first})
	if err != nil {
		t.Fatal(err)
	}
	w.payWith(page, goodCard)
	w.passes()
	w.stands(id, retreats.Held, 48000)
	w.wait(40 * time.Minute)
	for range 4 {
		w.passes()
	}
	c := w.stands(id, retreats.None, 0)
	if len(c.Booking.Refunds) != 1 || c.Booking.Refunds[0].Reason != booking.RefundPart {
		t.Errorf("refunds %+v", c.Booking.Refunds)
	}
	w.checkBooks(0, []string{id})
}
