package retreatsweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// TestWhatACouplePaysComesBack: what the form shows is saved as the same terms,
// whatever they are.
func TestWhatACouplePaysComesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/edit"
	for _, change := range []func(url.Values){
		func(v url.Values) { v.Set("deposit", "25 %") },
		func(v url.Values) { v.Set("early_bird", "4,300"); v.Set("early_days", "45") },
		func(v url.Values) {
			v["instalment_days"], v["instalment_share"] = []string{"30", "", "60"}, []string{"33.33 %", "", "66.67"}
		},
		func(v url.Values) { v.Set("refill_fee", "0") },
		func(v url.Values) { v.Set("deposit", "500") },
	} {
		form := formOf(t, d.page(path), path)
		change(form)
		d.goesOn(path, form)
		saved := d.cohort(c.ID).Terms
		d.goesOn(path, formOf(t, d.page(path), path))
		if again := d.cohort(c.ID).Terms; !reflect.DeepEqual(saved, again) {
			t.Errorf("%+v became %+v", saved, again)
		}
	}
	got := d.cohort(c.ID)
	if text := fmt.Sprint(got.Deposit, got.DepositPercent, got.Instalments, *got.EarlyBird, got.Policy.RefillFee); text != "$500.00 0 [{60 6667} {30 3333}] {$4,300.00 45} $0.00" {
		t.Errorf("the terms are %s", text)
	}
	page := d.page(settingsOf(c))
	says(t, page, "Early price", "$4,300.00 until Tuesday 23 February 2027", "66.67 %: Mon 8 Feb 2027, 10:00; 33.33 %: Wed 10 Mar 2027, 10:00", "all but $0.00",
		"instalments", "60 days 66.67 %, 30 days 33.33 %")
	form := formOf(t, d.page(path), path)
	form["instalment_days"], form["instalment_share"] = nil, nil
	form.Set("early_bird", "")
	form.Set("early_days", "")
	d.goesOn(path, form)
	if got := d.cohort(c.ID); got.EarlyBird != nil || got.Instalments != nil {
		t.Errorf("what was emptied is still there: %+v", got.Terms)
	}
}

func TestThirteenInstalmentsAreTooMany(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/edit"
	form := formOf(t, d.page(path), path)
	form["instalment_days"], form["instalment_share"] = nil, nil
	for i := range 13 {
		form.Add("instalment_days", fmt.Sprint(40+i))
		form.Add("instalment_share", "7.69")
	}
	page := d.send(path, form, http.StatusUnprocessableEntity)
	says(t, page, "Instalments: There can be 12 instalments at most.")
	if again := formOf(t, page, path); len(again["instalment_days"]) < 13 {
		t.Errorf("what was typed is lost: %v", again)
	}
}

// TestThePublicPageSaysWhatIsDueNow: price and dates are those of a couple that
// books at that time [D12], [D16].
func TestThePublicPageSaysWhatIsDueNow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	_, err := d.retreats.AmendCohort(t.Context(), c.ID, organizer, func(_ *retreats.Programme, terms *retreats.Terms) error {
		terms.DepositPercent = 20
		terms.EarlyBird = &retreats.EarlyBird{Price: money.Of(430000, "USD"), DaysBefore: 60}
		terms.Instalments = []retreats.Instalment{{DaysBefore: 60, Share: 5000}, {DaysBefore: 30, Share: 5000}}
		return nil
	})
	must(t, err)
	page := d.page("/cohorts/" + c.ID)
	says(t, page, "$4,300.00 until Monday 8 February 2027, instead of $4,800.00", "Deposit , when you book $860.00",
		"First instalment , Monday 8 February 2027 $1,720.00", "Second instalment , Wednesday 10 March 2027 $1,720.00",
		"another couple takes your place (free places are filled first), you get everything back less $50.00.")
	says(t, d.page("/"), "$4,300.00")
	api := caller{desk: d}
	got := api.must("GET", "/api/v1/cohorts/"+c.ID, "")["cohort"].(map[string]any)
	if text := fmt.Sprint(got["price"], got["deposit"], got["list_price"], got["early_bird_until"], got["charges"]); text != "map[amount:430000 currency:USD] map[amount:86000 currency:USD] map[amount:480000 currency:USD]2027-02-08[map[amount:map[amount:86000 currency:USD]] map[amount:map[amount:172000 currency:USD] due_at:2027-02-08T18:00:00Z] map[amount:map[amount:172000 currency:USD] due_at:2027-03-10T18:00:00Z]]" {
		t.Errorf("the API says %s", text)
	}
	d.now = time.Date(2027, 2, 9, 8, 0, 0, 0, time.UTC) // midnight there
	page = d.page("/cohorts/" + c.ID)
	says(t, page, "$4,800.00", "Deposit , when you book $960.00", "The rest , Wednesday 10 March 2027 $3,840.00")
	doesNotSay(t, page, "instead of", "instalment")
	got = api.must("GET", "/api/v1/cohorts/"+c.ID, "")["cohort"].(map[string]any)
	if got["list_price"] != nil || got["early_bird_until"] != nil || fmt.Sprint(got["price"]) != "map[amount:480000 currency:USD]" {
		t.Errorf("after the early price the API says %v", got)
	}
	d.now = time.Date(2027, 3, 9, 8, 0, 0, 0, time.UTC) // a day before the last instalment: too short a notice
	says(t, d.page("/cohorts/"+c.ID), "The whole price , when you book $4,800.00")
}

