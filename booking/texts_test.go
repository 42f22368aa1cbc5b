package booking_test

import (
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
)

// TestTextsAreEachPartnersOwnWord: off until said, for one number and one
// person, with wording, time and source on record; and off again [D36].
func TestTextsAreEachPartnersOwnWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.mustBook("Maya", false)
	allow := func(phone string) error {
		return w.bookings.AllowTexts(t.Context(), id, 0, phone, booking.ByPage)
	}
	load := func() *booking.Booking {
		c, err := w.bookings.Case(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return c.Booking
	}
	if got := load().TextsTo(0); got != "" {
		t.Fatalf("texts go to %s before anybody has asked for them", got)
	}
	if err := allow(""); fault.FieldsOf(err)["phone"] == "" {
		t.Errorf("without a number: %v", err)
	}
	if err := allow("12"); fault.FieldsOf(err)["phone"] == "" {
		t.Errorf("with half a number: %v", err)
	}
	if err := allow("+1 415 555 0132"); err != nil {
		t.Fatal(err)
	}
	said := load().Partners[0].Texts
	if load().TextsTo(0) != "+14155550132" || load().TextsTo(1) != "" {
		t.Error("texts go to who has not asked for them, or not to who has")
	}
	if !said.At.Equal(w.now) || said.Source != booking.ByPage || !strings.Contains(said.Wording, "STOP") || said.Hash == "" {
		t.Errorf("on record is %+v", said)
	}
	w.now = w.now.Add(time.Hour)
	if err := allow(""); err != nil || !load().Partners[0].Texts.At.Equal(said.At) {
		t.Errorf("said twice, it is given anew: %v", err)
	}
	if err := w.bookings.StopTexts(t.Context(), id, 0, booking.ByText); err != nil {
		t.Fatal(err)
	}
	if ended := load().Partners[0].Texts; load().TextsTo(0) != "" || ended.StoppedBy != booking.ByText || !ended.StoppedAt.Equal(w.now) {
		t.Errorf("after STOP: %+v", ended)
	}
	if err := w.bookings.ResumeTexts(t.Context(), id, 0, "+14155550199"); err != nil || load().TextsTo(0) != "" {
		t.Errorf("another number has started them: %v", err)
	}
	if err := w.bookings.ResumeTexts(t.Context(), id, 0, "+14155550132"); err != nil || load().TextsTo(0) == "" {
		t.Errorf("START does not start them: %v", err)
	}
	if err := allow("+1 415 555 0177"); err != nil || load().TextsTo(0) != "+14155550177" {
		t.Errorf("another number: %v", err)
	}
	if past := load().PastTexts; len(past) != 2 || past[0].Hash != said.Hash || past[0].StoppedAt == nil {
		t.Errorf("what was said before is %+v", past)
	}
}
