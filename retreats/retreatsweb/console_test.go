package retreatsweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/money"
	"lantern/internal/web/webtest"
	"lantern/retreats"
	"lantern/retreats/retreatsweb"
)

func TestAnEmptyConsoleTeaches(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	says(t, d.page("/staff/retreats"), "No retreat yet. Make one from a shape.", "Choose a shape")
	viewer := newDesk(t, access.Viewer)
	page := viewer.page("/staff/retreats")
	says(t, page, "No retreat yet")
	doesNotSay(t, page, "Choose a shape")
}

// TestFromAShapeToAPublishedCohort goes the whole way by what the pages offer.
func TestFromAShapeToAPublishedCohort(t *testing.T) {
	t.Parallel()
	for _, shape := range retreats.Shapes() {
		t.Run(shape.ID, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, access.Organizer)
			says(t, d.page("/staff/retreats/new"), shape.Name, shape.Price.String())
			form := formOf(t, d.page("/staff/retreats/new?shape="+shape.ID), "/staff/retreats/new")
			at := d.goesOn("/staff/retreats/new", form)
			path, _, _ := strings.Cut(at, "?")
			r, err := d.retreats.Retreat(t.Context(), strings.TrimPrefix(path, "/staff/retreats/"))
			must(t, err)
			if !reflect.DeepEqual(r.Programme, shape.Programme) || !reflect.DeepEqual(r.Terms, shape.Terms) || !sameSessions(r.Plan, shape.Plan) {
				t.Errorf("what was made differs from the shape:\n%+v\n%+v", r, shape)
			}
			page := d.page(at)
			says(t, page, "The retreat is made", "Changes", "Robin", "made")
			form = formOf(t, page, path+"/cohorts")
			form.Set("starts_on", "2027-04-09")
			form.Set("time_zone", "America/Los_Angeles")
			at = d.goesOn(path+"/cohorts", form)
			settings, _, _ := strings.Cut(at, "?")
			says(t, d.page(at), "made as a draft", "draft", "Seen by organizers only", "Publish")
			says(t, d.page(d.goesOn(settings+"/publish", nil)), "on offer now", "Close booking", "Public page")
			says(t, d.page("/staff/retreats"), shape.Name, "on offer")
		})
	}
}

func sameSessions(a, b []retreats.PlannedSession) bool {
	for _, p := range a {
		if !slices.Contains(b, p) {
			return false
		}
	}
	return len(a) == len(b)
}

func TestARetreatFromNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	form := formOf(t, d.page("/staff/retreats/new?shape=none"), "/staff/retreats/new")
	page := d.send("/staff/retreats/new", form, http.StatusUnprocessableEntity)
	says(t, page, "Nothing was saved", "Name: Please fill this in.", "Couples: This must be between 1 and 500", "Price: Write the amount in figures", "Sessions: A plan has between 1")
	form.Set("name", webtest.Awkward[0])
	form.Set("location", webtest.Awkward[1])
	form.Set("guides", "Ana\r\n\r\n  Ben \r\n")
	form.Set("capacity", "4")
	form.Set("price", "98,000")
	form.Set("currency", "jpy")
	form["plan_day"][0], form["plan_clock"][0], form["plan_minutes"][0], form["plan_title"][0] = "0", "09:30", "180", "First"
	path, _, _ := strings.Cut(d.goesOn("/staff/retreats/new", form), "?")
	r, err := d.retreats.Retreat(t.Context(), strings.TrimPrefix(path, "/staff/retreats/"))
	must(t, err)
	if r.Price != money.Of(98000, "JPY") || r.Deposit != money.Of(19600, "JPY") || r.WaitlistCap != 8 || fmt.Sprint(r.Guides) != "[Ana Ben]" {
		t.Errorf("made %+v of %v", r, form)
	}
	if got := formOf(t, d.page(path), path).Get("price"); got != "98000" {
		t.Errorf("the price is shown as %q", got)
	}
}

