package notifications_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/notifications"
	"lantern/retreats"
)

// What couples hear of what staff does.

var robin = audit.By{ID: "p1", Name: "Robin"}

// openOfficeThatKeeps opens an office that keeps what its mails are made of, by rule.
func openOfficeThatKeeps(t *testing.T) (*office, map[string][]notifications.MailData) {
	t.Helper()
	kept := map[string][]notifications.MailData{}
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		render := options.Render
		options.Render = func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			kept[rule] = append(kept[rule], data)
			return render(rule, data)
		}
	})
	return o, kept
}

// must ends the test if something failed that is only the way to what is
// tested.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// deliver lets every pass run once, and gives the rules by which the booking's
// first partner has been written to since the start.
func (o *office) deliver(t *testing.T) []string {
	t.Helper()
	must(t, o.bookings.SettleCohorts(t.Context(), o.clock()))
	must(t, o.bookings.AttendDue(t.Context(), o.clock()))
	o.plan(t)
	must(t, o.DispatchDue(t.Context(), o.clock()))
	o.mu.Lock()
	defer o.mu.Unlock()
	var rules []string
	for id, times := range o.sent {
		rule, rest, _ := strings.Cut(id, ".")
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
		if strings.HasPrefix(rest, o.booking+".") && strings.HasSuffix(rest, ".0") {
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return rules
}

func (o *office) hasSaid(t *testing.T, want ...string) {
	t.Helper()
	if got := o.deliver(t); !slices.Equal(got, want) {
		t.Errorf("the couple has been told %v, want %v", got, want)
	}
}

func TestDatesThatAreCalledOff(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	o.hasSaid(t, "held")
	_, err := o.cohorts.Cancel(t.Context(), "co", "A guide is ill.", robin)
	must(t, err)
	o.hasSaid(t, "called_off", "held")
	o.hasSaid(t, "called_off", "held")
	if told := kept["called_off"]; len(told) != 2 || told[0].Reason != "A guide is ill." || told[0].Returned != "" {
		t.Errorf("they were told with %+v", told)
	}
}

func TestACoupleThatIsTakenOffTheList(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	o.book(t, "cleo", false)
	o.book(t, "dan", true)
	o.hasSaid(t, "waiting")
	must(t, o.bookings.RemoveWaiting(t.Context(), o.booking, "You asked us on the phone.", robin))
	o.hasSaid(t, "removed", "waiting")
	if told := kept["removed"]; len(told) != 2 || told[0].Reason != "You asked us on the phone." {
		t.Errorf("they were told with %+v", told)
	}
}

func TestACoupleThatIsMovedToOtherDates(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	addCohort(t, o.cohorts, "full", 1, o.clock())
	o.apply(t, "full", application("eva"))
	o.book(t, "cleo", false)
	o.book(t, "dan", true)
	joined := o.clock()
	o.hasSaid(t, "waiting")
	o.wait(time.Minute)
	_, err := o.cohorts.Reschedule(t.Context(), "full", "2027-06-11", robin)
	must(t, err)
	o.wait(time.Minute)
	must(t, o.bookings.MoveWaiting(t.Context(), o.booking, "full", "They fly in May.", robin))
	o.hasSaid(t, "moved", "waiting")
	o.wait(15 * time.Minute)
	o.hasSaid(t, "moved", "waiting")
	told := kept["moved"]
	if len(told) != 2 || told[0].Position != 1 || !told[0].Since.Equal(joined) || told[0].StartsOn.Month() != time.June || told[0].HasPlace {
		t.Errorf("they were told with %+v", told)
	}
	if told[0].Reason != "" {
		t.Errorf("the reason %q is for those who work here", told[0].Reason)
	}
	// and back again, where they were before
	must(t, o.bookings.MoveWaiting(t.Context(), o.booking, "co", "They fly in June.", robin))
	o.wait(time.Hour) // in which the others' holds end, and one place is offered
	o.hasSaid(t, "moved", "moved", "offered", "waiting")
}

// TestACoupleThatIsMovedIntoAPlace: nobody waits there, and a place is free.
func TestACoupleThatIsMovedIntoAPlace(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	addCohort(t, o.cohorts, "free", 1, o.clock())
	o.book(t, "cleo", false)
	o.book(t, "dan", true)
	o.hasSaid(t, "waiting")
	must(t, o.bookings.MoveWaiting(t.Context(), o.booking, "free", "They fly in May.", robin))
	o.hasSaid(t, "moved", "offered", "waiting")
	if told := kept["moved"]; len(told) != 2 || told[0].Position != 0 {
		t.Errorf("they were told with %+v", told)
	}
}

// TestSessionsThatMove are told once, as they are when the mail leaves.
func TestSessionsThatMove(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	first := o.booking
	o.hasSaid(t, "held")
	move := func(day int) {
		t.Helper()
		plan := retreats.PlannedSession{Kind: retreats.Medicine, Title: "Session", Day: day, Clock: "09:30", Minutes: 180}
		_, err := o.cohorts.ChangeSession(t.Context(), "co", "s1", plan, robin)
		must(t, err)
	}
	o.wait(time.Minute)
	move(1)
	o.hasSaid(t, "held")
	o.wait(9 * time.Minute)
	move(2)
	o.hasSaid(t, "held")
	o.wait(9 * time.Minute)
	o.hasSaid(t, "held")
	o.wait(time.Minute)
	o.book(t, "cleo", false) // reads the new dates
	o.hasSaid(t, "held")
	o.booking = first
	o.hasSaid(t, "held", "rescheduled")
	told := kept["rescheduled"]
	if len(told) != 2 || told[0].EndsOn.Day() != 11 || len(told[0].Sessions) != 1 || told[0].Sessions[0].StartsAt.Day() != 11 || !told[0].HasPlace {
		t.Errorf("they were told with %+v", told)
	}
	move(3)
	o.wait(10 * time.Minute) // their hold ends after 31 minutes
	o.hasSaid(t, "held", "rescheduled", "rescheduled")
}

// TestAPlaceThatIsGivenBack: the couple hears that it has its place, and of its
// end only what it had heard before.
func TestAPlaceThatIsGivenBack(t *testing.T) {
	t.Parallel()
	for about, told := range map[string]bool{"before its end was told": false, "after its end was told": true} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			o, _ := openOfficeThatKeeps(t)
			addCohortOn(t, o.cohorts, "kind", retreats.Terms{Capacity: 1, UndoMinutes: 15}, o.clock())
			o.apply(t, "kind", application("dan"))
			o.hasSaid(t, "held")
			o.wait(time.Minute)
			must(t, o.bookings.Cancel(t.Context(), o.booking, nil))
			said := []string{"held", "held"}
			o.plan(t)
			if told {
				o.hasSaid(t, "cancelled", "held")
				said = []string{"cancelled", "held", "held"}
			}
			o.wait(time.Minute)
			must(t, o.bookings.GiveBack(t.Context(), o.booking, robin))
			o.hasSaid(t, said...)
			o.wait(5 * time.Minute)
			o.hasSaid(t, said...)
			must(t, o.bookings.Cancel(t.Context(), o.booking, nil))
			o.hasSaid(t, append([]string{"cancelled"}, said...)...)
		})
	}
}

// TestTheLastOfferIsTold: where no offer may go by, a couple is told so with its
// first one.
func TestTheLastOfferIsTold(t *testing.T) {
	t.Parallel()
	o, kept := openOfficeThatKeeps(t)
	addCohortOn(t, o.cohorts, "once", retreats.Terms{Capacity: 1, MaxPasses: 1}, o.clock())
	o.apply(t, "once", application("eva"))
	first := o.booking
	a := application("dan")
	a.Wait = true
	o.apply(t, "once", a)
	must(t, o.bookings.Cancel(t.Context(), first, nil))
	o.wait(time.Second)
	o.hasSaid(t, "offered")
	if told := kept["offered"]; len(told) != 2 || !told[0].LastOffer {
		t.Errorf("they were told with %+v", told)
	}
}
