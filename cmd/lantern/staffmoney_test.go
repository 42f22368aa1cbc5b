package main

import (
	"encoding/csv"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// asTreasurer is the header of an organizer who may give money back.
func (st *story) asTreasurer() map[string]string {
	st.t.Helper()
	ctx := st.t.Context()
	person, err := st.team.ByEmail(ctx, "tess@example.org")
	if errors.Is(err, access.ErrNobody) {
		person, err = st.team.Add(ctx, access.Console(), "tess@example.org", "Tess", access.Organizer, true)
	}
	st.must(err)
	link, err := st.team.LinkFor(ctx, access.Console(), person.ID)
	st.must(err)
	secret, _, err := st.team.SignIn(ctx, link.Token)
	st.must(err)
	return map[string]string{"Cookie": "lantern_session=" + secret}
}

// inInstalments makes the rest of the cohort's price due in three parts, 60, 45
// and 30 days before the start.
func (st *story) inInstalments() {
	st.t.Helper()
	_, err := st.retreats.AmendCohort(st.t.Context(), "co", robin, func(_ *retreats.Programme, t *retreats.Terms) error {
		t.Instalments = []retreats.Instalment{{DaysBefore: 60, Share: 3400}, {DaysBefore: 45, Share: 3300}, {DaysBefore: 30, Share: 3300}}
		return nil
	})
	st.must(err)
}

// saved pays the deposit with a card that is kept for later charges, and has
// both cleared.
func (st *story) saved(name, number string) string {
	st.t.Helper()
	ctx := st.t.Context()
	id := st.book(name, false)
	page, err := st.bookings.Pay(ctx, id, booking.Order{Charge: booking.DepositCharge, SaveCard: true})
	st.must(err)
	st.payWith(page, number)
	st.hear()
	st.tick()
	for partner := range 2 {
		st.must(st.bookings.RecordClearance(ctx, id, partner, booking.Cleared, robin))
	}
	st.stands(id, retreats.Confirmed, deposit)
	return id
}

// until lets the passes run at ten each day, as the cards are charged, up to a
// day.
func (st *story) until(day time.Time) {
	st.t.Helper()
	for st.time().Before(day) {
		st.wait(day.Sub(st.time()) % (24 * time.Hour))
		st.tick()
		st.hear()
		if day.After(st.time()) {
			st.wait(24 * time.Hour)
		}
	}
	st.tick()
	st.hear()
	st.tick()
}

// does posts a form of staff and wants it to be taken.
func (st *story) does(path string, form url.Values, as map[string]string) {
	st.t.Helper()
	if w := st.ask("POST", path, form, as); w.Code != http.StatusSeeOther {
		st.t.Fatalf("%s was answered %d:\n%s", path, w.Code, webtest.Words(webtest.Parse(st.t, path, w.Body.Bytes())))
	}
}

// refused posts a form that is drawn again with what was typed, and gives the
// page in words.
func (st *story) refused(path string, form url.Values, as map[string]string) string {
	st.t.Helper()
	w := st.ask("POST", path, form, as)
	page := st.check(path, w)
	if w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusConflict && w.Code != http.StatusBadRequest {
		st.t.Fatalf("%s with %v was answered %d:\n%s", path, form, w.Code, webtest.Words(page))
	}
	for _, typed := range []string{"amount", "price", "reference", "reason"} {
		want := form.Get(typed)
		found := want == ""
		for n := range page.Descendants() {
			found = found || (webtest.Attr(n, "name") == typed && webtest.Attr(n, "value") == want)
		}
		if !found {
			st.t.Errorf("%s forgets what was typed into %s", path, typed)
		}
	}
	return webtest.Words(page)
}

// staffReads checks what a page says and what it does not.
func (st *story) staffReads(path string, as map[string]string, want, not []string) {
	st.t.Helper()
	words := st.staffPage(path, as)
	for _, text := range want {
		if !strings.Contains(words, text) {
			st.t.Errorf("%s does not say %q:\n%s", path, text, words)
		}
	}
	for _, text := range not {
		if strings.Contains(words, text) {
			st.t.Errorf("%s says %q:\n%s", path, text, words)
		}
	}
}

// TestTheMoneyOfACohort: instalments that are charged by themselves, a card
// that fails, and money by transfer, on the page and in the accountant's file.
func TestTheMoneyOfACohort(t *testing.T) {
	t.Parallel()
	st := newStory(t, 4)
	st.inInstalments()
	viewer := st.as(access.Viewer)
	st.staffReads("/staff/cohorts/co/money", viewer, []string{"No couple owes or has paid anything yet"}, []string{"accountant"})

	ana := st.saved("ana", "4242424242424242")
	ben := st.saved("ben", "4000000000000341")
	cleo := st.confirmed("cleo")
	first := time.Date(2027, 2, 8, 18, 0, 0, 0, time.UTC) // 60 days before 9 April, 10:00 there
	st.staffReads("/staff/cohorts/co", viewer, []string{"due: 0 of 3 paid, next $1,305.60 by 8 Feb"}, nil)
	st.until(first.AddDate(0, 0, 1))
	st.stands(ana, retreats.Confirmed, deposit+130560)
	st.stands(ben, retreats.Confirmed, deposit)
	tess := st.asTreasurer()
	st.does("/staff/bookings/"+cleo+"/payments", url.Values{
		"charge": {"instalment-1"}, "amount": {"1,000"}, "method": {"transfer"}, "partner": {"2"}, "reference": {"=HYPERLINK(1)"},
	}, tess)
	st.until(first.AddDate(0, 0, 3))
	viewer = st.as(access.Viewer)

	st.staffReads("/staff/cohorts/co/money", viewer, []string{
		"Expected in the end $14,400.00", "Received $5,185.60", "Kept $5,185.60", "Late ! $1,611.20", "Due later $7,603.20", "Stripe's fees",
		"Instalment 2 of 3, $1,267.20, Tue 23 Feb by itself on Tue 23 Feb, 10:00, Visa ending in 4242 of ana",
		"Instalment 1 of 3, $1,305.60, Mon 8 Feb", "Last try failed", "declined by the bank, without a reason",
		"Instalment 1 of 3, $305.60, Mon 8 Feb no card is saved: they pay it on their page", "$5,185.60 is here today of",
	}, []string{"no card is charged"})
	st.staffReads("/staff/cohorts/co", viewer, []string{"due: 1 of 3 paid, next $1,267.20", "late: 0 of 3 paid, $1,305.60 to pay now", "late: 0 of 3 paid, $305.60 to pay now"}, nil)

	w := st.ask("GET", "/staff/cohorts/co/money.csv", nil, viewer)
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), "\ufeff"))).ReadAll()
	st.must(err)
	var moved, charged int
	kinds := map[string]int{}
	for _, line := range lines[1:] {
		amount, err := strconv.Atoi(strings.ReplaceAll(line[7], ".", ""))
		st.must(err)
		kinds[line[3]]++
		switch line[3] {
		case "charge":
			charged += amount
		case "payment":
			moved += amount
		}
		for _, cell := range line {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a cell begins a formula: %q", cell)
			}
		}
	}
	if moved != 518560 || charged != 1440000 || kinds["payment"] != 5 || kinds["charge"] != 12 {
		t.Errorf("%v: %d paid, %d charged", kinds, moved, charged)
	}
	if !slices.ContainsFunc(lines, func(l []string) bool {
		return l[5] == "bank transfer" && l[6] == "'=HYPERLINK(1)" && l[0] == "2027-02-09"
	}) {
		t.Errorf("the transfer is not there: %v", lines)
	}
}

