package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"lantern/booking"
	"lantern/internal/civil"
	"lantern/internal/sms"
)

const kimPhone = "+14155550177"

// newRideStory is a text story whose couple has named Kim, without an address;
// it gives the path of Kim's page.
func newRideStory(t *testing.T) (*story, *carrier, string, string) {
	t.Helper()
	st, wire, id := newTextStory(t)
	st.must(st.bookings.NameDriver(t.Context(), id, "s2", 0, kim))
	st.tick()
	return st, wire, id, st.driverLink(id, "s2")
}

// agrees opts the driver in, on their own page.
func (st *story) agrees(link string) {
	st.t.Helper()
	if w := st.ask("POST", link+"/texts", url.Values{"answer": {"allow"}, "agree": {"1"}}, nil); w.Code != http.StatusSeeOther {
		st.t.Fatalf("agreeing was answered %d:\n%s", w.Code, w.Body)
	}
	st.tick()
}

func (st *story) driver(id, session string) booking.Driver {
	st.t.Helper()
	c, err := st.bookings.Case(st.t.Context(), id)
	st.must(err)
	d, _ := c.Booking.Driver(session)
	return d
}

// TestADriverWithoutAnAddressIsAskedByText: after their own word alone [D31],
// [D36], at the days of [D29], with time and place and nothing of anybody; YES and
// NO answer for them [D37], and STOP ends it.
func TestADriverWithoutAnAddressIsAskedByText(t *testing.T) {
	t.Parallel()
	st, wire, id, link := newRideStory(t)
	st.at("2027-03-30", "10:05")
	if texts := wire.taken(); len(texts) != 0 {
		t.Fatalf("before they agreed: %v", texts)
	}
	if page := st.ask("GET", link, nil, nil).Body.String(); strings.Contains(page, " checked") || !strings.Contains(page, "1 415-555-0177") {
		t.Error("the tick is preset, or the page does not say which number")
	}
	if w := st.ask("POST", link+"/texts", url.Values{"answer": {"allow"}}, nil); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without the tick: %d", w.Code)
	}
	st.agrees(link)
	first := wire.taken()
	if len(first) != 1 || first[0].Get("To") != kimPhone || !strings.Contains(first[0].Get("Body"), "drives you are asked for") {
		t.Fatalf("the first text: %v", first)
	}
	said := st.driver(id, "s2").Texts
	if said == nil || said.Wording != booking.DriverTextWording("Cedar House") || said.Source != booking.ByPage || !said.At.Equal(st.time()) {
		t.Errorf("on record: %+v", said)
	}
	st.says(st.link(id, 1), "Kim can be reached by text")

	st.at("2027-04-02", "10:05") // seven days before
	asked := wire.taken()
	if len(asked) != 1 {
		t.Fatalf("seven days before: %v", asked)
	}
	body := asked[0].Get("Body")
	if want := "can you drive two people home on Friday 9 April, 12:30, Cedar House? Answer YES or NO."; !strings.Contains(body, want) || !sms.Fits(body) {
		t.Errorf("it says %q", body)
	}
	if strings.Contains(body, "ana") || strings.Contains(body, "http") || strings.Contains(strings.ToLower(body), "session") {
		t.Errorf("it says too much: %q", body)
	}
	answered := func(want booking.DriverAnswer) {
		t.Helper()
		if d := st.driver(id, "s2"); d.Answer != want || d.InvitedAt == nil {
			t.Errorf("on record is %q, want %q", d.Answer, want)
		}
	}
	if got := st.writes("SM1", kimPhone, "No, sorry"); !strings.Contains(got, "Somebody else") {
		t.Errorf("NO is answered %q", got)
	}
	answered(booking.DriverNo)
	if got := st.writes("SM2", kimPhone, "YES"); !strings.Contains(got, "expected on Friday 12:30") {
		t.Errorf("YES is answered %q", got)
	}
	answered(booking.DriverYes)
	st.at("2027-04-08", "12:00")
	if texts := wire.taken(); len(texts) != 0 {
		t.Errorf("who has said yes is asked again: %v", texts)
	}
	st.at("2027-04-09", "09:35") // three hours before
	if texts := wire.taken(); len(texts) != 1 || !strings.Contains(texts[0].Get("Body"), "you drive two people home on Friday 9 April, 12:30") {
		t.Errorf("on the day: %v", texts)
	}
	if got := st.writes("SM3", kimPhone, "stop"); !strings.Contains(got, "no more texts") || st.driver(id, "s2").TextsTo() != "" {
		t.Errorf("STOP is answered %q", got)
	}
	if got := st.writes("SM4", kimPhone, "START"); !strings.Contains(got, "again") || st.driver(id, "s2").TextsTo() != kimPhone {
		t.Errorf("START is answered %q", got)
	}
	if w := st.ask("POST", link+"/texts", url.Values{"answer": {"stop"}}, nil); w.Code != http.StatusSeeOther || st.driver(id, "s2").TextsTo() != "" {
		t.Errorf("ending it on the page: %d", w.Code)
	}
}

