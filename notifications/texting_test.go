package notifications_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/sms"
	"lantern/notifications"
)

// phones are where texts go in an office.
type phones struct {
	mu     sync.Mutex
	texts  []sms.Text
	answer error
	during func()
}

func (p *phones) send(_ context.Context, text sms.Text) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.during != nil {
		p.during()
	}
	if p.answer == nil {
		p.texts = append(p.texts, text)
	}
	return "SM1", p.answer
}

// openTexting is an office whose first partner has a text coming: the first one,
// since they have just agreed.
func openTexting(t *testing.T, change func(*notifications.Options)) (*office, *phones) {
	t.Helper()
	p := &phones{}
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		options.SendText = p.send
		options.RenderText = func(rule string, _ notifications.MailData) (string, error) { return "Cedar House: " + rule, nil }
		change(options)
	})
	o.plan(t)
	must(t, o.DispatchDue(t.Context(), o.clock()))
	must(t, o.bookings.AllowTexts(t.Context(), o.booking, 0, "+14155550132", booking.ByPage))
	o.plan(t)
	return o, p
}

// theText is the message about the partner's first text.
func (o *office) theText(t *testing.T) *notifications.Message {
	t.Helper()
	messages, err := o.OfBooking(t.Context(), o.booking, 0)
	must(t, err)
	for _, m := range messages {
		if m.Channel == notifications.ByText {
			return m
		}
	}
	t.Fatal("no text is planned")
	return nil
}

// TestTwoProcessesSendEachTextOnce.
func TestTwoProcessesSendEachTextOnce(t *testing.T) {
	t.Parallel()
	o, p := openTexting(t, func(*notifications.Options) {})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := o.DispatchDue(context.Background(), o.clock()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	m := o.theText(t)
	if len(p.texts) != 1 || m.State != notifications.Sent || m.Delivery == nil || m.Delivery.Provider != "SM1" || m.Copy.Phone != "+14155550132" {
		t.Errorf("sent %v; %+v", p.texts, m)
	}
	if body, err := o.Body(m); err != nil || body.Text != "Cedar House: texts_on" {
		t.Errorf("kept is %q, %v", body.Text, err)
	}
}

// TestATextOfADeadProcessIsNotSentAgain: it may have left. The message ends, and
// where there is no mail beside it, one says the same.
func TestATextOfADeadProcessIsNotSentAgain(t *testing.T) {
	t.Parallel()
	o, p := openTexting(t, func(*notifications.Options) {})
	p.during = o.process.die
	if err := o.DispatchDue(t.Context(), o.clock()); err == nil || len(p.texts) != 1 {
		t.Fatalf("sent %v, %v", p.texts, err)
	}
	o.process.live(0)
	p.during = nil
	o.wait(3 * time.Minute) // the lease has ended
	must(t, o.DispatchDue(t.Context(), o.clock()))
	if m := o.theText(t); len(p.texts) != 1 || m.State != notifications.Failed || m.Why != notifications.WhyUnsure {
		t.Errorf("sent %v; %s because %s", p.texts, m.State, m.Why)
	}
}

// TestWhatBecomesOfATextThatFails: tried again only where it surely was not
// taken.
func TestWhatBecomesOfATextThatFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		answer error
		state  notifications.State
		why    string
	}{
		{"nobody there", &net.OpError{Op: "dial", Err: errors.New("refused")}, notifications.Sent, ""},
		{"too many", &sms.Refusal{Status: http.StatusTooManyRequests}, notifications.Sent, ""},
		{"cut off", &net.OpError{Op: "read", Err: errors.New("reset")}, notifications.Failed, notifications.WhyUnsure},
		{"broken", &sms.Refusal{Status: http.StatusBadGateway}, notifications.Failed, notifications.WhyUnsure},
		{"no", &sms.Refusal{Status: http.StatusBadRequest, Code: 21211}, notifications.Failed, notifications.WhyRefused},
	} {
		o, p := openTexting(t, func(*notifications.Options) {})
		p.answer = c.answer
		if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, c.answer) {
			t.Errorf("%s: the pass says %v", c.name, err)
		}
		p.answer = nil
		o.wait(time.Minute)
		o.plan(t)
		must(t, o.DispatchDue(t.Context(), o.clock()))
		if m := o.theText(t); m.State != c.state || m.Why != c.why {
			t.Errorf("%s: %s because %q", c.name, m.State, m.Why)
		}
		// A number that no text reaches is as good as none.
		b, err := o.bookings.Case(t.Context(), o.booking)
		must(t, err)
		if lost := c.name == "no"; (b.Booking.TextsTo(0) == "") != lost {
			t.Errorf("%s: texts go to %q", c.name, b.Booking.TextsTo(0))
		}
	}
}