// TestWhatIsWrongIsShownWithWhatWasTyped: next to the field, nothing lost.
func TestWhatIsWrongIsShownWithWhatWasTyped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	good := formOf(t, d.page("/staff/retreats/new?shape=three-days"), "/staff/retreats/new")
	for _, c := range []struct{ field, value, id, want string }{
		{"price", "48,00", "price", "Write the amount in figures"},
		{"price", "4800.005", "price", "USD has 2 decimals at most"},
		{"currency", "EURO", "price", "three capital letters"},
		{"deposit", "9600", "deposit", "at most the price"},
		{"deposit", "-5", "deposit", "Write the amount in figures"},
		{"deposit", "0 %", "deposit", "between 1 and 100 per cent"},
		{"deposit", "101%", "deposit", "between 1 and 100 per cent"},
		{"deposit", "1.5 %", "deposit", "between 1 and 100 per cent"},
		{"instalment_days", "soon", "instalments", "whole number of days"},
		{"instalment_days", "0", "instalments", "between 1 and 730 days"},
		{"instalment_days", "40", "instalments", "due later than the one above"},
		{"instalment_share", "33.333", "instalments", "two decimals at most"},
		{"instalment_share", "-1", "instalments", "two decimals at most"},
		{"instalment_share", "33.32", "instalments", "these make 99.99 %"},
		{"instalment_share", "99999999", "instalments", "two decimals at most"},
		{"early_bird", "6200", "early_bird", "lower than the price"},
		{"early_bird", "-1", "early_bird", "Write the amount in figures"},
		{"early_bird", "99999999999999", "early_bird", "between 0 and"},
		{"early_bird", "", "early_bird", "or empty both fields"},
		{"early_days", "", "early_days", "or empty both fields"},
		{"early_days", "731", "early_bird", "between 1 and 730 days"},
		{"refill_fee", "1,240.01", "refill_fee", "at most the deposit"},
		{"refill_fee", "a bit", "refill_fee", "Write the amount in figures"},
		{"capacity", "six", "capacity", "whole number"},
		{"capacity", "501", "capacity", "between 1 and 500"},
		{"hold_minutes", "0", "hold_minutes", "at least 1"},
		{"waitlist_cap", "0", "waitlist_cap", "at least 1"},
		{"undo_minutes", "-1", "undo_minutes", "at least 0"},
		{"tier_days", "soon", "policy", "whole number of days"},
		{"tier_percent", "101", "policy", "between 0 and 100"},
		{"plan_day", "400", "plan", "within a year"},
		{"plan_day", "", "plan", "Please write the day"},
		{"plan_clock", "9.30", "plan", "for example 09:30"},
		{"plan_minutes", "1.5", "plan", "whole number"},
		{"plan_kind", "party", "plan", "A session is a preparation"},
		{"plan_receives", "both", "plan", "Only a medicine session"},
		{"plan_title", "", "plan", "needs a title"},
		{"name", " ", "name", "Please fill this in"},
		{"summary", strings.Repeat("x", 501), "short_text", "500 characters"},
		{"guides", strings.Repeat("x\n", 21), "guides", "at most 20"},
	} {
		form := url.Values{}
		for name, values := range good {
			form[name] = slices.Clone(values)
		}
		form[c.field][0] = c.value
		page := d.send("/staff/retreats/new", form, http.StatusUnprocessableEntity)
		says(t, page, "Nothing was saved", c.want)
		webtest.ByID(t, page, c.id)
		again := formOf(t, page, "/staff/retreats/new")
		if again[c.field][0] != c.value && !strings.HasPrefix(c.field, "plan_") {
			t.Errorf("%s: typed %q, shown %q", c.field, c.value, again[c.field][0])
		}
		if strings.HasPrefix(c.field, "plan_") && !slices.Contains(again[c.field], c.value) {
			t.Errorf("%s: typed %q, shown %q", c.field, c.value, again[c.field])
		}
	}
	if got, _ := d.retreats.Retreats(t.Context(), 10, ""); len(got.Items) != 0 {
		t.Errorf("%d retreats were made of bad forms", len(got.Items))
	}
}

func TestRowsAreAddedAndDropped(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(false)
	path := "/staff/retreats/" + c.RetreatID
	form := formOf(t, d.page(path), path)
	for _, name := range []string{"plan_day", "plan_clock", "plan_minutes", "plan_title"} {
		form[name][0] = ""
	}
	spare := len(form["plan_day"]) - 1
	form["plan_day"][spare], form["plan_clock"][spare], form["plan_minutes"][spare], form["plan_title"][spare] = "1", "20:00", "60", "Music"
	form["plan_kind"][spare] = "gathering"
	form["tier_days"][1], form["tier_percent"][1] = "", ""
	form["tier_days"][3], form["tier_percent"][3] = "14", "25 %"
	says(t, d.page(d.goesOn(path, form)), "The change is saved", "plan", "refund policy")
	r, err := d.retreats.Retreat(t.Context(), c.RetreatID)
	must(t, err)
	titles := ""
	for _, p := range r.Plan {
		titles += p.Title + "; "
	}
	if len(r.Plan) != 9 || strings.Contains(titles, "First preparation") || !strings.Contains(titles, "Music") {
		t.Errorf("the plan is %s", titles)
	}
	if got := fmt.Sprint(r.Policy.Tiers); got != "[{60 100} {14 25} {0 0}]" {
		t.Errorf("the policy is %s", got)
	}
	if again := d.cohort(c.ID); len(again.Policy.Tiers) != 3 || again.Policy.Tiers[1].Percent != 50 {
		t.Error("the cohort that was there has changed with its retreat")
	}
}