// TestNoIsForRidesAlone: who was asked about a meeting and answers NO is told where
// to go [D37].
func TestNoIsForRidesAlone(t *testing.T) {
	t.Parallel()
	st, wire, id := newTextStory(t)
	st.agree(id, 0, maya)
	st.at("2027-03-30", "10:05")
	wire.taken()
	if got := st.writes("SM1", maya, "no"); !strings.Contains(got, "nobody reads") {
		t.Errorf("NO is answered %q", got)
	}
}

// TestAnotherDriverHasNotAgreed: the word is one person's and for one number.
// Somebody who drives after two sessions has said it for both.
func TestAnotherDriverHasNotAgreed(t *testing.T) {
	t.Parallel()
	st, _, id, link := newRideStory(t)
	st.agrees(link)
	again := kim
	again.Relation = "a neighbour"
	st.must(st.bookings.NameDriver(t.Context(), id, "s2", 1, again))
	if st.driver(id, "s2").TextsTo() != kimPhone {
		t.Error("the same person has to agree once more")
	}
	st.must(st.bookings.NameDriver(t.Context(), id, "s2", 1, booking.DriverInput{Name: "Lee", Phone: "+1 415 555 0188", Relation: "a sister"}))
	c, err := st.bookings.Case(t.Context(), id)
	st.must(err)
	if d := st.driver(id, "s2"); d.Texts != nil || len(c.Booking.PastTexts) != 1 || c.Booking.PastTexts[0].Driver != "Kim" {
		t.Errorf("Lee has agreed: %+v, on record %+v", d.Texts, c.Booking.PastTexts)
	}
	if w := st.ask("POST", link+"/texts", url.Values{"answer": {"allow"}, "agree": {"1"}}, nil); w.Code != http.StatusNotFound {
		t.Errorf("whose link has ended is answered %d", w.Code)
	}
	st.must(st.bookings.NameDriver(t.Context(), id, "s2", 1, kim))
	if st.driver(id, "s2").Texts != nil {
		t.Error("named again, they have agreed without being asked")
	}
}

// TestADriversTextFallsToMail: where they have an address, what cannot go as a
// text comes by mail; where they have none, nothing can be said any more.
func TestADriversTextFallsToMail(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{"kim@example.org": "sent mail", "": "withdrawn mail"} {
		st, wire, id, link := newRideStory(t)
		in := kim
		in.Email = email
		st.must(st.bookings.NameDriver(t.Context(), id, "s2", 0, in))
		st.agrees(link)
		wire.taken()
		wire.code = 30006
		st.wait(civil.Date("2027-04-02").At("10:05", civil.ZoneOrUTC("America/Los_Angeles")).Sub(st.time()))
		for range 2 {
			for _, pass := range st.passes() {
				_ = pass.Run(t.Context(), st.time()) // the pass reports the no
			}
		}
		var got string
		page, err := st.notices.List(t.Context(), "prepared", "", 100, "")
		st.must(err)
		for _, m := range page.Items {
			if strings.Contains(m.ID, "ride-2") {
				got = string(m.State) + " " + m.Channel.String()
			}
		}
		if got != want || st.driver(id, "s2").TextsTo() != "" {
			t.Errorf("with the address %q: %q, texts to %q", email, got, st.driver(id, "s2").TextsTo())
		}
	}
}

// TestADriverAnswersByTheAPI with the token of their link, which shows what the
// page does and nothing of the couple.
func TestADriverAnswersByTheAPI(t *testing.T) {
	t.Parallel()
	st, _, id, link := newRideStory(t)
	path := "/api/v1/drivers/" + strings.TrimPrefix(link, "/d/")
	body := st.call("GET", path, "", "").Body.String()
	if !strings.Contains(body, `"pick_up_at":"2027-04-09T19:30:00Z"`) || !strings.Contains(body, `"wanted":false`) || strings.Contains(strings.ToLower(body), "ana") {
		t.Errorf("it shows %s", body)
	}
	if w := st.call("POST", path+"/answer", "", `{"session": "s2", "answer": "yes"}`); w.Code != http.StatusOK || st.driver(id, "s2").Answer != booking.DriverYes {
		t.Errorf("yes: %d %s", w.Code, w.Body)
	}
	for _, refused := range []string{`{"session": "s2", "answer": "perhaps"}`, `{"session": "s1", "answer": "yes"}`} {
		if w := st.call("POST", path+"/answer", "", refused); w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s: %d", refused, w.Code)
		}
	}
	if w := st.call("PUT", path+"/texts", "", `{"wanted": true}`); w.Code != http.StatusOK || st.driver(id, "s2").Texts.Source != booking.ByAPI {
		t.Errorf("agreeing: %d %s", w.Code, w.Body)
	}
	if w := st.call("PUT", path+"/texts", "", `{"wanted": false}`); w.Code != http.StatusOK || st.driver(id, "s2").TextsTo() != "" {
		t.Errorf("ending it: %d %s", w.Code, w.Body)
	}
	if w := st.call("GET", path+"x", "", ""); w.Code != http.StatusNotFound {
		t.Errorf("a guess: %d", w.Code)
	}
}
