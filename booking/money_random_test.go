package booking_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/booking"
	"lantern/internal/money"
	"lantern/internal/stripepay"
	"lantern/internal/stripepay/sandbox"
	"lantern/retreats"
)

// till is a story of money that chance tells: couples pay with all kinds of
// cards, split, cancel and change to other dates; the practice gives back, ends
// and records; Stripe's words come late, twice, in another order or not at all,
// its answers get lost, banks dispute and refuse; and the process dies between
// any two writes.
type till struct {
	*world
	ids   []string
	pages []string // card pages that were ever opened
}

// TestOurLedgerIsStripes: whatever happens, in the end the books agree to the
// cent with the card service's, nothing is kept twice for one charge or without
// a place, and nothing is returned beyond what came (invariant 3).
func TestOurLedgerIsStripes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		w := newWorldFor(t, rapid.IntRange(1, 3).Draw(r, "places"))
		w.t = r
		w.addOther("later", 300000, "2027-09-10", retreats.Instalment{DaysBefore: 90, Share: 3333}, retreats.Instalment{DaysBefore: 30, Share: 6667})
		s := &till{world: w}
		for i := range rapid.IntRange(10, 40).Draw(r, "steps") {
			if s.fuse.blown {
				s.live(1 << 30)
			}
			s.step(r, i)
		}
		s.settle()
		s.checkLedger(r)
	})
}

// askToCompare is a comparison that somebody asks for; the process may die in it.
func (s *till) askToCompare() {
	s.wait(time.Second) // two that are asked for at one moment are one
	if err := s.bookings.AskComparison(s.t.Context(), robin); err == nil {
		_ = s.bookings.CompareDue(s.t.Context(), s.now)
	}
}

// settle lets all that is under way come to its end.
func (s *till) settle() {
	s.live(1 << 30)
	s.cards.SetTrouble(sandbox.Trouble{})
	for range 4 {
		s.wait(25 * time.Hour) // refunds that failed are tried again
		s.askToCompare()
		for range 6 {
			s.passes()
			s.wait(10 * time.Minute)
		}
	}
}

var tillSteps = []string{
	"couple", "couple", "couple", "book", "wait", "open", "open", "pay", "pay", "clear", "clear", "answer", "split", "card", "forget",
	"practice", "practice", "practice", "practice", "practice",
	"time", "time", "time", "ten", "deliver", "passes", "passes", "passes", "compare", "trouble", "die",
}

func (s *till) step(r *rapid.T, i int) {
	ctx := s.t.Context()
	id := "bk_none"
	if len(s.ids) > 0 {
		id = rapid.SampledFrom(s.ids).Draw(r, "who")
	}
	amount := money.Of(rapid.SampledFrom([]int64{1, 5000, deposit, 300000}).Draw(r, "amount"), "USD")
	partner := i % 2
	switch rapid.SampledFrom(tillSteps).Draw(r, "step") {
	case "book", "wait":
		if id, err := s.book(fmt.Sprintf("couple%d", i), i%3 == 0); err == nil {
			s.ids = append(s.ids, id)
		}
	case "couple": // that does what most do
		s.couple(r, i)
	case "open":
		s.openAny(r, id, partner)
	case "pay":
		if len(s.pages) > 0 {
			s.payWith(rapid.SampledFrom(s.pages).Draw(r, "page"), anyCard(r))
		}
	case "clear":
		state := rapid.SampledFrom([]booking.ClearanceState{booking.Cleared, booking.Cleared, booking.NotCleared, booking.Pending}).Draw(r, "state")
		_ = s.bookings.RecordClearance(ctx, id, partner, state, robin)
	case "answer":
		_ = s.bookings.AnswerOffer(ctx, id, rapid.SampledFrom([]booking.Answer{booking.AcceptOffer, booking.PassOffer}).Draw(r, "answer"))
	case "split":
		_ = s.bookings.SplitPayments(ctx, id, rapid.SampledFrom([]int{0, 1, 33, 50}).Draw(r, "first"), partner)
	case "card":
		if page, err := s.bookings.SaveCard(ctx, id, partner); err == nil {
			s.pages = append(s.pages, page)
		}
	case "forget":
		_ = s.bookings.ForgetCard(ctx, id, partner)
	case "time":
		s.wait(time.Duration(rapid.SampledFrom([]int{1, 10, 29, 32, 40, 24 * 60, 49 * 60}).Draw(r, "minutes")) * time.Minute)
	case "ten":
		s.quiet()
		before := s.now
		s.until(rapid.SampledFrom([]string{"2027-03-10", "2027-03-12", "2027-03-15", "2027-06-12"}).Draw(r, "day"), "10:00")
		if s.now.Before(before) {
			s.now = before
		}
		s.passes()
	case "deliver":
		_ = s.cards.Deliver(ctx)
	case "passes":
		s.passes()
	case "compare":
		s.askToCompare()
	case "die":
		s.live(rapid.IntRange(1, 9).Draw(r, "write"))
		s.fuse.after = i%2 == 0
	case "trouble":
		s.trouble(r)
	case "practice":
		s.practice(r, id, amount)
	}
}

