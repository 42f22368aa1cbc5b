package booking_test

import (
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/retreats"
)

// TestWhoCannotDrive: neither of the two, nobody of the cohort who receives
// medicine within a day of the drive [D25], [D26]; and the answer to the latter
// tells nothing.
func TestWhoCannotDrive(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	_, err := w.retreats.AmendCohort(t.Context(), "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error { t.Capacity = 2; return nil })
	w.must(err)
	ana, ben := w.confirmed("ana"), w.confirmed("ben")
	w.tamper(ana, func(b *booking.Booking) { b.Partners[0].Phone = "+14155550101" })
	w.tamper(ben, func(b *booking.Booking) { b.Partners[1].Phone = "+14155550202" })
	name := func(phone string) error {
		return w.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: "Kim", Phone: phone, Relation: "a friend"})
	}
	if text := fault.FieldsOf(name("+1 415 555 0101"))["phone"]; !strings.Contains(text, "one of you") {
		t.Errorf("one of the two: %q", text)
	}
	if text := fault.FieldsOf(name("+1 415 555 0202"))["phone"]; text != "This person cannot drive on that day. Please name somebody else." {
		t.Errorf("somebody who takes part: %q", text)
	}
	w.must(name("+1 415 555 0303"))
	bad := booking.DriverInput{Name: "Kim", Phone: "+1 415 555 0303", Relation: "a friend", Email: "nowhere"}
	if err := w.bookings.NameDriver(t.Context(), ana, "s1", 0, bad); fault.FieldsOf(err)["email"] == "" {
		t.Errorf("a mail address that is none: %v", err)
	}
}

// TestALinkGoesWithTheNumber: one driver has one link for all sessions, stored
// as a hash, and who is named instead has another.
func TestALinkGoesWithTheNumber(t *testing.T) {
	t.Parallel()
	w := deposited(t)
	ana := w.confirmed("ana")
	token := func(phone string) string {
		w.must(w.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: "Kim", Phone: phone, Relation: "a friend"}))
		c, err := w.bookings.Case(t.Context(), ana)
		w.must(err)
		d, _ := c.Booking.Driver("s1")
		_, token, _ := strings.Cut(w.bookings.DriverLink(ana, d), "/d/")
		if d.LinkHash != seal.Hash(token) || strings.Contains(token, d.Phone[1:]) {
			t.Errorf("link %s of %+v", token, d)
		}
		return token
	}
	first := token("+1 415 555 0303")
	if rides, err := w.bookings.RidesOf(t.Context(), first); err != nil || len(rides.List) != 1 {
		t.Errorf("the driver's rides: %+v, %v", rides.List, err)
	}
	w.must(w.bookings.AnswerRide(t.Context(), first, "s1", booking.DriverNo))
	if again := token("+1 415 555 0303"); again != first {
		t.Error("the same driver has another link")
	}
	c, err := w.bookings.Case(t.Context(), ana)
	w.must(err)
	s, _ := c.Cohort.Session("s1")
	if d, _ := c.Booking.Driver("s1"); d.HasRefused(s) || d.HasConfirmed(s) {
		t.Errorf("who is named again is not asked again: %+v", d)
	}
	second := token("+1 415 555 0404")
	for guess, want := range map[string]fault.Kind{first: fault.NotFound, second: "", ana: fault.NotFound, "x.y": fault.NotFound, w.bookings.Token(ana, 0): fault.NotFound} {
		if _, err := w.bookings.RidesOf(t.Context(), guess); fault.KindOf(err) != want {
			t.Errorf("%s: %v", guess, err)
		}
	}
	if err := w.bookings.AnswerRide(t.Context(), second, "s9", booking.DriverYes); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another session: %v", err)
	}
	w.wait(365 * 24 * time.Hour)
	if _, err := w.bookings.RidesOf(t.Context(), second); fault.KindOf(err) != fault.Gone {
		t.Errorf("a year later: %v", err)
	}
}

// TestAYesIsOfThePersonNotOfThePhone [D29]: a name that is put right keeps it, as
// it keeps the link; somebody else of the same household is asked.
func TestAYesIsOfThePersonNotOfThePhone(t *testing.T) {
	t.Parallel()
	for name, keeps := range map[string]bool{"Kim": true, "kim olsen": true, "Kim B. Olsen": true, "Jo Olsen": false, "Jo": false, "Kimberly Olsen": false} {
		w := deposited(t)
		ana := w.confirmed("ana")
		asked := func(name string) booking.Driver {
			t.Helper()
			w.must(w.bookings.NameDriver(t.Context(), ana, "s1", 0, booking.DriverInput{Name: name, Phone: "+1 415 555 0303", Relation: "a friend"}))
			c, err := w.bookings.Case(t.Context(), ana)
			w.must(err)
			d, _ := c.Booking.Driver("s1")
			return d
		}
		before := asked("Kim Olsen")
		_, token, _ := strings.Cut(w.bookings.DriverLink(ana, before), "/d/")
		w.must(w.bookings.AnswerRide(t.Context(), token, "s1", booking.DriverYes))
		after := asked(name)
		c, err := w.bookings.Case(t.Context(), ana)
		w.must(err)
		held, _ := c.Cohort.Session("s1")
		if after.HasConfirmed(held) != keeps || (after.InvitedAt != nil) != keeps || after.LinkHash != before.LinkHash {
			t.Errorf("%s in place of Kim Olsen: %+v, want the yes kept: %v", name, after, keeps)
		}
	}
}