func TestCodesOfACohort(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	path := settingsOf(c) + "/codes"
	says(t, d.page(settingsOf(c)), "No code yet")
	for _, bad := range []struct{ name, off, limit, until, want string }{
		{"x", "15 %", "", "", "Code: A code has 3 to 24 letters"},
		{"Friends", "", "", "", "Takes off: A code takes off between 1 and 99 per cent"},
		{"Friends", "100 %", "", "", "something must be left to pay"},
		{"Friends", "15.5 %", "", "", "whole number of per cent"},
		{"Friends", "4800", "", "", "lower than the price"},
		{"Friends", "-20", "", "", "Write the amount in figures"},
		{"Friends", "15 %", "0", "", "at least 1"},
		{"Friends", "15 %", "many", "2020-01-01", "Until: Please choose a day to come."},
	} {
		form := url.Values{"code_name": {bad.name}, "code_off": {bad.off}, "code_limit": {bad.limit}, "code_until": {bad.until}}
		page := d.send(path, form, http.StatusUnprocessableEntity)
		says(t, page, "Nothing was changed", bad.want)
		again := formOf(t, page, path)
		for name := range form {
			if again.Get(name) != form.Get(name) {
				t.Errorf("%s: typed %q, shown %q", name, form.Get(name), again.Get(name))
			}
		}
	}
	page := d.page(d.goesOn(path, url.Values{"code_name": {"Friends-15"}, "code_off": {"15 %"}, "code_limit": {"7"}, "code_until": {"2027-03-01"}}))
	says(t, page, "The code is made", "Friends-15", "0 of 7 couples", "Monday 1 March 2027", "Friends-15, 15 %", "Robin")
	d.goesOn(path, url.Values{"code_name": {"two-hundred"}, "code_off": {"200"}})
	_, err := d.retreats.Reserve(t.Context(), c.ID, "b1", "FRIENDS-15")
	must(t, err)
	says(t, d.page(settingsOf(c)), "1 of 7 couples", "$200.00", "0 couples")
	page = d.page(d.goesOn(path+"/friends-15/end", nil))
	says(t, page, "The code has ended", "ended")
	webtest.ByID(t, page, "codes")
	if w := d.ask(http.MethodPost, path+"/none/end", nil); w.Code != http.StatusNotFound {
		t.Errorf("ending what is not there answered %d", w.Code)
	}
	if _, err := d.retreats.Reserve(t.Context(), c.ID, "b2", "Friends-15"); fault.FieldsOf(err)["code"] == "" {
		t.Errorf("an ended code: %v", err)
	}
	_, err = d.retreats.Cancel(t.Context(), c.ID, "Snow.", organizer)
	must(t, err)
	page = d.page(settingsOf(c))
	says(t, page, "two-hundred")
	doesNotSay(t, page, "Add the code")
	says(t, d.send(path, url.Values{"code_name": {"late"}, "code_off": {"5 %"}}, http.StatusConflict), "have ended")
}

func TestCodesByAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	c := d.makeCohort(true)
	path := "/api/v1/cohorts/" + c.ID + "/codes"
	for body, field := range map[string]string{
		`{"name":"x","percent":5}`:                                                           "name",
		`{"name":"Friends"}`:                                                                 "percent",
		`{"name":"Friends","percent":-5}`:                                                    "percent",
		`{"name":"Friends","amount":{"amount":5,"currency":"EUR"}}`:                          "amount",
		`{"name":"Friends","percent":5,"limit":-1}`:                                          "limit",
		`{"name":"Friends","percent":5,"until":"2020-01-01"}`:                                "until",
		`{"name":"Friends","percent":5,"amount":{"amount":99999999999999,"currency":"USD"}}`: "percent",
	} {
		status, out := api.call("POST", path, body)
		if status != http.StatusUnprocessableEntity || out["errors"].([]any)[0].(map[string]any)["field"] != field {
			t.Errorf("%s answered %d: %v", body, status, out)
		}
	}
	api.must("POST", path, `{"name":"Friends","percent":5,"limit":7,"until":"2027-03-01"}`)
	api.must("POST", path, `{"name":"less","amount":{"amount":20000,"currency":"USD"}}`)
	_, err := d.retreats.Join(t.Context(), c.ID, "b1", "friends")
	must(t, err)
	api.must("POST", path+"/friends/end", "")
	got := fmt.Sprint(api.must("GET", path, "")["codes"])
	if want := "[map[ended:true limit:7 name:Friends percent:5 until:2027-03-01 uses:1] map[amount:map[amount:20000 currency:USD] name:less uses:0]]"; got != want {
		t.Errorf("the codes are %s, want %s", got, want)
	}
	if status, _ := api.call("POST", path+"/none/end", ""); status != http.StatusNotFound {
		t.Errorf("ending what is not there answered %d", status)
	}
	if status, _ := d.calling(access.Staff).call("GET", path, ""); status != http.StatusForbidden {
		t.Errorf("codes for staff answered %d", status)
	}
}

func TestTermsOfMoneyByAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	paying := `"deposit_percent":25,"instalments":[{"days_before":60,"share_basis_points":6000},{"days_before":30,"share_basis_points":4000}],` +
		`"early_bird":{"price":{"amount":430000,"currency":"USD"},"days_before":45},"refill_fee":{"amount":0,"currency":"USD"}`
	id := api.must("POST", "/api/v1/retreats", strings.Replace(weekendJSON, `{"name"`, "{"+paying+`,"name"`, 1))["id"].(string)
	path := "/api/v1/retreats/" + id
	asked := func(out map[string]any) string {
		return fmt.Sprint(out["deposit"], out["deposit_percent"], out["instalments"], out["early_bird"], out["refill_fee"])
	}
	retreat := api.must("GET", path, "")["retreat"].(map[string]any)
	want := "map[amount:120000 currency:USD] 25 [map[days_before:60 share_basis_points:6000] map[days_before:30 share_basis_points:4000]] " +
		"map[days_before:45 price:map[amount:430000 currency:USD]] map[amount:0 currency:USD]"
	if got := asked(retreat); got != want {
		t.Errorf("the terms are %s, want %s", got, want)
	}
	for body, field := range map[string]string{
		`{"deposit":{"amount":-1,"currency":"USD"}}`:                                   "deposit",
		`{"deposit":{"amount":99999999999,"currency":"USD"}}`:                          "deposit",
		`{"deposit":{"amount":1000,"currency":"EUR"}}`:                                 "deposit",
		`{"instalments":[{"days_before":60,"share_basis_points":9999}]}`:               "instalments",
		`{"early_bird":{"days_before":30}}`:                                            "early_bird",
		`{"early_bird":{"price":{"amount":500000,"currency":"USD"},"days_before":30}}`: "early_bird",
		`{"refill_fee":{"amount":120001,"currency":"USD"}}`:                            "refill_fee",
		`{"refill_fee":{"amount":10,"currency":"EUR"}}`:                                "refill_fee",
		`{"price":{"amount":400000,"currency":"USD"}}`:                                 "early_bird",
	} {
		status, out := api.call("PATCH", path, body)
		if status != http.StatusUnprocessableEntity || out["errors"].([]any)[0].(map[string]any)["field"] != field {
			t.Errorf("%s answered %d: %v", body, status, out)
		}
	}
	same := api.must("PATCH", path, `{"name":"Weekend"}`)["retreat"].(map[string]any)
	if got := asked(same); got != want {
		t.Errorf("a change of something else left %s", got)
	}
	plain := api.must("PATCH", path, `{"deposit":{"amount":3000,"currency":"USD"},"instalments":[],"early_bird":{"days_before":0},"refill_fee":{"amount":3000,"currency":"USD"}}`)["retreat"].(map[string]any)
	if got := asked(plain); got != "map[amount:3000 currency:USD] <nil> <nil> <nil> map[amount:3000 currency:USD]" {
		t.Errorf("the plain terms are %s", got)
	}
	// Who changes the currency without a word about the fee has its default.
	yen := api.must("PATCH", path, `{"price":{"amount":98000,"currency":"JPY"},"deposit_percent":10}`)["retreat"].(map[string]any)
	if got := asked(yen); got != "map[amount:9800 currency:JPY] 10 <nil> <nil> map[amount:5000 currency:JPY]" {
		t.Errorf("in yen the terms are %s", got)
	}
}
