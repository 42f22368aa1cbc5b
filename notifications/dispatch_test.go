package notifications_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/notifications"
)

func TestEachPartnerIsToldOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	for range 3 {
		o.plan(t)
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		if err := o.Replan(t.Context(), o.booking, o.clock()); err != nil {
			t.Fatal(err)
		}
	}
	if got := o.states(t); got[notifications.Sent] != 2 || len(got) != 1 {
		t.Errorf("states %v", got)
	}
	for id, times := range o.sent {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
	due, err := o.bookings.PlanDue(t.Context(), o.clock())
	if err != nil || len(due) != 0 {
		t.Errorf("%d bookings are still to be planned, %v", len(due), err)
	}
}

func TestASharedMailboxGetsOneCopy(t *testing.T) {
	t.Parallel()
	o := openOffice(t, true)
	o.plan(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	messages, err := o.OfBooking(t.Context(), o.booking, 0)
	if err != nil || len(o.sent) != 1 || len(messages) != 1 {
		t.Fatalf("sent %v, messages %v, %v", o.sent, messages, err)
	}
	body, err := o.Body(messages[0])
	if err != nil || !strings.HasPrefix(body.Text, "Hello Maya and Jon ") {
		t.Errorf("it greets: %q [D39], %v", body.Text, err)
	}
}

func TestTwoProcessesSendEachMessageOnce(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := o.DispatchDue(context.Background(), o.clock()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if len(o.sent) != 2 {
		t.Errorf("sent %v", o.sent)
	}
	for id, times := range o.sent {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
}

func TestAServerThatFailsIsTriedAgainLater(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errLater)
	if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errLater) {
		t.Errorf("got %v", err)
	}
	o.answers(nil)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 0 {
		t.Errorf("at once: %v, sent %v", err, o.sent)
	}
	o.wait(time.Minute)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 2 {
		t.Errorf("a minute later: %v, sent %v", err, o.sent)
	}
}

func TestAMailboxThatIsNotThereEndsTheMessage(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errNever)
	if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errNever) {
		t.Errorf("got %v", err)
	}
	if got := o.states(t); got[notifications.Failed] != 2 {
		t.Errorf("states %v", got)
	}
}

func TestWhatIsOfNoUseAnyMoreIsNotSent(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.wait(31 * time.Minute) // the hold has ended while no mail went out
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	if got := o.states(t); len(o.sent) != 0 || got[notifications.Withdrawn]+got[notifications.Missed] != 2 {
		t.Errorf("sent %v, states %v", o.sent, got)
	}
}

func TestACancelledBookingWithdrawsItsMessages(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	if err := o.bookings.Cancel(t.Context(), o.booking, nil); err != nil {
		t.Fatal(err)
	}
	o.plan(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	got := o.states(t)
	if got[notifications.Withdrawn] != 2 || got[notifications.Sent] != 2 {
		t.Errorf("states %v", got)
	}
	for id := range o.sent {
		if !strings.HasPrefix(id, "cancelled.") {
			t.Errorf("%s was sent", id)
		}
	}
}

// TestAProcessThatDoesNotComeBack: what it had claimed is taken up by another
// when the lease has ended, under the same id.
func TestAProcessThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	o.plan(t)
	o.answers(errDie)
	if err := o.DispatchDue(t.Context(), o.clock()); !errors.Is(err, errDie) {
		t.Fatal(err)
	}
	o.process.live(0)
	if got := o.states(t); got[notifications.Sending] != 2 {
		t.Fatalf("nothing was claimed when the process died: %v", got)
	}
	o.answers(nil)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 0 {
		t.Errorf("while the lease lasts: sent %v, %v", o.sent, err)
	}
	o.wait(3 * time.Minute)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Fatal(err)
	}
	if got := o.states(t); got[notifications.Sent] != 2 || len(o.sent) != 2 {
		t.Errorf("states %v, sent %v", got, o.sent)
	}
}