func TestNobodyOverwritesWhatTheyHaveNotSeen(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	for _, path := range []string{"/staff/retreats/" + c.RetreatID, "/staff/cohorts/" + c.ID + "/settings/edit"} {
		first, second := formOf(t, d.page(path), path), formOf(t, d.page(path), path)
		first.Set("capacity", "8")
		second.Set("location", "Elsewhere")
		d.goesOn(path, first)
		page := d.send(path, second, http.StatusConflict)
		says(t, page, "Somebody else has changed this", "capacity")
		again := formOf(t, page, path)
		if again.Get("location") != "Elsewhere" || again.Get("seen") == second.Get("seen") {
			t.Errorf("%s: what was typed is lost, or cannot be saved: %v", path, again)
		}
		d.goesOn(path, again)
	}
	if got := d.cohort(c.ID); got.Programme.Location != "Elsewhere" {
		t.Errorf("the place is %q", got.Programme.Location)
	}
}

func TestTheTextIsPreviewedAndNotSaved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(false)
	for _, path := range []string{"/staff/retreats/new", "/staff/retreats/" + c.RetreatID, "/staff/cohorts/" + c.ID + "/settings/edit"} {
		from := path
		if path == "/staff/retreats/new" {
			from += "?shape=weekend"
		}
		form := formOf(t, d.page(from), path)
		form.Set("text", "# Days\n\nWith *care*. <script>alert(1)</script>")
		form.Set("intent", "preview")
		page := d.send(path, form, http.StatusOK)
		preview := webtest.ByID(t, page, "preview")
		if webtest.Count(preview, "em") != 1 || webtest.Count(preview, "h3") != 1 {
			t.Errorf("%s shows %s", path, webtest.Words(preview))
		}
		if again := formOf(t, page, path); again.Get("text") != form.Get("text") || again.Get("name") != form.Get("name") {
			t.Errorf("%s loses what was typed", path)
		}
	}
	if d.cohort(c.ID).Text != "" {
		t.Error("looking at a text has saved it")
	}
}

func TestAMakeOfACohortSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(false)
	path := "/staff/retreats/" + c.RetreatID + "/cohorts"
	for _, bad := range []struct{ day, zone, want string }{
		{"", "UTC", "First day: Write the date"}, {"2020-01-01", "UTC", "a day to come"}, {"2027-05-01", "Mars/Base", "Time zone: Please choose"},
	} {
		page := d.send(path, url.Values{"starts_on": {bad.day}, "time_zone": {bad.zone}}, http.StatusUnprocessableEntity)
		says(t, page, bad.want)
		if again := formOf(t, page, path); again.Get("starts_on") != bad.day || again.Get("time_zone") != bad.zone {
			t.Errorf("typed %v, shown %v", bad, again)
		}
	}
	if w := d.ask(http.MethodPost, "/staff/retreats/none/cohorts", url.Values{"starts_on": {"2027-05-01"}, "time_zone": {"UTC"}}); w.Code != 404 {
		t.Errorf("a cohort of nothing answered %d", w.Code)
	}
}

func TestTheConsoleKeepsToRights(t *testing.T) {
	t.Parallel()
	for _, role := range []access.Role{access.Staff, access.Clinician, access.Viewer} {
		d := newDesk(t, role)
		c := d.makeCohort(true)
		page := d.page("/staff/retreats")
		says(t, page, c.Name, "on offer", "0 of 6 taken")
		doesNotSay(t, page, "New retreat", "Settings")
		for _, route := range d.server.Routes() {
			if route.Right != access.ManageCohorts || strings.HasPrefix(route.Path, "/api/") {
				continue
			}
			path := strings.NewReplacer("retreats/:id", "retreats/"+c.RetreatID, "cohorts/:id", "cohorts/"+c.ID, ":session", "s1", ":code", "any").Replace(route.Path)
			if w := d.ask(route.Method, path, url.Values{"reason": {"x"}, "starts_on": {"2027-06-04"}}); w.Code != http.StatusForbidden {
				t.Errorf("%s %s as %s answered %d", route.Method, path, role, w.Code)
			}
		}
		d.session = ""
		if w := d.ask(http.MethodGet, "/staff/retreats", nil); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/signin") {
			t.Errorf("a stranger was answered %d", w.Code)
		}
	}
}

func TestTextOfOthersIsShownAsText(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	for _, awkward := range webtest.Awkward {
		form := formOf(t, d.page("/staff/retreats/new?shape=weekend"), "/staff/retreats/new")
		form.Set("name", awkward)
		form.Set("location", awkward)
		form.Set("guides", awkward)
		form["plan_title"][0] = awkward
		path, _, _ := strings.Cut(d.goesOn("/staff/retreats/new", form), "?")
		settings, _, _ := strings.Cut(d.goesOn(path+"/cohorts", url.Values{"starts_on": {"2027-04-09"}, "time_zone": {"UTC"}}), "?")
		d.couples = []retreatsweb.Couple{{Ref: "A", Names: awkward, State: "confirmed"}}
		for _, page := range []string{path, settings, settings + "/edit", settings + "/cancel", settings + "/sessions/s1", settings + "/reschedule?starts_on=2027-05-07", "/staff/retreats"} {
			d.page(page)
		}
	}
}
