package retreats_test

import (
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/retreats"
)

// lifeActs are what organizers do to a cohort's life and dates.
var lifeActs = map[string]func(c *retreats.Cohort, now time.Time) error{
	"publish": (*retreats.Cohort).Publish,
	"close":   (*retreats.Cohort).Close,
	"reopen":  (*retreats.Cohort).Reopen,
	"cancel":  func(c *retreats.Cohort, now time.Time) error { return c.Cancel("The house has burnt down.", now) },
	"edit": func(c *retreats.Cohort, now time.Time) error {
		terms := c.Terms
		terms.Capacity = 9
		return c.Edit(c.Programme, terms, robin, now)
	},
	"reschedule": func(c *retreats.Cohort, now time.Time) error { return c.Reschedule("2027-06-01", now) },
	"add a session": func(c *retreats.Cohort, now time.Time) error {
		return c.ChangeSession("", retreats.PlannedSession{Kind: retreats.Integration, Title: "After", Day: 5, Clock: "18:00", Minutes: 60}, now)
	},
	"drop a session": func(c *retreats.Cohort, now time.Time) error { return c.DropSession("s2", now) },
}

func TestTheLifeOfACohort(t *testing.T) {
	t.Parallel()
	const no = "refused"
	stays := map[string]string{"edit": "", "reschedule": "", "add a session": "", "drop a session": ""}
	// What each act leads to from each state; "" leaves the state as it is.
	for _, from := range []struct {
		name  string
		state retreats.CohortState
		at    func(c *retreats.Cohort) time.Time
		leads map[string]string
	}{
		{"a draft", retreats.Draft, nil, map[string]string{"publish": "open", "close": no, "reopen": no, "cancel": "cancelled"}},
		{"on offer", retreats.Open, nil, map[string]string{"publish": "", "close": "closed", "reopen": "", "cancel": "cancelled"}},
		{"closed", retreats.Closed, nil, map[string]string{"publish": no, "close": "", "reopen": "open", "cancel": "cancelled"}},
		{"a draft whose day has come", retreats.Draft, (*retreats.Cohort).Start, map[string]string{
			"publish": no, "close": no, "reopen": no, "cancel": "cancelled",
		}},
		{"on offer and begun", retreats.Open, (*retreats.Cohort).Start, map[string]string{
			"publish": no, "close": "closed", "reopen": no, "cancel": "cancelled",
		}},
		{"closed and begun", retreats.Closed, (*retreats.Cohort).Start, map[string]string{
			"publish": no, "close": "", "reopen": no, "cancel": "cancelled",
		}},
		{"cancelled", retreats.Cancelled, nil, map[string]string{
			"publish": no, "close": no, "reopen": no, "cancel": "", "edit": no, "reschedule": no, "add a session": no, "drop a session": no,
		}},
		{"finished", retreats.Finished, (*retreats.Cohort).End, map[string]string{
			"publish": no, "close": no, "reopen": no, "cancel": no, "edit": no, "reschedule": no, "drop a session": no,
		}},
		{"over, and no pass has come by yet", retreats.Open, (*retreats.Cohort).End, map[string]string{
			"publish": no, "close": no, "reopen": no, "cancel": no, "edit": no, "reschedule": no, "add a session": "finished", "drop a session": no,
		}},
		{"closed and over, and no pass has come by yet", retreats.Closed, (*retreats.Cohort).End, map[string]string{
			"publish": no, "close": no, "reopen": no, "cancel": no, "edit": no, "reschedule": no, "add a session": "finished", "drop a session": no,
		}},
	} {
		for name, act := range lifeActs {
			t.Run(from.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				c, now := twoSessions(t), morning
				c.State = from.state
				if from.at != nil {
					now = from.at(c)
				}
				leads, ok := from.leads[name]
				if !ok {
					leads = stays[name]
				}
				before := encode(t, c)
				err := act(c, now)
				if leads == no {
					if err == nil || fault.TextOf(err) == "" || encode(t, c) != before {
						t.Errorf("%v; a refusal leaves no trace and says why", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if want := retreats.CohortState(leads); leads != "" && c.State != want || leads == "" && c.State != from.state {
					t.Errorf("it is %s, want %q", c.State, leads)
				}
			})
		}
	}
}

func twoSessions(t *testing.T) *retreats.Cohort {
	t.Helper()
	c := cohort(t, 4)
	err := c.ChangeSession("", retreats.PlannedSession{Kind: retreats.Gathering, Title: "Circle", Day: 1, Clock: "15:00", Minutes: 60}, morning)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestClosedDatesKeepWhatIsAndTakeNobody(t *testing.T) {
	t.Parallel()
	c := cohort(t, 2)
	confirm(t, c, "paid", morning)
	confirm(t, c, "paid too", morning)
	join(t, c, "first", morning.Add(time.Minute))
	join(t, c, "second", morning.Add(2*time.Minute))
	c.Release("paid", morning)
	if err := c.Close(morning); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Join("stranger", "", morning); err == nil {
		t.Error("closed dates took a couple")
	}
	accept(t, c, "first", morning)
	c.Release("paid too", morning)
	stands(t, c, "second", morning, retreats.WaitingOn)
	if err := c.Reopen(morning); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "second", morning, retreats.Offered)
}

func TestReopeningAsksTheFirstForAPlaceThatBecameFreeMeanwhile(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	reserve(t, c, "held", morning)
	join(t, c, "first", morning)
	if err := c.Close(morning); err != nil {
		t.Fatal(err)
	}
	late := morning.Add(time.Hour)
	stands(t, c, "first", late, retreats.WaitingOn)
	if err := c.Reopen(late); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "first", late, retreats.Offered)
}

// While dates are closed nobody is asked, so who let a place go by is first
// again if another has become free before they are opened.
func TestReopeningAsksInTheOrderThatIsThen(t *testing.T) {
	t.Parallel()
	c := cohort(t, 2)
	confirm(t, c, "paid", morning)
	confirm(t, c, "paid too", morning)
	for i, waits := range []string{"held", "first", "second", "third"} {
		join(t, c, waits, morning.Add(time.Duration(i+1)*time.Minute))
	}
	now := morning.Add(time.Hour)
	c.Release("paid", now) // offered to "held"
	c.Release("paid too", now)
	if _, err := c.Pass("first", now); err != nil { // offered to the second
		t.Fatal(err)
	}
	now = now.Add(47*time.Hour + 50*time.Minute)
	accept(t, c, "held", now) // until after the second's offer has ended
	if err := c.Close(now); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	if err := c.Reopen(now); err != nil {
		t.Fatal(err)
	}
	stands(t, c, "first", now, retreats.Offered)
	stands(t, c, "second", now, retreats.Offered)
	stands(t, c, "third", now, retreats.WaitingOn)
}

func TestCancellingEndsEveryPlaceAndTurn(t *testing.T) {
	t.Parallel()
	c := undoable(t)
	c.Release("paid", morning.Add(time.Hour))
	now := morning.Add(61 * time.Minute)
	if err := c.Cancel("The house has burnt down.", now); err != nil {
		t.Fatal(err)
	}
	for _, booking := range []string{"paid", "waits"} {
		stands(t, c, booking, now.Add(time.Hour), retreats.None)
	}
	if _, err := c.TakeBack("paid", now); err == nil {
		t.Error("a place of cancelled dates was taken back")
	}
	if c.AnnounceAt == nil || !c.AnnounceAt.Equal(now) || c.NextDeadline == nil || c.NextDeadline.After(now) {
		t.Errorf("nobody will tell the couples: announce at %v, deadline %v", c.AnnounceAt, c.NextDeadline)
	}
	if c.CancelReason != "The house has burnt down." {
		t.Errorf("reason %q", c.CancelReason)
	}
	// A second reason comes too late: the couples have the first.
	if err := c.Cancel("Another.", now.Add(time.Hour)); err != nil || c.CancelReason == "Another." || !c.AnnounceAt.Equal(now) {
		t.Errorf("cancelled twice: %v, %q", err, c.CancelReason)
	}
}

func TestItFinishesByItself(t *testing.T) {
	t.Parallel()
	c := cohort(t, 1)
	confirm(t, c, "paid", morning)
	if c.NextDeadline == nil || !c.NextDeadline.Equal(c.End()) {
		t.Fatalf("next deadline %v, the end is %s", c.NextDeadline, c.End())
	}
	c.Settle(c.End().Add(-time.Millisecond))
	if c.State != retreats.Open {
		t.Errorf("%s before its end", c.State)
	}
	c.Settle(c.End())
	if c.State != retreats.Finished || c.NextDeadline != nil {
		t.Errorf("%s, next deadline %v", c.State, c.NextDeadline)
	}
	stands(t, c, "paid", c.End(), retreats.Confirmed)
}