func anyCard(r *rapid.T) string {
	cards := []string{goodCard, goodCard, goodCard, asksOnce, asksAlways, failsLater, disputedCard, refundFailing, "4000000000000002"}
	return rapid.SampledFrom(cards).Draw(r, "card")
}

// couple books, pays the deposit, lets the rest be charged, and is cleared.
func (s *till) couple(r *rapid.T, i int) {
	id, err := s.book(fmt.Sprintf("couple%d", i), true)
	if err != nil {
		return
	}
	s.ids = append(s.ids, id)
	opened := len(s.pages)
	s.openAny(r, id, 0)
	for _, page := range s.pages[opened:] {
		s.payWith(page, anyCard(r))
	}
	s.passes()
	for partner := range 2 {
		_ = s.bookings.RecordClearance(s.t.Context(), id, partner, booking.Cleared, robin)
	}
}

// practice is what staff and banks do.
func (s *till) practice(r *rapid.T, id string, amount money.Amount) {
	ctx := s.t.Context()
	c, err := s.bookings.Case(ctx, id)
	if err != nil {
		return
	}
	payment := ""
	if n := len(c.Booking.Payments); n > 0 {
		payment = c.Booking.Payments[rapid.IntRange(0, n-1).Draw(r, "payment")].ID
	}
	switch rapid.SampledFrom([]string{"cancel", "end", "give", "record", "transfer", "dashboard", "dispute", "close", "fail", "grant", "call off"}).Draw(r, "act") {
	case "cancel":
		_ = s.bookings.Cancel(ctx, id, nil)
	case "end":
		kind := rapid.SampledFrom([]booking.EndingKind{booking.EndByPolicy, booking.EndNotCleared, booking.EndWithAmount}).Draw(r, "kind")
		_ = s.bookings.End(ctx, id, booking.Ending{Kind: kind, Amount: amount, Reason: "So it was."}, robin)
	case "give":
		_ = s.bookings.Give(ctx, id, booking.Gift{Amount: amount, Reason: "A noisy night."}, robin)
	case "record":
		for _, charge := range c.CanPay() {
			_ = s.bookings.RecordPayment(ctx, id, booking.Received{Charge: charge.ID, Amount: amount, Method: booking.ByCash, Reference: "Receipt"}, robin)
		}
	case "transfer":
		_ = s.bookings.TransferByCouple(ctx, id, booking.Transfer{To: "later", AcceptPolicy: true})
	case "dashboard":
		_ = s.cards.RefundAtStripe(payment, amount.Minor)
	case "dispute":
		_, _ = s.cards.OpenDispute(payment, "fraudulent")
	case "close":
		for _, d := range c.Booking.Disputes {
			_ = s.cards.CloseDispute(d.ID, amount.Minor > 1)
		}
	case "fail":
		for _, refund := range c.Booking.Refunds {
			_ = s.cards.FailRefund(refund.StripeID)
		}
	case "call off":
		if amount.Minor == 1 {
			_, _ = s.retreats.Cancel(ctx, "co", "The house has burnt down.", robin)
		}
	case "grant":
		_ = s.bookings.Grant(ctx, id, amount, "A small income.", robin)
	}
}

func (s *till) openAny(r *rapid.T, id string, partner int) {
	c, err := s.bookings.Case(s.t.Context(), id)
	if err != nil {
		return
	}
	for _, charge := range c.CanPay() {
		order := booking.Order{Charge: charge.ID, Partner: partner, SaveCard: rapid.Bool().Draw(r, "save")}
		if c.Booking.Split != nil && rapid.Bool().Draw(r, "part") {
			share := rapid.IntRange(0, 1).Draw(r, "whose")
			order.Share = &share
		}
		if page, err := s.bookings.Pay(s.t.Context(), id, order); err == nil {
			s.pages = append(s.pages, page)
		}
	}
}

