package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/retreats"
)

var robin = audit.By{ID: "staff_robin", Name: "Robin"}

// another adds a second cohort, three weeks after the first.
func (st *story) another(capacity int) string {
	st.t.Helper()
	ctx := st.t.Context()
	first, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	terms := first.Terms
	terms.Capacity, terms.WaitlistCap = capacity, 10
	plan := []retreats.PlannedSession{{Kind: retreats.Medicine, Title: "Session", Clock: "09:30", Minutes: 180}}
	r, err := retreats.NewRetreat("rt", first.Programme, terms, plan)
	st.must(err)
	st.must(st.retreats.AddRetreat(ctx, r))
	c, err := st.retreats.MakeCohort(ctx, "rt", "America/Los_Angeles", "2027-04-30", robin)
	if err != nil {
		st.t.Fatal(err)
	}
	if _, err := st.retreats.Publish(ctx, c.ID, robin); err != nil {
		st.t.Fatal(err)
	}
	return c.ID
}

func (st *story) must(err error) {
	st.t.Helper()
	if err != nil {
		st.t.Fatal(err)
	}
}

// TestAFreedPlaceIsOfferedInTheChangeThatFreesIt: no pass runs between the
// cancellation and the offer.
func TestAFreedPlaceIsOfferedInTheChangeThatFreesIt(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	ben := st.book("ben", true)
	st.wait(time.Second)
	cleo := st.book("cleo", true)
	before, err := st.retreats.CohortRev(t.Context(), "co")
	st.must(err)
	st.must(st.bookings.Cancel(t.Context(), ana, nil))
	after, err := st.retreats.CohortRev(t.Context(), "co")
	st.must(err)
	if after != before+1 {
		t.Errorf("the cohort was saved %d times", after-before)
	}
	st.stands(ben, retreats.Offered, 0)
	st.stands(cleo, retreats.WaitingOn, 0)
	st.tick()
	if st.mails(ben)["offered"] != 1 {
		t.Errorf("mails to ben: %v", st.mails(ben))
	}
	// The program is away for longer than the offer lasts.
	st.wait(72 * time.Hour)
	st.tick()
	st.stands(ben, retreats.WaitingOn, 0)
	st.stands(cleo, retreats.Offered, 0)
	st.must(st.bookings.AnswerOffer(t.Context(), cleo, booking.AcceptOffer))
	st.stands(cleo, retreats.Held, 0)
	st.payOn(st.openPage(cleo))
	st.hear()
	st.stands(cleo, retreats.Confirmed, deposit)
}

func TestOrganizersOverrideTheOrderWithAReason(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	first, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	terms := first.Terms
	terms.WaitlistCap = 3
	_, err = st.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil })
	st.must(err)
	ana := st.book("ana", false)
	ben, cleo := st.book("ben", true), st.book("cleo", true)
	st.wait(time.Second)
	dan := st.book("zebulon", true)
	if _, err := st.retreats.Prioritise(ctx, "co", dan, 10, "", robin); fault.FieldsOf(err)["reason"] == "" {
		t.Errorf("a priority without a reason: %v", err)
	}
	_, err = st.retreats.Prioritise(ctx, "co", dan, 10, "They had to cancel in May because we were ill.", robin)
	st.must(err)
	page := st.ask("GET", st.link(ben, 0), nil, nil).Body.String()
	if !strings.Contains(page, "because we were ill") || strings.Contains(page, "zebulon") {
		t.Error("ben does not read why somebody comes first, or reads who")
	}
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.stands(dan, retreats.Offered, 0)

	st.must(st.bookings.RemoveWaiting(ctx, cleo, "Asked us by phone.", robin))
	c := st.stands(cleo, retreats.None, 0)
	if !c.Booking.IsOver() || c.Booking.EndReason != "Asked us by phone." {
		t.Errorf("booking %+v", c.Booking)
	}
	var what []string
	for _, line := range c.Cohort.Trail {
		what = append(what, line.What+" by "+line.By)
	}
	if got := strings.Join(what, "; "); !strings.Contains(got, "priority by Robin") || !strings.Contains(got, "taken off the waitlist by Robin") {
		t.Errorf("trail: %s", got)
	}
	// Two weeks before the start nothing is offered by itself any more.
	st.must(st.bookings.AnswerOffer(ctx, dan, booking.LeaveList))
	st.stands(ben, retreats.Offered, 0)
	st.wait(80 * 24 * time.Hour) // 1 April; the retreat is on the 9th
	st.tick()
	st.stands(ben, retreats.WaitingOn, 0)
	st.must(st.bookings.OfferByHand(ctx, ben, "They are ready.", robin))
	c = st.stands(ben, retreats.Offered, 0)
	if left := c.Standing.Until.Sub(st.time()); left > 23*time.Hour || left < 12*time.Hour {
		t.Errorf("an offer by hand is open for %v", left)
	}
}