func TestATextThatIsTooLongOrNotSentHereIsNone(t *testing.T) {
	t.Parallel()
	for why, change := range map[string]func(*notifications.Options){
		notifications.WhyLength: func(o *notifications.Options) {
			o.RenderText = func(string, notifications.MailData) (string, error) { return strings.Repeat("a", 161), nil }
		},
		notifications.WhyOff: func(o *notifications.Options) { o.SendText = nil },
	} {
		o, p := openTexting(t, change)
		must(t, o.DispatchDue(t.Context(), o.clock()))
		if m := o.theText(t); m.State != notifications.Failed || m.Why != why || len(p.texts) != 0 {
			t.Errorf("%s: %s because %s", why, m.State, m.Why)
		}
	}
}

// TestTextsAreInTheOutboxWhereMailsAre.
func TestTextsAreInTheOutboxWhereMailsAre(t *testing.T) {
	t.Parallel()
	o, _ := openTexting(t, func(options *notifications.Options) { options.Send, options.SendText = nil, nil })
	must(t, o.DispatchDue(t.Context(), o.clock()))
	if m := o.theText(t); m.State != notifications.Sent || m.Delivery != nil {
		t.Errorf("%+v", m)
	}
}

// TestATextWaitsForTheMorning of its reader [D34].
func TestATextWaitsForTheMorning(t *testing.T) {
	t.Parallel()
	o, p := openTexting(t, func(*notifications.Options) {})
	must(t, o.bookings.StopTexts(t.Context(), o.booking, 0, booking.ByPage))
	o.wait(11 * time.Hour) // 21:00 in California
	must(t, o.bookings.AllowTexts(t.Context(), o.booking, 0, "+14155550132", booking.ByPage))
	for range 3 {
		o.plan(t)
		must(t, o.DispatchDue(t.Context(), o.clock()))
	}
	if len(p.texts) != 0 {
		t.Errorf("at night: %v", p.texts)
	}
	o.wait(12 * time.Hour)
	must(t, o.DispatchDue(t.Context(), o.clock()))
	if len(p.texts) != 1 {
		t.Errorf("in the morning: %v", p.texts)
	}
}

// TestATextThatStaffSendAtNightIsNone [D34]: it does not wait for the morning,
// since somebody wants it to be said now, and it wakes nobody. Its page says why.
func TestATextThatStaffSendAtNightIsNone(t *testing.T) {
	t.Parallel()
	o, p := openTexting(t, func(*notifications.Options) {})
	o.wait(11 * time.Hour) // 21:00 in California
	must(t, o.SendNow(t.Context(), o.theText(t).ID, robin))
	must(t, o.DispatchDue(t.Context(), o.clock()))
	if m := o.theText(t); m.State != notifications.Failed || m.Why != notifications.WhyLate || len(p.texts) != 0 {
		t.Errorf("it is %s (%s), sent was %v", m.State, m.Why, p.texts)
	}
}

// TestWhatTwilioHasAnsweredIsDoneAndNotAnswered [D36]: who writes STOP reads one
// answer, and gets no texts any more.
func TestWhatTwilioHasAnsweredIsDoneAndNotAnswered(t *testing.T) {
	t.Parallel()
	o, p := openTexting(t, func(*notifications.Options) {})
	must(t, o.DispatchDue(t.Context(), o.clock()))
	for answered, want := range map[bool]string{true: "", false: "Cedar House: reply_help"} {
		said, err := o.Hear(t.Context(), sms.Word{ID: "help" + want, From: "+14155550132", Body: "HELP", Answered: answered})
		if err != nil || said != want {
			t.Errorf("answered by Twilio: %v; we say %q, %v", answered, said, err)
		}
	}
	said, err := o.Hear(t.Context(), sms.Word{ID: "stop", From: "+14155550132", Body: "STOP", Answered: true})
	must(t, err)
	c, err := o.bookings.Case(t.Context(), o.booking)
	must(t, err)
	if said != "" || c.Booking.TextsTo(0) != "" || len(p.texts) != 1 {
		t.Errorf("we say %q, and texts go to %q", said, c.Booking.TextsTo(0))
	}
}