func (s *till) trouble(r *rapid.T) {
	few := func(name string) int { return rapid.IntRange(0, 2).Draw(r, name) }
	s.cards.SetTrouble(sandbox.Trouble{
		APIErrors: few("errors"), Timeouts: few("hang-ups"), LateAnswers: few("lost answers"),
		HoldEvents:   time.Duration(few("hours")) * time.Hour,
		DoubleEvents: rapid.Bool().Draw(r, "twice"), ReorderEvents: rapid.Bool().Draw(r, "reordered"), LoseEvents: rapid.Bool().Draw(r, "lost"),
	})
}

// checkLedger holds the bookings' lines against the card service's books, and
// each booking against what money must never do.
func (s *till) checkLedger(r *rapid.T) {
	var received, returned, away int64
	for _, id := range s.all(r) {
		c, err := s.bookings.Case(s.t.Context(), id)
		if err != nil {
			r.Fatalf("booking %s was answered, now: %v", id, err)
		}
		b := c.Booking
		for _, p := range b.Payments {
			if p.Method == booking.ByCard {
				received += p.Amount.Minor
			}
		}
		for _, refund := range b.Refunds {
			byCard := !slices.ContainsFunc(b.Payments, func(p booking.Payment) bool {
				return p.ID == refund.PaymentID && p.Method != booking.ByCard
			})
			if byCard && refund.State != stripepay.RefundFailed {
				returned += refund.Amount.Minor
			}
		}
		away += b.DisputedAway().Minor
		s.checkBooking(r, c)
	}
	receivedThere, returnedThere := s.cards.Totals()
	awayThere := s.cards.Disputed()
	if received != receivedThere["USD"] || returned != returnedThere["USD"] || away != awayThere["USD"] {
		r.Fatalf("ours: %d received, %d returned, %d disputed; there: %d, %d, %d",
			received, returned, away, receivedThere["USD"], returnedThere["USD"], awayThere["USD"])
	}
}

// all are the bookings that were answered and those that have a place: who was
// not answered may have one too.
func (s *till) all(r *rapid.T) []string {
	ids := slices.Clone(s.ids)
	for _, cohort := range []string{"co", "later"} {
		c, err := s.retreats.Cohort(s.t.Context(), cohort)
		if err != nil {
			r.Fatal(err)
		}
		if len(c.Roster.Places) > c.Capacity {
			r.Fatalf("%d places of %d are taken in %s", len(c.Roster.Places), c.Capacity, cohort)
		}
		for _, p := range c.Roster.Places {
			ids = append(ids, p.Booking)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func (s *till) checkBooking(r *rapid.T, c booking.Case) {
	b := c.Booking
	who := b.Partners[0].Name
	for _, charge := range b.Charges {
		if kept := b.Kept(charge.ID); kept.Minor > charge.Amount.Minor && !s.stays(b) {
			r.Fatalf("%s: %s is kept of %s %s", who, kept, charge.ID, charge.Amount)
		}
	}
	for _, p := range b.Payments {
		if p.SettledAt == nil {
			r.Fatalf("%s: nobody has decided about %+v", who, p)
		}
	}
	for _, t := range b.Tries {
		if t.State == booking.TryUnheard {
			r.Fatalf("%s: try %+v was never heard of", who, t)
		}
	}
	kept := b.KeptInAll().Minus(b.DisputedAway())
	allowed := keptByPolicy(b)
	switch {
	case c.Standing.State == retreats.Confirmed || s.stays(b) || kept.Minor <= allowed.Minor:
	default:
		r.Fatalf("%s stands at %q with %s kept, of which %s may be; cancellation %+v, refunds %+v", who, c.Standing.State, kept, allowed, b.Cancellation, b.Refunds)
	}
	if b.AttendAt != nil && !b.AttendAt.After(s.now) {
		r.Fatalf("%s still has something to do since %s", who, b.AttendAt)
	}
}

// keptByPolicy is what the practice may keep of a booking that has ended.
func keptByPolicy(b *booking.Booking) money.Amount {
	if b.Cancellation == nil {
		return money.Of(0, b.Price.Currency)
	}
	kept := b.Cancellation.Paid.Minus(b.Cancellation.Quote)
	if more := b.Cancellation.Refilled; more != nil {
		kept = kept.Minus(*more)
	}
	return kept
}

// stays reports whether money is here that its bank does not take back, or that
// a dispute gave back after the end: a person sees to it.
func (s *till) stays(b *booking.Booking) bool {
	stuck := slices.ContainsFunc(b.Refunds, func(r booking.Refund) bool { return r.State == stripepay.RefundFailed && !r.Closed })
	return stuck || (b.IsOver() && len(b.Disputes) > 0)
}
