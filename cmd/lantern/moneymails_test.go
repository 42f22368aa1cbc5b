package main

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/notifications"
	"lantern/retreats"
)

// at moves the clock to a moment in California and does what is due by then.
func (st *story) at(day civil.Date, clock civil.Clock) {
	st.t.Helper()
	st.wait(day.At(clock, civil.ZoneOrUTC("America/Los_Angeles")).Sub(st.time()))
	st.tick()
	st.hear()
	st.tick()
}

// pays lets the first partner pay a charge with a card.
func (st *story) pays(id, charge, number string, save bool) {
	st.t.Helper()
	page, err := st.bookings.Pay(st.t.Context(), id, booking.Order{Charge: charge, SaveCard: save})
	st.must(err)
	st.payWith(page, number)
	st.hear()
	st.tick()
}

// clear lets both partners take part, which charges wait for [D13].
func (st *story) clear(id string) {
	st.t.Helper()
	for partner := range 2 {
		st.must(st.bookings.RecordClearance(st.t.Context(), id, partner, booking.Cleared, robin))
	}
}

// mailed compares the mails that each partner has got so far, but for what
// they are reminded of.
func (st *story) mailed(id string, first, second map[string]int) {
	st.t.Helper()
	for partner, want := range []map[string]int{first, second} {
		messages, err := st.notices.OfBooking(st.t.Context(), id, partner)
		st.must(err)
		got := map[string]int{}
		for _, m := range messages {
			if m.State == notifications.Sent && !slices.Contains(notifications.Templates, m.Rule) {
				got[m.Rule]++
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			st.t.Errorf("%s: mails to partner %d:\n%s", st.time(), partner+1, diff)
		}
	}
}

// TestMailsAboutTheRestOfThePrice [D14] [D15]: one couple's card pays, another
// pays late on its page, the card of a third never pays.
func TestMailsAboutTheRestOfThePrice(t *testing.T) {
	t.Parallel()
	st := newStory(t, 3)
	type mails = map[string]int
	comes := func(name, card string, save bool) string {
		id := st.book(name, false)
		st.pays(id, booking.DepositCharge, card, save)
		return id
	}
	ana := comes("ana", "4242424242424242", true)
	ben := comes("ben", "4242424242424242", false)
	cleo := comes("cleo", "4000000000000341", true)
	for _, id := range []string{ana, ben, cleo} {
		st.clear(id)
	}
	st.tick()
	st.mailed(ana, mails{"confirmed": 1, "card_saved": 1}, mails{"confirmed": 1})
	st.at("2027-02-24", "09:59")
	st.mailed(ben, mails{"confirmed": 1}, mails{"confirmed": 1})
	st.at("2027-02-24", "10:00")
	st.mailed(ben, mails{"confirmed": 1, "balance_soon": 1}, mails{"confirmed": 1, "balance_soon": 1})
	st.at("2027-03-03", "10:00")
	st.at("2027-03-07", "10:00")
	st.at("2027-03-10", "10:00") // it is charged
	st.mailed(ana, mails{"confirmed": 1, "card_saved": 1, "balance_soon": 3, "receipt": 1}, mails{"confirmed": 1, "balance_soon": 3, "receipt": 1})
	st.mailed(cleo, mails{"confirmed": 1, "card_saved": 1, "balance_soon": 3, "card_failed": 1}, mails{"confirmed": 1, "balance_soon": 3, "card_failed": 1})
	st.at("2027-03-12", "10:00") // again, and ben is late
	st.mailed(ben, mails{"confirmed": 1, "balance_soon": 3, "balance_late": 1}, mails{"confirmed": 1, "balance_soon": 3, "balance_late": 1})
	st.pays(ben, booking.BalanceCharge, "4242424242424242", false)
	st.at("2027-03-15", "10:00") // for the last time, by summer time
	st.at("2027-03-17", "10:00") // two days after that, cleo is late
	st.at("2027-03-30", "10:00")
	st.mailed(ana, mails{"confirmed": 1, "card_saved": 1, "balance_soon": 3, "receipt": 1}, mails{"confirmed": 1, "balance_soon": 3, "receipt": 1})
	st.mailed(ben, mails{"confirmed": 1, "balance_soon": 3, "balance_late": 1, "receipt": 1}, mails{"confirmed": 1, "balance_soon": 3, "balance_late": 1, "receipt": 1})
	st.mailed(cleo, mails{"confirmed": 1, "card_saved": 1, "balance_soon": 3, "card_failed": 3, "balance_late": 1},
		mails{"confirmed": 1, "balance_soon": 3, "card_failed": 3, "balance_late": 1})
	st.stands(ana, retreats.Confirmed, 480000)
	st.stands(cleo, retreats.Confirmed, deposit)
	seen(t, st.checkMails(), "card_saved", "balance_soon", "balance_late", "receipt", "card_failed")
}

// TestMailsAboutWhatComesBack [D16] [D17]: a lower price, a present, a card that
// is taken out, half of what was paid, the rest of it when the place is filled,
// and an end by the practice.
func TestMailsAboutWhatComesBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana := st.confirmed("ana")
	eva := st.book("eva", true)
	st.must(st.bookings.Grant(ctx, ana, money.Of(400000, "USD"), "Sliding scale.", robin))
	st.must(st.bookings.Give(ctx, ana, booking.Gift{Amount: money.Of(1000, "USD"), Reason: "The heating failed."}, robin))
	page, err := st.bookings.SaveCard(ctx, ana, 1)
	st.must(err)
	st.payOn(page)
	st.hear()
	st.tick()
	st.wait(time.Minute)
	st.must(st.bookings.ForgetCard(ctx, ana, 1))
	st.tick()
	st.at("2027-02-28", "12:00") // 40 days before: half comes back
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.wait(time.Hour)
	st.tick()
	st.tick()
	st.must(st.bookings.AnswerOffer(ctx, eva, booking.AcceptOffer))
	st.pays(eva, booking.DepositCharge, "4242424242424242", false)
	st.tick()
	st.stands(ana, retreats.None, 5000) // the fee
	st.must(st.bookings.End(ctx, eva, booking.Ending{Kind: booking.EndWithAmount, Amount: money.Of(50000, "USD"), Reason: "We cannot host you."}, robin))
	st.tick()
	st.stands(eva, retreats.None, deposit-50000)
	all := map[string]int{"confirmed": 1, "price_lowered": 1, "money_returned": 1, "balance_soon": 1, "cancelled": 1, "refilled": 1}
	second := map[string]int{"card_saved": 1, "card_removed": 1}
	for rule, times := range all {
		second[rule] = times
	}
	st.mailed(ana, all, second)
	seen(t, st.checkMails(), "price_lowered", "money_returned", "card_saved", "card_removed", "cancelled", "refilled", "booking_ended")
}

// TestAMailAboutMoneyThatABankDoesNotTake is sent after the last try, not after
// each.
func TestAMailAboutMoneyThatABankDoesNotTake(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.pays(ana, booking.DepositCharge, "4000000000005126", false)
	st.must(st.bookings.Cancel(t.Context(), ana, nil))
	failed := 0
	for range 15 {
		st.wait(12 * time.Hour)
		st.tick()
		st.hear()
		st.tick()
		c, err := st.bookings.Case(t.Context(), ana)
		st.must(err)
		failed = 0
		for _, r := range c.Booking.Refunds {
			if r.State == stripepay.RefundFailed {
				failed++
			}
		}
		if told := st.mails(ana)["refund_failed"]; (told == 1) != (failed == 5) {
			t.Errorf("%d mails after %d refunds that failed", told, failed)
		}
	}
	if failed != 5 {
		t.Errorf("%d refunds failed", failed)
	}
	st.stands(ana, retreats.None, deposit)
	seen(t, st.checkMails(), "cancelled", "refund_failed")
}
