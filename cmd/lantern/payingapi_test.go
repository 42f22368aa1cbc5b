package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/retreats"
)

// bookingSeen is what these tests read of a booking's JSON.
type bookingSeen struct {
	Booking struct {
		Price, Open money.Amount
		Split       *struct {
			FirstPercent int `json:"first_percent"`
		}
		Charges []struct {
			ID        string
			Open      money.Amount
			Shares    []money.Amount
			Late      bool
			ChargedAt *time.Time `json:"charged_at"`
			HeldBack  string     `json:"held_back"`
		}
		Payments []struct {
			Charge, Method string
			Partner        int
		}
		Refunds []struct{ Reason, State string }
		Tries   []struct {
			Charge, State, Code string
			DeclineCode         string `json:"decline_code"`
		}
		Cards []struct {
			Partner      int
			Brand, Last4 string
		}
		Cancellation *struct {
			Percent int
			Why     string
			Back    money.Amount
		}
	}
}

// TestAProgramPaysForACouple [D12], [D15]: all that the page does about money, by
// a partner's own token.
func TestAProgramPaysForACouple(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.book("ana", false)
	path, own, other := "/api/v1/bookings/"+ana, st.bookings.Token(ana, 0), st.bookings.Token(ana, 1)
	seen := func() (b bookingSeen) {
		t.Helper()
		st.read("GET", path, own, "", http.StatusOK, &b)
		return b
	}
	var agreement struct{ Statement, Hash string }
	st.read("GET", path+"/agreement?charge=deposit", own, "", http.StatusOK, &agreement)
	if !strings.Contains(agreement.Statement, "$3,840.00 on Wednesday 10 March 2027") {
		t.Fatalf("agreement %+v", agreement)
	}
	for body, want := range map[string]int{
		`{"charge":"deposit","save_card":true}`: http.StatusConflict,
		`{"charge":"deposit","share":"mine"}`:   http.StatusUnprocessableEntity,
		`{"charge":"nothing"}`:                  http.StatusNotFound,
		`{"charge":"balance"}`:                  http.StatusConflict, // the place first
		`{}`:                                    http.StatusUnprocessableEntity,
		`{"charge":"deposit","amount":{"amount":-1,"currency":"$"}}`: http.StatusUnprocessableEntity,
	} {
		if w := st.call("POST", path+"/pay", own, body); w.Code != want {
			t.Errorf("%s was answered %d, want %d: %s", body, w.Code, want, w.Body)
		}
	}
	var opened struct {
		PayURL string `json:"pay_url"`
		URL    string
	}
	st.read("POST", path+"/pay", own, `{"charge":"deposit","save_card":true,"agreement":"`+agreement.Hash+`"}`, http.StatusOK, &opened)
	if st.typeCard(opened.PayURL, "4000000000000341") != http.StatusSeeOther {
		t.Fatal("the card was not taken")
	}
	st.hear()
	b := seen().Booking
	if len(b.Cards) != 1 || b.Cards[0].Last4 != "0341" || b.Cards[0].Partner != 1 || b.Charges[1].HeldBack != "clearance" || b.Charges[1].ChargedAt != nil ||
		len(b.Payments) != 1 || b.Payments[0].Method != "card" || b.Payments[0].Partner != 1 || b.Open != money.Of(384000, "USD") {
		t.Errorf("after the deposit %+v", b)
	}
	st.clear(ana)
	if at := seen().Booking.Charges[1].ChargedAt; at == nil || !at.Equal(time.Date(2027, 3, 10, 18, 0, 0, 0, time.UTC)) {
		t.Errorf("charged at %v", at)
	}
	st.moveTo("2027-03-10", "10:01")
	st.tick()
	b = seen().Booking
	if len(b.Tries) != 1 || b.Tries[0].State != "failed" || b.Tries[0].Code != "card_declined" || !b.Charges[1].Late {
		t.Errorf("after the card was declined %+v", b)
	}
	// What the bank says of somebody's card is for its owner and for staff.
	viewer, err := st.tokens.Create(t.Context(), access.Console(), "reads", access.Viewer, false)
	st.must(err)
	for token, tells := range map[string]bool{own: true, other: false, viewer: true} {
		var others bookingSeen
		st.read("GET", path, token, "", http.StatusOK, &others)
		tries := others.Booking.Tries
		if len(tries) != 1 || tries[0].State != "failed" || (tries[0].Code != "") != tells || (tries[0].DeclineCode != "") != tells {
			t.Errorf("who may read why: %v; read %+v", tells, tries)
		}
	}
	// The other partner pays instead.
	st.read("POST", path+"/pay", other, `{"charge":"balance"}`, http.StatusOK, &opened)
	st.payOn(opened.PayURL)
	st.hear()
	if b = seen().Booking; !b.Open.IsZero() || len(b.Payments) != 2 || b.Payments[1].Partner != 2 || b.Charges[1].Late {
		t.Errorf("after all is paid %+v", b)
	}
	st.read("DELETE", path+"/card", own, "", http.StatusOK, nil)
	if b = seen().Booking; len(b.Cards) != 0 {
		t.Errorf("cards %+v", b.Cards)
	}
	if w := st.call("POST", path+"/card", own, `{"agreement":""}`); w.Code != http.StatusConflict {
		t.Errorf("saving a card for nothing was answered %d", w.Code)
	}
}

