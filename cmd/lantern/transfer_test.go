package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/retreats"
)

// TestACoupleChangesDatesOnItsPage [D17]: it sees what other dates mean, accepts
// their terms, and reads of it in one mail.
func TestACoupleChangesDatesOnItsPage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	other := st.another(1)
	ana := st.confirmed("ana")
	st.tick()
	place := st.link(ana, 0)
	st.says(place, "Change to other dates")
	st.says(place+"/dates", "30 April 2027", "$3,840.00 is still to pay.")
	form := place + "/dates/" + other
	st.says(form, "Those dates cost $4,800.00", "is due on", "If you cancel later")
	if w := st.ask("POST", form, url.Values{}, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without accepting the terms it was answered %d", w.Code)
	}
	st.stands(ana, retreats.Confirmed, 96000)
	st.send(form, url.Values{"accept_policy": {"1"}})
	if to := st.send(form, url.Values{"accept_policy": {"1"}}); to != place {
		t.Errorf("a form that comes twice leads to %s", to)
	}
	c := st.stands(ana, retreats.Confirmed, 96000)
	if c.Booking.CohortID != other || c.Booking.Acceptance.StartsOn != "2027-04-30" {
		t.Errorf("it is in %s and has accepted %+v", c.Booking.CohortID, c.Booking.Acceptance)
	}
	st.says(place+"/dates", "You have changed to other dates once already.")
	st.tick()
	st.tick()
	if mails := st.mails(ana); mails["transferred"] != 1 || mails["confirmed"] != 1 || mails["card_removed"] != 0 {
		t.Errorf("mails %v", mails)
	}
	st.checkMails()
	st.book("ben", false) // the place here is free again
}

// TestTransfersByTheAPI: what is possible, the couple's own change, and one by
// staff with a reason.
func TestTransfersByTheAPI(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	other := st.another(1)
	ana := st.confirmed("ana")
	var possible struct {
		MayTransfer bool `json:"may_transfer"`
		Transfers   []struct{ Cohort string }
	}
	own := st.bookings.Token(ana, 0)
	path := "/api/v1/bookings/" + ana
	st.read("GET", path+"/transfers", own, "", http.StatusOK, &possible)
	if !possible.MayTransfer || len(possible.Transfers) != 1 || possible.Transfers[0].Cohort != other {
		t.Errorf("possible are %+v", possible)
	}
	if w := st.call("POST", path+"/transfers", own, `{"to":"`+other+`","accept_policy":false}`); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without accepting: %d", w.Code)
	}
	if w := st.call("POST", path+"/transfers", own, `{"to":"`+other+`","accept_policy":true}`); w.Code != http.StatusOK {
		t.Errorf("changing: %d %s", w.Code, w.Body)
	}
	if w := st.call("POST", path+"/transfers", own, `{"to":"co","accept_policy":true}`); w.Code != http.StatusConflict {
		t.Errorf("changing twice: %d", w.Code)
	}
	as := st.as("organizer")
	if w := st.ask("POST", "/staff/bookings/"+ana+"/transfer", url.Values{"to": {"co"}}, as); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("staff without a reason: %d", w.Code)
	}
	st.does("/staff/bookings/"+ana+"/transfer", url.Values{"to": {"co"}, "reason": {"They asked us on the phone."}}, as)
	c := st.stands(ana, retreats.Confirmed, 96000)
	if c.Booking.CohortID != "co" || len(c.Booking.Transfers) != 2 {
		t.Errorf("it is in %s after %+v", c.Booking.CohortID, c.Booking.Transfers)
	}
	if words := st.staffPage("/staff/bookings/"+ana, as); !strings.Contains(words, "They asked us on the phone.") {
		t.Errorf("the page does not say why: %s", words)
	}
}