// TestWhatNeedsAPersonIsOnOnePage [D11] [D15]: each kind of matter, its count
// on the overview, and nothing for a clinician.
func TestWhatNeedsAPersonIsOnOnePage(t *testing.T) {
	t.Parallel()
	st := newStory(t, 5)
	ctx := t.Context()
	tess, viewer := st.asTreasurer(), st.as(access.Viewer)
	st.staffReads("/staff/money", viewer, []string{"Nothing needs a person", "Not compared with Stripe yet"}, []string{"Compare now"})
	_, refused, disputed, given := st.confirmed("late"), st.confirmed("refused"), st.confirmed("disputed"), st.confirmed("given")
	st.must(st.bookings.RecordClearance(ctx, refused, 0, booking.NotCleared, robin))
	c, err := st.bookings.Case(ctx, disputed)
	st.must(err)
	dispute, err := st.sandbox.OpenDispute(c.Booking.Payments[0].ID, "product_not_received")
	st.must(err)
	st.must(st.bookings.RecordPayment(ctx, given, booking.Received{Charge: booking.BalanceCharge, Amount: money.Of(384000, "USD"), Method: booking.ByCash, Reference: "receipt 4"}, robin))
	st.does("/staff/bookings/"+given+"/refunds", url.Values{"amount": {"100"}, "reason": {"The heating failed."}}, tess)
	st.hear()
	st.tick()
	st.staffReads("/staff", viewer, []string{"3 bookings need your attention because of money"}, nil)
	st.staffReads("/staff", st.as(access.Clinician), nil, []string{"because of money"})
	// A dispute's page holds what a bank wants to see, and not what kind of
	// dates these are [D38], nor what the other partner was sent [D39].
	st.staffReads("/staff/bookings/"+disputed+"/disputes/"+dispute, viewer, []string{
		"Dispute of $960.00", "they say that they did not get what they paid for", "Evidence has to be at Stripe by", "No card of this couple is charged",
		"If you cancel, you get back a share of everything you have paid", c.Booking.Acceptance.Hash, "to disputed@example.org: Your dates in April",
	}, []string{"disputed.partner@example.org", "Weekend", "Medicine", "medicine"})
	if w := st.ask("GET", "/staff/bookings/"+disputed+"/disputes/dp_other", nil, viewer); w.Code != http.StatusNotFound {
		t.Errorf("a dispute that is not there: %d", w.Code)
	}
	st.staffReads("/staff/bookings/"+disputed, viewer, []string{"is disputed: answer by", "No card of theirs is charged until the bank has decided"}, nil)

	st.staffReads("/staff/money", viewer, []string{"By dates", "Weekend", "on Wednesday 10 March 2027"}, nil)
	st.until(time.Date(2027, 3, 17, 17, 0, 0, 0, time.UTC)) // a week after the balance
	tess, viewer = st.asTreasurer(), st.as(access.Viewer)
	st.staffReads("/staff/money", viewer, []string{
		"4 bookings need your attention", "Disputes", "$960.00 , evidence by", "Not cleared, and still with a place", "$960.00 to return",
		"Refunds to make by hand", "$100.00", "A week late, or more", "Balance, $3,840.00 , due Wednesday 10 March 2027",
	}, []string{"Nothing needs a person"})
	if page := st.staffPage("/staff/money", viewer); !strings.Contains(page, "late & Partner") || !strings.Contains(page, "given & Partner") {
		t.Errorf("who it is about is not said:\n%s", page)
	}

	// What is seen to goes.
	c, err = st.bookings.Case(ctx, given)
	st.must(err)
	st.does("/staff/bookings/"+given+"/sent", url.Values{"refund": {c.Booking.ToSend()[0].ID}, "reference": {"line 12"}}, tess)
	st.does("/staff/bookings/"+refused+"/end", url.Values{"kind": {"not_cleared"}, "reason": {"Please write to us."}}, tess)
	st.stands(refused, retreats.None, 0)
	st.staffReads("/staff/money", viewer, nil, []string{"Refunds to make by hand", "Not cleared, and still"})
	st.must(st.sandbox.CloseDispute(dispute, true))
	st.hear()
	st.tick()
	st.staffReads("/staff/money", viewer, nil, []string{"evidence by"})

	st.does("/staff/money/compare", nil, tess)
	st.tick()
	st.staffReads("/staff/money", viewer, []string{"Compared with Stripe on", "all agree"}, nil)
	st.staffReads("/staff/cohorts/co/money", viewer, []string{"all agree"}, nil)
}

