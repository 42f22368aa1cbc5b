package notifications

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lantern/internal/civil"
	"lantern/internal/sms"
)

func inZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestADaysTextEndsAtTheReadersMidnight: one a day by their own clocks, three in
// seven days [D35]; also on the days on which clocks change.
func TestADaysTextEndsAtTheReadersMidnight(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "America/Los_Angeles", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Chatham", "Australia/Lord_Howe"} {
		zone := inZone(t, name)
		for _, first := range []civil.Date{"2027-01-11", "2026-03-28", "2026-10-24", "2026-03-07", "2026-10-31", "2026-04-04"} {
			var n Number
			count := 0
			send := func(at time.Time) string {
				count++
				return n.admit(ask{message: strconv.Itoa(count), zone: zone}, at)
			}
			late := first.AddDays(1).At("00:00", zone).Add(-time.Millisecond)
			if why := send(late); why != "" {
				t.Fatalf("%s %s: the first is refused: %s", name, first, why)
			}
			if why := send(late); why != WhyFull {
				t.Errorf("%s %s: a second on one day: %q", name, first, why)
			}
			for day := 1; day <= 2; day++ {
				if why := send(first.AddDays(day).At("00:00", zone)); why != "" {
					t.Errorf("%s %s: day %d is refused: %s", name, first, day, why)
				}
			}
			if why := send(first.AddDays(7).At("00:00", zone).Add(-time.Millisecond)); why != WhyFull {
				t.Errorf("%s %s: a fourth in seven days: %q", name, first, why)
			}
			if why := send(first.AddDays(7).At("00:00", zone)); why != "" {
				t.Errorf("%s %s: after seven days: %s", name, first, why)
			}
		}
	}
}

// TestCapsProperties: whatever is asked for, of partners and of drivers with one
// phone, no number gets more than one text a day and three in any seven days, none
// twice, and none after STOP [D35, D36].
func TestCapsProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "America/New_York", "Asia/Kathmandu"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		var n Number
		now, consented, stopped := noon, noon.Add(-time.Hour), false
		perDay, seen := map[civil.Date]int{}, map[string]bool{}
		for range 60 {
			now = now.Add(time.Duration(rapid.IntRange(0, 20*60).Draw(t, "minutes")) * time.Minute)
			switch rapid.SampledFrom([]string{"text", "text", "text", "free", "stop", "start", "agree", "forget"}).Draw(t, "act") {
			case "stop":
				n.take(sms.Stop, now)
				stopped = true
			case "start":
				n.take(sms.Start, now)
				stopped = false
			case "agree":
				now = now.Add(time.Millisecond)
				consented, stopped = now, false
			case "forget":
				n.forget("none such")
			case "free":
				n.admit(ask{message: "free" + now.String(), zone: zone, consentedAt: consented, free: true}, now)
			default:
				id := strconv.Itoa(rapid.IntRange(0, 40).Draw(t, "message"))
				who := rapid.SampledFrom([]numberPerson{{Booking: "bk"}, {Booking: "bk", Partner: 1}, {Booking: "bk", Driver: true}, {Booking: "other", Driver: true}}).Draw(t, "who")
				if n.admit(ask{message: id, person: who, zone: zone, consentedAt: consented, question: &Question{Driver: who.Driver}}, now) != "" {
					continue
				}
				if !slices.Contains(n.People, who) || n.asksDriver() != who.Driver {
					t.Fatalf("STOP would not be theirs, or YES would answer something else: %+v", n)
				}
				today := civil.DateOf(now, zone)
				if perDay[today]++; perDay[today] > textsADay || stopped {
					t.Fatalf("text %d on %s, stopped: %v", perDay[today], today, stopped)
				}
				week := 0
				for d := range 7 {
					week += perDay[today.AddDays(-d)]
				}
				if week > textsAWeek {
					t.Fatalf("%d in the week up to %s", week, today)
				}
				if seen[id] && len(n.Texts) > 30 {
					t.Fatal("what is old is kept for ever")
				}
				seen[id] = true
			}
		}
	})
}

