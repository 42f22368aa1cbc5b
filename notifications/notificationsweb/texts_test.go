package notificationsweb_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"lantern/internal/sms"
	"lantern/internal/web"
	"lantern/notifications"
)

// TestEveryTextFits into one text, with the longest of everything, says nothing
// of the kind of practice, names nobody and leads to no page [D35, D38].
func TestEveryTextFits(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	names := renderer.Texts()
	if len(names) < 8 {
		t.Fatalf("the texts are %v", names)
	}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	// Wednesday and September are the longest there are.
	at := time.Date(2027, 9, 29, 17, 30, 0, 0, zone)
	for _, practice := range []notifications.Practice{
		{Name: "Cedar House"}, {Name: "Cedar House", Contact: "+1 415 555 0132"}, {Name: "The Old Boathouse by the Lake", Contact: "+1 415 555 0132"},
	} {
		for _, coming := range []bool{false, true} {
			for _, name := range names {
				data := mailData()
				data.Practice, data.Zone, data.Until, data.Coming = practice, zone, at, coming
				data.PickUpShort = "Wednesday 29 September, 17:30" // the place is left out where it does not fit
				data.Meeting = &notifications.SessionLine{StartsAt: at, EndsAt: at, Zone: zone}
				body, err := renderer.Text(name, data)
				if err != nil {
					t.Fatal(err)
				}
				length, ok := sms.Septets(body)
				if !ok || length > sms.Longest || !strings.HasPrefix(body, practice.Name+": ") || strings.Contains(body, "<no value>") {
					t.Errorf("%s has %d characters (%v): %s", name, length, ok, body)
				}
				for _, word := range slices.Concat(notifications.Telling(body), []string{"ines", "roth", "http", "pay", "$"}) {
					if strings.Contains(strings.ToLower(body), word) {
						t.Errorf("%s says %q: %s", name, word, body)
					}
				}
				// Nobody is asked to answer with a word that ends texts [D37].
				for _, word := range []string{"CANCEL", "END", "QUIT", "REVOKE"} {
					if strings.Contains(body, word) {
						t.Errorf("%s asks for %s: %s", name, word, body)
					}
				}
			}
		}
	}
}

// TestTextsThatComeOutOfTheBlueSayHowToEndThem [D36].
func TestTextsThatComeOutOfTheBlueSayHowToEndThem(t *testing.T) {
	t.Parallel()
	renderer, err := web.NewRenderer(web.Site{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range renderer.Texts() {
		data := mailData()
		data.Meeting = &notifications.SessionLine{StartsAt: data.Until, EndsAt: data.Until, Zone: time.UTC}
		body, err := renderer.Text(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(name, "reply_") && !strings.Contains(body, "STOP") {
			t.Errorf("%s: %s", name, body)
		}
	}
	if body, err := renderer.Text("reply_stop", mailData()); err != nil || strings.Contains(body, "http") {
		t.Errorf("%q, %v", body, err)
	}
}
