package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/notifications"
)

// checkMails reads every mail that was sent in a story: it is discreet and
// holds its own reader's link and no other. It returns the rules it has seen.
func (st *story) checkMails() map[string]bool {
	st.t.Helper()
	rules := map[string]bool{}
	messages, err := st.notices.List(st.t.Context(), "", "", 200, "")
	if err != nil {
		st.t.Fatal(err)
	}
	for _, m := range messages.Items {
		if m.Copy == nil || m.BookingID == "" {
			continue
		}
		rules[m.Rule] = true
		body, err := st.notices.Body(m)
		if err != nil {
			st.t.Fatal(err)
		}
		if stored, err := json.Marshal(m); err != nil || strings.Contains(string(stored), st.bookings.Token(m.BookingID, m.Partner)) {
			st.t.Errorf("mail %s is stored with its link: %v", m.Rule, err)
		}
		for _, word := range notifications.Telling(m.Copy.Subject + " " + body.Text + " " + body.HTML) { // [D38]
			st.t.Errorf("mail %s says %q", m.Rule, word)
		}
		if other := st.bookings.Token(m.BookingID, 1-m.Partner); strings.Contains(body.Text+body.HTML, other) {
			st.t.Errorf("mail %s holds the other partner's link", m.Rule)
		}
		if !strings.Contains(body.Text, st.bookings.Token(m.BookingID, m.Partner)) || strings.Contains(body.Text, "<no value>") {
			st.t.Errorf("mail %s:\n%s", m.Rule, body.Text)
		}
	}
	return rules
}

func seen(t *testing.T, rules map[string]bool, want ...string) {
	t.Helper()
	for _, rule := range want {
		if !rules[rule] {
			t.Errorf("no mail %s was seen", rule)
		}
	}
}

func TestMailsAreDiscreet(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	st.wait(20 * time.Minute)
	page := st.openPage(ana)
	st.wait(17 * time.Minute)
	ben := st.book("ben", false)
	st.book("cleo", true)
	st.payOn(page) // too late
	st.hear()
	st.tick()
	st.tick()
	if err := st.bookings.Cancel(t.Context(), ben, nil); err != nil {
		t.Fatal(err)
	}
	st.tick()
	st.tick()
	if err := st.bookings.AnswerOffer(t.Context(), ana, booking.AcceptOffer); err != nil {
		t.Fatal(err)
	}
	st.payOn(st.openPage(ana))
	st.hear()
	st.tick()
	st.tick()
	dan := newStory(t, 1)
	dan.book("dan", false)
	dan.wait(32 * time.Minute)
	dan.tick()
	dan.tick()
	seen(t, st.checkMails(), "held", "confirmed", "late_refunded", "offered", "waiting", "cancelled")
	seen(t, dan.checkMails(), "lapsed")
}

// TestMailsAboutWhatStaffAndTimeDoAreDiscreet goes through the rest.
func TestMailsAboutWhatStaffAndTimeDoAreDiscreet(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ctx := t.Context()
	other := st.another(1)
	ana, ben := st.book("ana", false), st.book("ben", true)
	st.wait(time.Second)
	cleo := st.book("cleo", true)
	st.tick()
	st.must(st.bookings.Cancel(ctx, ana, nil))
	st.tick()
	st.wait(25 * time.Hour) // more than half of the offer's time
	st.tick()
	st.wait(24 * time.Hour) // ben has not answered
	st.tick()
	st.tick()
	_, err := st.retreats.Reschedule(ctx, "co", "2027-05-07", robin)
	st.must(err)
	st.tick()
	st.wait(time.Hour)
	st.tick()
	st.must(st.bookings.RemoveWaiting(ctx, ben, "You asked us on the phone.", robin))
	dan := st.book("dan", true)
	st.cohort = other
	st.book("eva", false)
	st.must(st.bookings.MoveWaiting(ctx, dan, other, "May is full.", robin))
	st.tick()
	_, err = st.retreats.Cancel(ctx, "co", "Our house was damaged.", robin)
	st.must(err)
	st.wait(120 * 24 * time.Hour) // what dan waited for has begun
	st.tick()
	st.tick()
	_ = cleo
	seen(t, st.checkMails(), "nudged", "offer_ended", "rescheduled", "removed", "moved", "called_off", "turn_ended")
}

// TestPartnersWhoShareAMailboxEachHaveTheirPage: one mail, two links, since
// each answers for themselves.
func TestPartnersWhoShareAMailboxEachHaveTheirPage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	c, err := st.bookings.Book(t.Context(), "co", booking.Application{
		AcceptPolicy: true, SharedEmail: true,
		Partners: [2]booking.PartnerInput{{Name: "Ana", Email: "both@example.org"}, {Name: "Jon", Email: "both@example.org"}},
	})
	st.must(err)
	st.tick()
	st.tick()
	messages, err := st.notices.List(t.Context(), "", "", 10, "")
	if err != nil || len(messages.Items) != 1 {
		t.Fatalf("%d mails to one mailbox, %v", len(messages.Items), err)
	}
	body, err := st.notices.Body(messages.Items[0])
	st.must(err)
	for partner := range 2 {
		link := st.bookings.Link(c.Booking, partner)
		if !strings.Contains(body.Text, link) || !strings.Contains(body.HTML, link) {
			t.Errorf("the page of partner %d is not in the mail:\n%s", partner+1, body.Text)
		}
	}
}