func TestACoupleWaitsForTwoCohortsAndTakesOne(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	other := st.another(1)
	ana := st.book("ana", false)
	ben := st.book("ben", true)
	st.cohort = other
	st.book("cleo", false)
	place := st.link(ben, 0)
	if w := st.ask("POST", place+"/waits", url.Values{"cohort": {other}}, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("waiting without accepting the policy was answered %d", w.Code)
	}
	for range 2 { // pressing the button twice joins once
		if w := st.ask("POST", place+"/waits", url.Values{"cohort": {other}, "accept_policy": {"1"}}, nil); w.Code != http.StatusSeeOther {
			t.Fatalf("waiting for a second cohort was answered %d", w.Code)
		}
	}
	others, err := st.bookings.Others(ctx, st.stands(ben, retreats.WaitingOn, 0).Booking)
	if err != nil || len(others) != 1 || others[0].Standing.State != retreats.WaitingOn {
		t.Fatalf("others %+v, %v", others, err)
	}
	twin := others[0].Booking.ID
	st.booked = append(st.booked, twin)
	st.must(st.bookings.Cancel(ctx, ana, nil))
	if w := st.ask("POST", place+"/offer", url.Values{"answer": {"accept"}, "leave": {twin}}, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("accepting was answered %d", w.Code)
	}
	st.stands(ben, retreats.Held, 0)
	if c := st.stands(twin, retreats.None, 0); !c.Booking.IsOver() {
		t.Error("the turn that was given up is still there")
	}
	// Ids of other couples in the form leave nothing.
	w := st.ask("POST", st.link(ben, 0)+"/offer", url.Values{"answer": {"accept"}, "leave": {ana}}, nil)
	if w.Code >= 500 {
		t.Errorf("answered %d", w.Code)
	}
}

func TestAWaitingCoupleIsMoved(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	other := st.another(1)
	st.book("ana", false)
	ben := st.book("ben", true)
	st.cohort = other
	cleo := st.book("cleo", false)
	st.wait(time.Minute)
	dan := st.book("zebulon", true)
	st.must(st.bookings.MoveWaiting(ctx, ben, other, "April is full.", robin))
	c := st.stands(ben, retreats.WaitingOn, 0)
	if c.Booking.CohortID != other || c.Standing.Position != 1 || !c.TermsChanged() {
		t.Errorf("moved to %s, position %d", c.Booking.CohortID, c.Standing.Position)
	}
	st.stands(dan, retreats.WaitingOn, 0)
	first, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	if len(first.Roster.Waitlist) != 0 {
		t.Errorf("still on the first waitlist: %+v", first.Roster.Waitlist)
	}
	st.must(st.bookings.Cancel(ctx, cleo, nil))
	if err := st.bookings.AnswerOffer(ctx, ben, booking.AcceptOffer); fault.FieldsOf(err)["accept_policy"] == "" {
		t.Errorf("a place was taken on terms that were never accepted: %v", err)
	}
	if w := st.ask("POST", st.link(ben, 1)+"/offer", url.Values{"answer": {"accept"}, "accept_policy": {"1"}}, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("accepting was answered %d", w.Code)
	}
	if c := st.stands(ben, retreats.Held, 0); c.TermsChanged() {
		t.Error("the terms of the new dates were not taken over")
	}
}