// TestFirstTextsAreBounded: who knows a number can agree for it behind a link of
// their own, and end it, and agree once more [D35]; a couple with one phone agrees
// twice. None of it keeps other texts from coming.
func TestFirstTextsAreBounded(t *testing.T) {
	t.Parallel()
	var n Number
	count := 0
	agree := func(at time.Time) string {
		count++
		return n.admit(ask{message: "on" + strconv.Itoa(count), zone: time.UTC, consentedAt: at, free: true}, at)
	}
	for _, want := range []string{"", "", WhyFull, WhyFull} {
		if why := agree(noon); why != want {
			t.Errorf("first text %d: %q, want %q", count, why, want)
		}
	}
	if why := n.admit(ask{message: "m", zone: time.UTC, consentedAt: noon}, noon); why != "" {
		t.Errorf("another text: %q", why)
	}
	for day, want := range map[int]string{1: "", 6: WhyFull, 7: ""} {
		m := n
		if day > 1 {
			m.Texts = append(slices.Clone(n.Texts), numberText{Message: "next", At: noon.AddDate(0, 0, 1), Free: true})
		}
		if why := m.admit(ask{message: "on", zone: time.UTC, free: true}, noon.AddDate(0, 0, day)); why != want {
			t.Errorf("%d days later: %q, want %q", day, why, want)
		}
	}
	m := n
	m.take(sms.Stop, noon)
	if why := m.admit(ask{message: "on", zone: time.UTC, consentedAt: noon.Add(time.Minute), free: true}, noon.Add(time.Minute)); why != WhyFull {
		t.Errorf("after STOP somebody agrees again, on that day: %q", why)
	}
}

// TestWhatIsBegunIsNotBegunAgain: unless it was surely not taken.
func TestWhatIsBegunIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	var n Number
	a := ask{message: "m", zone: time.UTC, person: numberPerson{Booking: "bk"}, question: &Question{Session: "s1"}}
	if why := n.admit(a, noon); why != "" || n.Asked == nil || len(n.People) != 1 {
		t.Fatalf("%q, %+v", why, n)
	}
	if why := n.admit(a, noon.Add(48*time.Hour)); why != WhyUnsure {
		t.Errorf("begun twice: %q", why)
	}
	n.forget("m")
	if why := n.admit(a, noon); why != "" {
		t.Errorf("refused although the first was not taken: %q", why)
	}
}

func TestWhatEndsTexts(t *testing.T) {
	t.Parallel()
	before, after := noon.Add(-time.Hour), noon.Add(time.Hour)
	for _, c := range []struct {
		name      string
		n         Number
		consented time.Time
		want      string
	}{
		{"nothing", Number{}, before, ""},
		{"STOP [D36]", Number{StoppedAt: &noon}, before, WhyStopped},
		{"STOP, and agreed once more", Number{StoppedAt: &noon}, after, ""},
		{"lost", Number{LostAt: &noon}, before, WhyLost},
		{"lost, and agreed once more", Number{LostAt: &noon}, after, ""},
	} {
		if why := c.n.admit(ask{message: "m", zone: time.UTC, consentedAt: c.consented}, after.Add(time.Minute)); why != c.want {
			t.Errorf("%s: %q, want %q", c.name, why, c.want)
		}
	}
}

func TestAWordIsHeardOnce(t *testing.T) {
	t.Parallel()
	var n Number
	for i := range 2 * mostHeard {
		if id := strconv.Itoa(i); !n.hear(id) || n.hear(id) {
			t.Fatalf("word %d is not heard once", i)
		}
	}
	if len(n.Heard) != mostHeard {
		t.Errorf("%d words are known", len(n.Heard))
	}
}

// TestTextsWaitForTheirHours [D34].
func TestTextsWaitForTheirHours(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"America/Los_Angeles", "Europe/Berlin", "Australia/Lord_Howe"} {
		zone := inZone(t, name)
		for _, day := range []civil.Date{"2026-03-29", "2026-10-25", "2026-03-08", "2026-11-01", "2027-01-11"} {
			for clock, want := range map[civil.Clock]time.Time{
				"00:30": day.At("09:00", zone), "08:59": day.At("09:00", zone), "09:00": day.At("09:00", zone),
				"19:59": day.At("19:59", zone), "20:00": day.AddDays(1).At("09:00", zone), "23:59": day.AddDays(1).At("09:00", zone),
			} {
				if got := textHours.next(day.At(clock, zone), zone); !got.Equal(want) {
					t.Errorf("%s %s %s: %s, want %s", name, day, clock, got, want)
				}
			}
		}
	}
}