// TestStaffMayDoWithMoneyWhatTheirRightSays: who sees which form, what is
// refused and says why by the field, and what is done is on the page.
func TestStaffMayDoWithMoneyWhatTheirRightSays(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.confirmed("ana")
	page := "/staff/bookings/" + ana
	tess, organizer, viewer := st.asTreasurer(), st.as(access.Organizer), st.as(access.Viewer)
	st.staffReads(page, viewer, []string{"Deposit", "$960.00", "paid"}, []string{"Record a payment", "Grant a lower price", "Give money back", "End the booking"})
	st.staffReads(page, organizer, []string{"Record a payment", "Grant a lower price"}, []string{"Give money back", "End the booking"})
	st.staffReads(page, tess, []string{"Record a payment", "Grant a lower price", "Give money back", "End the booking", "100 % of $960.00 goes back today"}, []string{"Strike out"})

	bad := []string{"", "-5", "abc", "99999999999", "1,2", "1.234", "0"}
	for _, amount := range bad {
		record := url.Values{"charge": {"balance"}, "amount": {amount}, "method": {"cash"}, "partner": {"1"}, "reference": {"receipt 1"}}
		give := url.Values{"amount": {amount}, "reason": {"A noisy night."}}
		end := url.Values{"kind": {"amount"}, "amount": {amount}, "reason": {"They asked."}}
		grant := url.Values{"price": {amount}, "reason": {"Sliding scale."}}
		st.refused(page+"/payments", record, tess)
		st.refused(page+"/refunds", give, tess)
		st.refused(page+"/price", grant, tess)
		if amount != "0" { // ending with nothing back is for an organizer to decide
			st.refused(page+"/end", end, tess)
		}
	}
	for path, form := range map[string]url.Values{
		"/payments": {"charge": {"balance"}, "amount": {"5,000"}, "method": {"cash"}, "partner": {"1"}, "reference": {"receipt 1"}},
		"/refunds":  {"amount": {"960.01"}, "reason": {"A noisy night."}},
		"/end":      {"kind": {"amount"}, "amount": {"961"}, "reason": {"They asked."}},
	} {
		if words := st.refused(page+path, form, tess); !strings.Contains(words, "$") {
			t.Errorf("%s does not say how much is possible:\n%s", path, words)
		}
	}
	for path, form := range map[string]url.Values{
		"/payments": {"charge": {"balance"}, "amount": {"5"}, "method": {"card"}, "partner": {"1"}, "reference": {"receipt 1"}},
		"/refunds":  {"amount": {"10"}},
		"/price":    {"price": {"4,900"}, "reason": {"Sliding scale."}},
		"/end":      {"kind": {"not_cleared"}, "reason": {"They asked."}},
	} {
		st.refused(page+path, form, tess)
	}
	st.stands(ana, retreats.Confirmed, deposit)

	record := url.Values{"charge": {"balance"}, "amount": {"1,840.00"}, "method": {"transfer"}, "partner": {"2"}, "reference": {"statement 7"}}
	st.does(page+"/payments", record, organizer)
	if words := st.refused(page+"/payments", record, organizer); !strings.Contains(words, "recorded already") {
		t.Errorf("the same form twice:\n%s", words)
	}
	st.does(page+"/price", url.Values{"price": {"4,300"}, "reason": {"Sliding scale."}}, organizer)
	give := url.Values{"amount": {"100"}, "reason": {"A noisy night."}, "kept": {strconv.Itoa(deposit + 184000)}}
	st.does(page+"/refunds", give, tess)
	if words := st.refused(page+"/refunds", give, tess); !strings.Contains(words, "has changed since you saw it") {
		t.Errorf("the same present twice:\n%s", words)
	}
	c := st.stands(ana, retreats.Confirmed, deposit+184000-10000)
	st.staffReads(page, tess, []string{
		"Price for both: $4,300.00 (granted $500.00 less)", "bank transfer, statement 7, recorded by organizer", "to be made by hand", "$1,500.00 open",
		"Strike out a recorded payment", "Note a refund as sent", "money recorded", "Sliding scale.", "A noisy night.",
	}, nil)
	st.refused(page+"/sent", url.Values{"refund": {c.Booking.ToSend()[0].ID}}, tess)
	st.does(page+"/sent", url.Values{"refund": {c.Booking.ToSend()[0].ID}, "reference": {"statement 8"}}, tess)
	st.refused(page+"/strike", url.Values{"payment": {c.Booking.Payments[1].ID}}, tess)
	st.does(page+"/strike", url.Values{"payment": {c.Booking.Payments[1].ID}, "reason": {"Another couple's."}}, organizer)
	st.staffReads(page, tess, []string{"struck out", "Another couple's."}, []string{"Strike out a recorded payment"})
	st.stands(ana, retreats.Confirmed, deposit)

	if words := st.refused(page+"/end", url.Values{"kind": {"policy"}, "reason": {"They asked."}, "quoted": {"1"}}, tess); !strings.Contains(words, "has changed since you saw it") {
		t.Errorf("a quote that does not hold:\n%s", words)
	}
	st.does(page+"/end", url.Values{"kind": {"amount"}, "amount": {"60"}, "reason": {"They asked."}}, tess)
	c = st.stands(ana, retreats.None, deposit-6000)
	if c.Booking.Cancellation.Why != booking.ByException {
		t.Errorf("ended as %+v", c.Booking.Cancellation)
	}
	st.staffReads(page, tess, []string{"ended by the practice", "not owed any more"}, []string{"End the booking"})
}