func TestACohortThatIsCalledOffGivesAllMoneyBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.confirmed("ana"), st.book("ben", false)
	cleo := st.book("cleo", true)
	page := st.openPage(ben)
	st.tick()
	_, err := st.retreats.Cancel(t.Context(), "co", "Our house was damaged by the storm.", robin)
	st.must(err)
	st.payOn(page) // the money was on its way
	st.hear()
	st.tick()
	st.tick()
	for _, id := range []string{ana, ben, cleo} {
		c := st.stands(id, retreats.None, 0)
		if c.Booking.Cancellation == nil || !c.Booking.Cancellation.ByPractice {
			t.Errorf("%s is not ended: %+v", c.Booking.Partners[0].Name, c.Booking.Cancellation)
		}
		if st.mails(id)["called_off"] != 1 {
			t.Errorf("mails to %s: %v", c.Booking.Partners[0].Name, st.mails(id))
		}
	}
	if body := st.ask("GET", st.link(ana, 0), nil, nil).Body.String(); !strings.Contains(body, "damaged by the storm") {
		t.Error("the couple does not read why")
	}
}

// TestAPlaceGivenUpByMistakeIsGivenBack: meanwhile nobody else can have it.
func TestAPlaceGivenUpByMistakeIsGivenBack(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	c, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	terms := c.Terms
	terms.UndoMinutes = 15
	_, err = st.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil })
	st.must(err)
	ana, ben := st.book("ana", false), st.book("ben", true)
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.stands(ben, retreats.WaitingOn, 0)
	st.wait(10 * time.Minute)
	st.tick()
	st.must(st.bookings.GiveBack(ctx, ana, robin))
	st.tick()
	if c := st.stands(ana, retreats.Held, 0); c.Booking.IsOver() {
		t.Error("the booking is still over")
	}
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.wait(16 * time.Minute)
	if err := st.bookings.GiveBack(ctx, ana, robin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a place that has gone on was given back: %v", err)
	}
	st.tick()
	st.stands(ben, retreats.Offered, 0)
	st.stands(ana, retreats.None, 0)
}

// TestAMovedCohortMovesItsCouples: everybody who is concerned is asked to look,
// and told once.
func TestAMovedCohortMovesItsCouples(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana, ben := st.confirmed("ana"), st.book("ben", true)
	st.tick()
	st.wait(time.Hour)
	_, err := st.retreats.Reschedule(t.Context(), "co", "2027-05-07", robin)
	st.must(err)
	st.tick()
	st.wait(30 * time.Minute) // several moves are told together
	st.tick()
	st.tick()
	for _, id := range []string{ana, ben} {
		if st.mails(id)["rescheduled"] != 1 {
			t.Errorf("mails %v", st.mails(id))
		}
	}
	if body := st.ask("GET", st.link(ana, 0)+"/sessions.ics", nil, nil).Body.String(); !strings.Contains(body, "20270507") {
		t.Errorf("the calendar file keeps the old date:\n%s", body)
	}
}

