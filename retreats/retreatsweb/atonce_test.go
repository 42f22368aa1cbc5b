package retreatsweb_test

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"testing"

	"lantern/internal/access"
)

// atOnce runs all of them together.
func atOnce(all ...func()) {
	var group sync.WaitGroup
	begin := make(chan struct{})
	for _, one := range all {
		group.Go(func() {
			<-begin
			one()
		})
	}
	close(begin)
	group.Wait()
}

// TestPatchesAtOnceAllCount: each changes what it names, and nothing else.
func TestPatchesAtOnceAllCount(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	c := d.makeCohort(true)
	fields := []string{"capacity", "undo_minutes", "offer_hours", "hold_minutes", "waitlist_cap", "max_passes"}
	for _, path := range []string{"/api/v1/cohorts/" + c.ID, "/api/v1/retreats/" + c.RetreatID} {
		for round := range 10 {
			var patches []func()
			for i, field := range fields {
				patches = append(patches, func() { api.must("PATCH", path, fmt.Sprintf(`{"%s":%d}`, field, 40+round+i)) })
			}
			atOnce(patches...)
			r, err := d.retreats.Retreat(t.Context(), c.RetreatID)
			must(t, err)
			terms := r.Terms
			if path == "/api/v1/cohorts/"+c.ID {
				terms = d.cohort(c.ID).Terms
			}
			got := []int{terms.Capacity, terms.UndoMinutes, terms.OfferHours, terms.HoldMinutes, terms.WaitlistCap, terms.MaxPasses}
			for i, field := range fields {
				if got[i] != 40+round+i {
					t.Fatalf("%s, round %d: %s is %d, not %d", path, round, field, got[i], 40+round+i)
				}
			}
		}
	}
}

// TestFormsAtOnceDoNotOverwriteEachOther: of those that were opened before, one
// is saved, and the others are told.
func TestFormsAtOnceDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	c := d.makeCohort(true)
	retreat, edit, session := "/staff/retreats/"+c.RetreatID, settingsOf(c)+"/edit", settingsOf(c)+"/sessions/s1"
	for round := range 8 {
		for _, path := range []string{retreat, edit} {
			form := formOf(t, d.page(path), path)
			oneIsSaved(t, d, path, form, "location", fmt.Sprint("House ", round))
		}
		// What is confirmed was shown with the revision that it is about.
		shown := d.send(session, url.Values{
			"date": {"2027-03-19"}, "clock": {"18:00"}, "minutes": {"90"}, "kind": {"preparation"}, "where": {"online"},
			"title": {fmt.Sprint("Before ", round)},
		}, http.StatusOK)
		oneIsSaved(t, d, session, formOf(t, shown, session), "title", fmt.Sprint("Before ", round))
		day := fmt.Sprintf("2027-05-%02d", 7+round)
		move := settingsOf(c) + "/reschedule"
		oneIsSaved(t, d, move, formOf(t, d.page(move+"?starts_on="+day), move), "", "")
		if got := string(d.cohort(c.ID).StartsOn); got != day {
			t.Fatalf("the first day is %s, not %s", got, day)
		}
	}
}

// oneIsSaved sends a form four times at once, each with another value of the
// field.
func oneIsSaved(t *testing.T, d *desk, path string, form url.Values, field, value string) {
	t.Helper()
	var sent []func()
	answers := make([]int, 4)
	for i := range answers {
		own := url.Values{}
		for name, values := range form {
			own[name] = values
		}
		if field != "" {
			own.Set(field, fmt.Sprint(value, "/", i))
		}
		sent = append(sent, func() { answers[i] = d.ask(http.MethodPost, path, own).Code })
	}
	atOnce(sent...)
	saved, told := 0, 0
	for _, code := range answers {
		switch code {
		case http.StatusSeeOther:
			saved++
		case http.StatusConflict:
			told++
		}
	}
	if saved != 1 || told != len(answers)-1 {
		t.Errorf("%s: forms that were sent at once were answered %v", path, answers)
	}
}