// TestMoneyByPrograms: what staff do on pages, programs do with the same rights
// and refusals.
func TestMoneyByPrograms(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ctx := t.Context()
	ana := st.confirmed("ana")
	token := func(role access.Role, mayRefund bool) string {
		made, err := st.tokens.Create(ctx, access.Console(), "test", role, mayRefund)
		st.must(err)
		return made
	}
	organizer, treasurer := token(access.Organizer, false), token(access.Viewer, true)
	call := func(method, path, bearer, body string, status int, want ...string) {
		t.Helper()
		w := st.call(method, path, bearer, body)
		if w.Code != status {
			t.Errorf("%s %s was answered %d, want %d: %s", method, path, w.Code, status, w.Body)
		}
		for _, text := range want {
			if !strings.Contains(w.Body.String(), text) {
				t.Errorf("%s %s does not say %q: %s", method, path, text, w.Body)
			}
		}
	}
	own := "/api/v1/bookings/" + ana
	pay := func(amount, currency string) string {
		return `{"charge":"balance","amount":{"amount":` + amount + `,"currency":"` + currency + `"},"method":"cash","reference":"receipt 1","partner":1}`
	}
	for amount, currency := range map[string]string{"-1": "USD", "0": "USD", "100": "EUR", "384001": "USD", "9007199254740993": "USD"} {
		call("POST", own+"/payments", organizer, pay(amount, currency), http.StatusUnprocessableEntity, "amount")
		call("POST", own+"/refunds", treasurer, `{"amount":{"amount":`+amount+`,"currency":"`+currency+`"},"reason":"A noisy night."}`, http.StatusUnprocessableEntity, "amount")
	}
	call("POST", own+"/payments", treasurer, pay("100000", "USD"), http.StatusForbidden)
	call("POST", own+"/refunds", organizer, `{"amount":{"amount":1000,"currency":"USD"},"reason":"A noisy night."}`, http.StatusForbidden)
	call("POST", own+"/payments", organizer, pay("100000", "USD"), http.StatusOK, `"amount":100000`)
	call("POST", own+"/price", organizer, `{"price":{"amount":450000,"currency":"USD"},"reason":"Sliding scale."}`, http.StatusOK)
	call("POST", own+"/refunds", treasurer, `{"amount":{"amount":1000,"currency":"USD"},"reason":"A noisy night."}`, http.StatusOK, `"reason":"exception"`)
	c := st.stands(ana, retreats.Confirmed, deposit+100000-1000)
	call("GET", "/api/v1/money/attention", treasurer, "", http.StatusOK, `"kind":"refund_to_send"`, c.Booking.ToSend()[0].ID)
	call("POST", own+"/refunds/"+c.Booking.ToSend()[0].ID+"/sent", treasurer, `{"reference":"receipt 2"}`, http.StatusOK)
	call("GET", "/api/v1/money/attention", treasurer, "", http.StatusOK, `"matters":[]`)
	call("GET", "/api/v1/cohorts/co/ledger", treasurer, "", http.StatusOK,
		`"received":{"amount":196000,"currency":"USD"}`, `"refunded":{"amount":1000,"currency":"USD"}`, `"next":"balance"`, `"held_back":"clearance"`)
	call("POST", own+"/payments/"+c.Booking.Payments[1].ID+"/strike", organizer, `{"reason":"Another couple's."}`, http.StatusOK, `"reason":"mistake"`)
	call("POST", own+"/end", treasurer, `{"kind":"not_cleared","reason":"They asked."}`, http.StatusUnprocessableEntity, "kind")
	call("POST", own+"/end", treasurer, `{"kind":"policy","reason":"They asked.","quoted":{"amount":1,"currency":"USD"}}`, http.StatusConflict)
	call("POST", own+"/end", treasurer, `{"kind":"policy","reason":"They asked.","quoted":{"amount":96000,"currency":"USD"}}`, http.StatusOK, `"cancelled":true`)
	st.stands(ana, retreats.None, 0)
	call("GET", "/api/v1/money/comparison", treasurer, "", http.StatusOK, `"agreed":false`)
	call("POST", "/api/v1/money/comparison", organizer, "{}", http.StatusAccepted)
	st.tick()
	call("GET", "/api/v1/money/comparison", treasurer, "", http.StatusOK, `"agreed":true`)
}
