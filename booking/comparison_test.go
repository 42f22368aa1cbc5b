package booking

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lantern/internal/civil"
	"lantern/internal/stripepay"
)

func TestTheNightOfAComparison(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, now, id, due string }{
		{"UTC", "2027-03-14T01:59:59Z", "night-2027-03-13", "2027-03-13T02:00:00Z"},
		{"UTC", "2027-03-14T02:00:00Z", "night-2027-03-14", "2027-03-14T02:00:00Z"},
		{"America/Los_Angeles", "2027-01-11T09:59:00Z", "night-2027-01-10", "2027-01-10T10:00:00Z"},
		{"America/Los_Angeles", "2027-01-11T10:00:00Z", "night-2027-01-11", "2027-01-11T10:00:00Z"},
		// On that day clocks go from 02:00 to 03:00, which is the same moment.
		{"America/Los_Angeles", "2027-03-14T09:59:00Z", "night-2027-03-13", "2027-03-13T10:00:00Z"},
		{"America/Los_Angeles", "2027-03-14T10:00:00Z", "night-2027-03-14", "2027-03-14T10:00:00Z"},
		// In Berlin 02:00 comes twice; the second one is no other night.
		{"Europe/Berlin", "2027-10-31T00:00:00Z", "night-2027-10-31", "2027-10-31T00:00:00Z"},
		{"Europe/Berlin", "2027-10-31T01:30:00Z", "night-2027-10-31", "2027-10-31T00:00:00Z"},
	} {
		zone, err := civil.Zone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		now, err := time.Parse(time.RFC3339, c.now)
		if err != nil {
			t.Fatal(err)
		}
		id, due := nightOf(now, zone)
		if got := due.UTC().Format(time.RFC3339); id != c.id || got != c.due {
			t.Errorf("%s in %s: %s at %s, want %s at %s", c.now, c.zone, id, got, c.id, c.due)
		}
	}
}

func TestAComparisonKeepsWhatWaitsForAPerson(t *testing.T) {
	t.Parallel()
	c := &Comparison{}
	for i := range mostDifferences {
		c.add(Difference{Kind: DiffEvent, Object: fmt.Sprint(i), Mended: true})
	}
	for range 2 {
		c.add(Difference{Kind: DiffMissing, Object: "pi_1"})
	}
	c.add(Difference{Kind: DiffEvent, Object: "one more", Mended: true})
	if c.Mended != mostDifferences+1 || c.Left != 1 || c.More != 2 || len(c.Differences) != mostDifferences {
		t.Errorf("mended %d, left %d, more %d, kept %d", c.Mended, c.Left, c.More, len(c.Differences))
	}
	if last := c.Differences[mostDifferences-1]; last.Object != "pi_1" {
		t.Errorf("the last one kept is %+v", last)
	}
}

func TestWhoMayGoOnWithAComparison(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 14, 2, 0, 0, 0, time.UTC)
	c := newComparison("night-2027-03-14", WhyNightly, "", now.Add(-compareWindow), now)
	check := func(when string, at time.Time, mine, theirs bool) {
		t.Helper()
		if c.isFree("mine", at) != mine || c.isFree("theirs", at) != theirs {
			t.Errorf("%s: mine %v, theirs %v", when, c.isFree("mine", at), c.isFree("theirs", at))
		}
	}
	check("new", now, true, true)
	c.hold("mine", now)
	check("held", now.Add(time.Minute), true, false)
	check("held by who has died", now.Add(compareLease), true, true)
	c.pause(now.Add(comparePause), "x")
	check("paused", now.Add(time.Minute), false, false)
	check("after the pause", now.Add(comparePause), true, true)
	c.enter("", now)
	check("ended", now.Add(time.Hour), false, false)
	if c.EndedAt == nil || c.LeaseUntil != nil {
		t.Errorf("ended %v, leased until %v", c.EndedAt, c.LeaseUntil)
	}
}

func TestTheStagesFollowEachOther(t *testing.T) {
	t.Parallel()
	var all []Stage
	for s := stages[0]; s != ""; s = s.after() {
		all = append(all, s)
	}
	if len(all) != len(stages) || Stage("unknown").after() != stages[0] {
		t.Errorf("stages %v", all)
	}
}

func TestFaultsOfTheEndpoint(t *testing.T) {
	t.Parallel()
	const url = "https://book.example.org/webhooks/stripe"
	now := time.Date(2027, 3, 14, 2, 0, 0, 0, time.UTC)
	good := stripepay.Endpoint{URL: url, Enabled: true, APIVersion: stripepay.APIVersion, Events: stripepay.WantedEvents}
	with := func(change func(*stripepay.Endpoint)) stripepay.Endpoint {
		e := good
		change(&e)
		return e
	}
	for _, c := range []struct {
		name  string
		there []stripepay.Endpoint
		want  []string // what each fault must say
	}{
		{"good", []stripepay.Endpoint{good}, nil},
		{"all events", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.Events = []string{"*"} })}, nil},
		{"with a slash", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.URL += "/" })}, nil},
		{"none", nil, []string{url}},
		{"somebody else's", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.URL = "https://shop.example.org" })}, []string{url}},
		{"disabled", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.Enabled = false })}, []string{"disabled"}},
		{"another version", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.APIVersion = "2024-06-20" })}, []string{"2024-06-20"}},
		{"the account's version", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.APIVersion = "" })}, []string{"the account's own"}},
		{"an event missing", []stripepay.Endpoint{with(func(e *stripepay.Endpoint) { e.Events = e.Events[1:] })}, []string{stripepay.WantedEvents[0]}},
		{"all at once", []stripepay.Endpoint{{URL: url}}, []string{"disabled", "version", "events"}},
		{"a good one beside a bad one", []stripepay.Endpoint{{URL: url}, good, {URL: url}}, nil},
	} {
		faults := endpointOf(url, c.there, now).Faults()
		if len(faults) != len(c.want) {
			t.Errorf("%s: %q", c.name, faults)
			continue
		}
		for i, want := range c.want {
			if !strings.Contains(faults[i], want) || !strings.HasSuffix(faults[i], ".") {
				t.Errorf("%s: %q does not say %q", c.name, faults[i], want)
			}
		}
	}
	if faults := (EndpointState{}).Faults(); faults != nil {
		t.Errorf("before anybody has looked: %q", faults)
	}
}