// TestAMailServerThatNeverAnswers: a message that keeps its use is tried for a
// day and a half and then shown as failed, not forgotten.
func TestAMailServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	o := openOffice(t, false)
	if err := o.bookings.Cancel(t.Context(), o.booking, nil); err != nil {
		t.Fatal(err)
	}
	o.plan(t)
	o.answers(errLater)
	for range 40 { // two days, an hour and a bit at a time
		_ = o.DispatchDue(t.Context(), o.clock())
		o.wait(73 * time.Minute)
	}
	if got := o.states(t); got[notifications.Failed] != 2 {
		t.Errorf("states %v", got)
	}
	o.answers(nil)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil || len(o.sent) != 0 {
		t.Errorf("sent %v, %v", o.sent, err)
	}
}

// TestEachMessageHasItsOwnTime: a pass in which one mail takes long does not
// deal with the next one as if it were still the time of its start.
func TestEachMessageHasItsOwnTime(t *testing.T) {
	t.Parallel()
	t.Run("what is of no use any more when its turn comes", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, false)
		if err := o.bookings.Cancel(t.Context(), o.booking, nil); err != nil {
			t.Fatal(err)
		}
		o.plan(t)
		o.during = func(context.Context) { o.wait(31 * 24 * time.Hour) }
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		if got := o.states(t); len(o.sent) != 1 || got[notifications.Missed] != 1 {
			t.Errorf("sent %v, states %v", o.sent, got)
		}
	})
	t.Run("how long it is nobody else's", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, false)
		o.plan(t)
		first := true
		o.during = func(ctx context.Context) {
			if first {
				first = false
				o.wait(3 * time.Minute)
				return
			}
			o.during = nil
			if err := o.DispatchDue(ctx, o.clock()); err != nil { // another process
				t.Error(err)
			}
		}
		if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
			t.Fatal(err)
		}
		for id, times := range o.sent {
			if times != 1 {
				t.Errorf("%s was sent %d times", id, times)
			}
		}
	})
	t.Run("when it is tried again", func(t *testing.T) {
		t.Parallel()
		o := openOffice(t, true)
		o.plan(t)
		o.answers(errLater)
		tries := 0
		o.during = func(context.Context) { tries++; o.wait(time.Minute) }
		for range 2 {
			_ = o.DispatchDue(t.Context(), o.clock())
		}
		if tries != 1 {
			t.Errorf("it was tried %d times without a pause", tries)
		}
	})
}

// TestAMailThatLeftIsMarked: the pass is stopped just when the mail server has
// taken the mail.
func TestAMailThatLeftIsMarked(t *testing.T) {
	t.Parallel()
	o := openOffice(t, true)
	o.plan(t)
	ctx, stop := context.WithCancel(t.Context())
	o.during = func(context.Context) { stop() }
	if err := o.DispatchDue(ctx, o.clock()); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	o.wait(3 * time.Minute)
	if err := o.DispatchDue(t.Context(), o.clock()); err != nil {
		t.Error(err)
	}
	for id, times := range o.sent {
		if times != 1 {
			t.Errorf("%s was sent %d times", id, times)
		}
	}
	if len(o.sent) != 1 {
		t.Errorf("sent %v", o.sent)
	}
}

// TestAMessageThatBreaksKeepsNoOtherFromGoing, and is tried again like one that
// a server does not take.
func TestAMessageThatBreaksKeepsNoOtherFromGoing(t *testing.T) {
	t.Parallel()
	o := openOfficeWith(t, false, func(options *notifications.Options) {
		render := options.Render
		options.Render = func(rule string, data notifications.MailData) (notifications.Rendered, error) {
			if data.Hello == "Maya" {
				panic("a template that breaks")
			}
			return render(rule, data)
		}
	})
	o.plan(t)
	if err := o.DispatchDue(t.Context(), o.clock()); err == nil || !strings.Contains(err.Error(), "a template that breaks") {
		t.Errorf("got %v", err)
	}
	if got := o.states(t); len(o.sent) != 1 || got[notifications.Sent] != 1 || got[notifications.Planned] != 1 {
		t.Errorf("sent %v, states %v", o.sent, got)
	}
}
