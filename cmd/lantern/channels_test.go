package main

import (
	"net/http"
	"testing"

	"lantern/internal/access"
	"lantern/notifications"
)

// TestMessagesAreListedByChannel: no text among mails, and none left out on the
// way through the pages.
func TestMessagesAreListedByChannel(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana := st.confirmed("Ana")
	st.confirmed("Ben")
	st.must(st.bookings.AllowTexts(t.Context(), ana, 0, "+1 415 555 0132", "page"))
	st.tick()
	token, err := st.tokens.Create(t.Context(), access.Console(), "lists", access.Viewer, false)
	st.must(err)
	page, err := st.notices.List(t.Context(), "", "", 200, "")
	st.must(err)
	want := map[string]int{}
	for _, m := range page.Items {
		want[m.Channel.String()]++
	}
	for _, channel := range []string{"mail", "text"} {
		got, after := 0, ""
		for {
			var out struct {
				Messages []struct{ Channel string }
				Next     string
			}
			st.read("GET", "/api/v1/messages?limit=7&channel="+channel+"&after="+after, token, "", http.StatusOK, &out)
			for _, m := range out.Messages {
				if m.Channel != channel {
					t.Errorf("asked for %s, got a %s", channel, m.Channel)
				}
			}
			got += len(out.Messages)
			if after = out.Next; after == "" {
				break
			}
		}
		if got != want[channel] || got == 0 {
			t.Errorf("%d by %s, want %d", got, channel, want[channel])
		}
	}
	staff := st.as(access.Viewer)
	st.staffReads("/staff/messages?state="+string(notifications.Planned)+"&channel=text&booking="+ana, staff, []string{"Ana"}, []string{"Ben"})
}

// TestTheDescriptionOfRemindersNamesEveryField: what is embedded is easily left
// out.
func TestTheDescriptionOfRemindersNamesEveryField(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	var described struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	st.read("GET", "/api/openapi.json", "", "", http.StatusOK, &described)
	token, err := st.tokens.Create(t.Context(), access.Console(), "reads", access.Viewer, false)
	st.must(err)
	var answered struct{ Reminders []map[string]any }
	st.read("GET", "/api/v1/cohorts/co/reminders", token, "", http.StatusOK, &answered)
	properties := described.Components.Schemas["ReminderJSON"].Properties
	for _, field := range []string{"id", "days", "clock", "anchor", "own", "words"} {
		if properties[field] == nil {
			t.Errorf("the description of a reminder has no %q", field)
		}
	}
	if len(answered.Reminders) == 0 {
		t.Fatal("no reminders are answered")
	}
	for _, reminder := range answered.Reminders {
		for field := range reminder {
			if properties[field] == nil {
				t.Errorf("the description of a reminder has no %q", field)
			}
		}
	}
}