func TestAProgramSplitsAndCancels(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana := st.confirmed("ana")
	path, own := "/api/v1/bookings/"+ana, st.bookings.Token(ana, 0)
	var b bookingSeen
	st.read("PUT", path+"/split", own, `{"first_percent":25}`, http.StatusOK, &b)
	if shares := b.Booking.Charges[1].Shares; len(shares) != 2 || shares[0] != money.Of(96000, "USD") || shares[1] != money.Of(288000, "USD") || b.Booking.Split.FirstPercent != 25 {
		t.Errorf("split %+v", b.Booking)
	}
	for _, body := range []string{`{"first_percent":100}`, `{"first_percent":-1}`, `{"first_percent":1.5}`, `{}`} {
		if w := st.call("PUT", path+"/split", own, body); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s was answered %d", body, w.Code)
		}
	}
	st.read("PUT", path+"/split", own, `{"first_percent":0}`, http.StatusOK, nil)
	st.moveTo("2027-02-08", "23:59")
	var quote struct {
		Percent int
		Back    money.Amount
		Why     string
	}
	st.read("GET", path+"/quote", own, "", http.StatusOK, &quote)
	if quote.Percent != 100 || quote.Back != money.Of(96000, "USD") || quote.Why != "policy" {
		t.Errorf("quote %+v", quote)
	}
	st.wait(time.Minute)
	stale := `{"expected_refund":{"amount":96000,"currency":"USD"}}`
	for body, want := range map[string]int{
		stale: http.StatusConflict,
		`{"expected_refund":{"amount":48000,"currency":"EUR"}}`: http.StatusConflict,
		`{"expected_refund":{"amount":-1,"currency":"USD"}}`:    http.StatusConflict,
		`{"expected_refund":"all"}`:                             http.StatusUnprocessableEntity,
	} {
		if w := st.call("POST", path+"/cancel", own, body); w.Code != want {
			t.Errorf("%s was answered %d: %s", body, w.Code, w.Body)
		}
	}
	st.stands(ana, retreats.Confirmed, deposit)
	st.read("POST", path+"/cancel", own, `{"expected_refund":{"amount":48000,"currency":"USD"}}`, http.StatusOK, &b)
	if end := b.Booking.Cancellation; end == nil || end.Percent != 50 || end.Why != "policy" || end.Back != money.Of(48000, "USD") {
		t.Errorf("cancelled %+v", end)
	}
	if w := st.call("GET", path+"/quote", own, ""); w.Code != http.StatusGone {
		t.Errorf("a quote after the end was answered %d", w.Code)
	}
	st.wait(time.Hour)
	st.tick()
	st.read("GET", path, own, "", http.StatusOK, &b)
	if len(b.Booking.Refunds) != 1 || b.Booking.Refunds[0].Reason != "cancelled" {
		t.Errorf("refunds %+v", b.Booking.Refunds)
	}
	st.stands(ana, retreats.None, 48000)
	// Without a word about the money it is cancelled as before.
	ben := st.book("ben", false)
	if w := st.call("POST", "/api/v1/bookings/"+ben+"/cancel", st.bookings.Token(ben, 0), ""); w.Code != http.StatusOK {
		t.Errorf("cancelling without a body was answered %d: %s", w.Code, w.Body)
	}
}
