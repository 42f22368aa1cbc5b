package notifications_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"lantern/internal/fault"
	"lantern/notifications"
)

const secretLink = "http://localhost/sign-in/Zm9ybWFseS1zZWNyZXQ"

func signIn(o *office) notifications.Notice {
	return notifications.Notice{
		ID: "sign_in.1", Rule: "sign_in", Name: "Ines", Email: "ines@example.org", UsefulUntil: o.clock().Add(20 * time.Minute),
		Data: struct {
			Link    string `json:"link"`
			Minutes string `json:"time"`
		}{secretLink, "20"},
	}
}

func (o *office) notify(t *testing.T) {
	t.Helper()
	if err := o.Notify(t.Context(), signIn(o)); err != nil {
		t.Fatal(err)
	}
}

// notice reads the notice and makes sure that its secret is not to be seen.
func (o *office) notice(t *testing.T) *notifications.Message {
	t.Helper()
	m, err := o.Message(t.Context(), "sign_in.1")
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(m)
	if err != nil || strings.Contains(string(stored), secretLink[len(secretLink)-10:]) {
		t.Errorf("it is stored as %s, %v", stored, err)
	}
	if kept := m.To.Sealed != ""; kept != (m.NextAt != nil) {
		t.Errorf("it is %s, and that its data are kept is %v", m.State, kept)
	}
	return m
}

func TestANoticeIsSentOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.notify(t)
	o.notice(t)
	o.notify(t) // a repeated request
	for range 2 {
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		o.notify(t)
	}
	m := o.notice(t)
	if m.State != notifications.Sent || o.sent[m.ID] != 1 || len(o.sent) != 1 || o.woken != 4 {
		t.Errorf("it is %s, sent %v, woken %d times", m.State, o.sent, o.woken)
	}
	if m.Copy.Email != "ines@example.org" || m.Copy.Name != "Ines" {
		t.Errorf("it went to %s <%s>", m.Copy.Name, m.Copy.Email)
	}
	// It went to a mailbox, so nobody finds the way in here.
	if body, err := o.Body(m); err != nil || body != (notifications.Body{}) || m.Copy.Sealed != "" {
		t.Errorf("kept %+v, %v", body, err)
	}
}

func TestTheOutboxShowsWhatANoticeSays(t *testing.T) {
	t.Parallel()
	o := openOfficeWith(t, false, func(options *notifications.Options) { options.Send, options.Wake = nil, nil })
	o.notify(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	body, err := o.Body(o.notice(t))
	if err != nil || body.Text != "Hello Ines "+secretLink+" 20" {
		t.Errorf("it says %q, %v", body.Text, err)
	}
	page, err := o.List(t.Context(), "", notifications.Sent, 10, "")
	if err != nil || len(page.Items) != 1 {
		t.Errorf("the list holds %v, %v", page.Items, err)
	}
}

func TestANoticeThatCannotBeSent(t *testing.T) {
	t.Parallel()
	t.Run("for now", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, false)
		o.notify(t)
		o.answers(errLater)
		if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errLater) {
			t.Errorf("got %v", err)
		}
		o.notice(t)
		o.answers(nil)
		o.wait(time.Minute)
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil || o.notice(t).State != notifications.Sent {
			t.Errorf("it is %s, %v", o.notice(t).State, err)
		}
	})
	t.Run("as long as it is of use", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, false)
		o.notify(t)
		o.answers(errLater)
		for range 8 {
			_ = o.DispatchDue(t.Context(), o.clock())
			o.wait(3 * time.Minute)
		}
		if m := o.notice(t); m.State != notifications.Missed || len(o.sent) != 0 {
			t.Errorf("it is %s, sent %v", m.State, o.sent)
		}
	})
	t.Run("ever", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, false)
		o.notify(t)
		o.answers(errNever)
		if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errNever) || o.notice(t).State != notifications.Failed {
			t.Errorf("it is %s, %v", o.notice(t).State, err)
		}
	})
}

func TestANoticeThatCouldNotBeShownIsRefused(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	for about, change := range map[string]func(*notifications.Notice){
		"an unknown rule":        func(n *notifications.Notice) { n.Rule = "sing_in" },
		"data that are no texts": func(n *notifications.Notice) { n.Data = map[string]int{"time": 20} },
		"data that are a list":   func(n *notifications.Notice) { n.Data = []string{secretLink} },
		"no id":                  func(n *notifications.Notice) { n.ID = "" },
	} {
		n := signIn(o)
		change(&n)
		if err := o.Notify(t.Context(), n); err == nil || strings.Contains(err.Error(), secretLink) {
			t.Errorf("%s: got %v", about, err)
		}
	}
	if o.woken != 0 {
		t.Error("somebody was woken for nothing")
	}
}

// TestNobodyActsOnANotice: it is between the program and its reader.
func TestNobodyActsOnANotice(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.notify(t)
	for _, err := range []error{o.HoldBack(t.Context(), "sign_in.1", robin), o.SendNow(t.Context(), "sign_in.1", robin)} {
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("it was answered %v", err)
		}
	}
	if m := o.notice(t); m.State != notifications.Planned {
		t.Errorf("it is %s", m.State)
	}
}