// TestWhoWaitsTakesAPlaceOnTermsItHasAccepted: the price rises while a couple
// waits.
func TestWhoWaitsTakesAPlaceOnTermsItHasAccepted(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	ana, ben := st.book("ana", false), st.book("ben", true)
	c, err := st.retreats.Cohort(ctx, "co")
	st.must(err)
	terms := c.Terms
	terms.Price, terms.Deposit = money.Of(700000, "USD"), money.Of(300000, "USD")
	_, err = st.retreats.AmendCohort(ctx, "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { *t = terms; return nil })
	st.must(err)
	if seen := st.stands(ana, retreats.Held, 0); seen.Booking.Charges[0].Amount.Minor != deposit || seen.TermsChanged() {
		t.Errorf("who holds a place is asked for %s", seen.Booking.Charges[0].Amount)
	}
	st.must(st.bookings.Cancel(ctx, ana, nil))
	page := st.ask("GET", st.link(ben, 0), nil, nil).Body.String()
	if !strings.Contains(page, "$7,000.00") || !strings.Contains(page, "$3,000.00 is due at once") {
		t.Error("the offer does not name its price")
	}
	if err := st.bookings.AnswerOffer(ctx, ben, booking.AcceptOffer); fault.FieldsOf(err)["accept_policy"] == "" {
		t.Errorf("taken at a price that was never accepted: %v", err)
	}
	w := st.ask("POST", st.link(ben, 0)+"/offer", url.Values{"answer": {"accept"}, "accept_policy": {"1"}}, nil)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("accepting was answered %d", w.Code)
	}
	seen := st.stands(ben, retreats.Held, 0)
	if b := seen.Booking; b.Price.Minor != 700000 || b.Charges[0].Amount.Minor != 300000 || b.Charges[1].Amount.Minor != 400000 {
		t.Errorf("price %s, charges %+v", b.Price, b.Charges)
	}
}

// TestWhoIsMovedToAFreePlaceIsAsked: it is offered, not held while they sleep.
func TestWhoIsMovedToAFreePlaceIsAsked(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	other := st.another(1)
	st.book("ana", false)
	ben := st.book("ben", true)
	st.must(st.bookings.MoveWaiting(t.Context(), ben, other, "April is full.", robin))
	st.wait(40 * time.Minute)
	st.tick()
	st.tick()
	if c := st.stands(ben, retreats.Offered, 0); c.Booking.CohortID != other {
		t.Errorf("in cohort %s", c.Booking.CohortID)
	}
	if st.mails(ben)["offered"] != 1 {
		t.Errorf("mails %v", st.mails(ben))
	}
}

// TestAPlaceThatWasLetGoCanBeTakenAfterAll: while nobody else has taken it.
func TestAPlaceThatWasLetGoCanBeTakenAfterAll(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana, ben := st.book("ana", false), st.book("ben", true)
	st.must(st.bookings.Cancel(t.Context(), ana, nil))
	st.must(st.bookings.AnswerOffer(t.Context(), ben, booking.PassOffer))
	if page := st.ask("GET", st.link(ben, 0), nil, nil).Body.String(); !strings.Contains(page, "Take it after all") {
		t.Error("the page does not say that the place is still free")
	}
	st.must(st.bookings.AnswerOffer(t.Context(), ben, booking.AcceptOffer))
	st.stands(ben, retreats.Held, 0)
	cleo := st.book("cleo", true)
	if err := st.bookings.AnswerOffer(t.Context(), cleo, booking.AcceptOffer); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a place that is not free was taken: %v", err)
	}
}

// TestACouplesPageIsRightAtOnceWhenDatesAreCalledOff: before any pass.
func TestACouplesPageIsRightAtOnceWhenDatesAreCalledOff(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.confirmed("ana"), st.book("ben", false)
	_, err := st.retreats.Cancel(t.Context(), "co", "Burst pipe at the house", robin)
	st.must(err)
	for id, want := range map[string]string{
		ana: "Burst pipe at the house. Everything you paid goes back to you.",
		ben: "Burst pipe at the house. Nothing is owed.",
	} {
		page := st.ask("GET", st.link(id, 0), nil, nil).Body.String()
		if !strings.Contains(page, want) || strings.Contains(page, "not paid in time") || strings.Contains(page, "Give up this booking") {
			t.Errorf("the page does not say %q", want)
		}
	}
	st.tick()
	st.tick()
}
