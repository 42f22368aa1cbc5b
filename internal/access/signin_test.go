package access_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// Whoever presses the button twice, or on two devices, gets one session.
func TestALinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin := o.add("robin", access.Organizer)
	for range 5 {
		link, err := o.LinkFor(t.Context(), access.Console(), robin.ID)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 { // programs that check mail look at it
			if p, err := o.LinkOf(t.Context(), link.Token); err != nil || p.ID != robin.ID {
				t.Fatalf("the link is of %+v, %v", p, err)
			}
		}
		var sessions atomic.Int32
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				secret, p, err := o.SignIn(t.Context(), link.Token)
				switch {
				case err == nil && secret != "" && p.ID == robin.ID:
					sessions.Add(1)
				case !errors.Is(err, access.ErrLinkOver) || secret != "" || p.ID != "":
					t.Errorf("signing in gave %+v, %v", p, err)
				}
			})
		}
		group.Wait()
		if sessions.Load() != 1 {
			t.Errorf("one link gave %d sessions", sessions.Load())
		}
		_, err = o.LinkOf(t.Context(), link.Token)
		o.mustFail("a used link", err, access.ErrLinkOver)
	}
}

func TestLinksEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin := o.add("robin", access.Organizer)
	asked, _, err := o.RequestLink(t.Context(), "ROBIN@example.org ")
	if err != nil {
		t.Fatal(err)
	}
	made, err := o.LinkFor(t.Context(), access.Console(), robin.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		wait        time.Duration
		asked, made bool
	}{
		{access.LinkFor - time.Millisecond, true, true},
		{time.Millisecond, false, true},
		{access.FirstLinkFor - access.LinkFor - time.Millisecond, false, true},
		{time.Millisecond, false, false},
	} {
		o.wait(step.wait)
		for token, want := range map[string]bool{asked.Token: step.asked, made.Token: step.made} {
			if _, err := o.LinkOf(t.Context(), token); (err == nil) != want {
				t.Errorf("after %v more: %v", step.wait, err)
			}
		}
	}
	_, _, err = o.SignIn(t.Context(), made.Token)
	o.mustFail("an old link", err, access.ErrLinkOver)
	for _, token := range []string{"", "guess", made.Person.ID} {
		_, _, err = o.SignIn(t.Context(), token)
		o.mustFail("a guessed link", err, access.ErrLinkOver)
	}
}

// Nothing but the last result, which is not shown, differs for an unknown
// address; and what was stored for it signs nobody in later.
func TestAnUnknownAddressIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.add("robin", access.Organizer)
	gone := o.add("gone", access.Staff)
	if _, err := o.End(t.Context(), access.Console(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]bool{"robin@example.org": true, "nobody@example.org": false, gone.Email: false} {
		for range 5 {
			if link, known, err := o.RequestLink(t.Context(), email); err != nil || known != want || (link.Token != "") != want {
				t.Errorf("%s: %v, %v", email, known, err)
			}
		}
		_, known, err := o.RequestLink(t.Context(), email)
		if !errors.Is(err, access.ErrTooOften) || known {
			t.Errorf("%s may ask six times: %v", email, err)
		}
	}
	_, _, err := o.RequestLink(t.Context(), "not an address")
	if fault.FieldsOf(err)["email"] == "" {
		t.Errorf("what is no address: %v", err)
	}
}

func TestHowOftenAnAddressMayAsk(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin := o.add("robin", access.Organizer)
	var granted atomic.Int32
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			// Another spelling is the same mailbox.
			email := []string{"robin@example.org", "Robin@EXAMPLE.org"}[i%2]
			if _, _, err := o.RequestLink(t.Context(), email); err == nil {
				granted.Add(1)
			}
		})
	}
	group.Wait()
	if granted.Load() != 5 {
		t.Errorf("%d links within an hour", granted.Load())
	}
	// The bound is no lock: the console gives links all the same.
	if _, err := o.LinkFor(t.Context(), access.Console(), robin.ID); err != nil {
		t.Error(err)
	}
	o.wait(time.Hour - time.Millisecond)
	_, _, err := o.RequestLink(t.Context(), robin.Email)
	o.mustFail("within the hour", err, access.ErrTooOften)
	o.wait(time.Millisecond)
	if _, known, err := o.RequestLink(t.Context(), robin.Email); err != nil || !known {
		t.Errorf("after an hour: %v", err)
	}
}

func TestASessionEndsWithoutUse(t *testing.T) {
	t.Parallel()
	for _, step := range []struct {
		name        string
		used, after time.Duration
		good        bool
	}{
		{"just in time", 0, 12*time.Hour - time.Millisecond, true},
		{"too late", 0, 12 * time.Hour, false},
		{"used in between", time.Hour, 12*time.Hour - time.Millisecond, true},
		{"used in between and too late", time.Hour, 12 * time.Hour, false},
		// The last use is saved every five minutes; of less nothing is left.
		{"used a moment after", time.Minute, 12*time.Hour - time.Minute, false},
	} {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			secret := o.signIn(o.add("robin", access.Organizer))
			o.wait(step.used)
			if _, err := o.Session(t.Context(), secret); err != nil {
				t.Fatal(err)
			}
			o.wait(step.after)
			if _, err := o.Session(t.Context(), secret); errors.Is(err, access.ErrSession) == step.good {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestASessionLastsAWeekAtMost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	secret := o.signIn(o.add("robin", access.Organizer))
	for range 7 * 24 {
		if _, err := o.Session(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		o.wait(time.Hour)
	}
	_, err := o.Session(t.Context(), secret)
	o.mustFail("after a week", err, access.ErrSession)
}

func TestChangesCountAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin, sam := o.add("robin", access.Organizer), o.add("sam", access.Staff)
	first, second, robins := o.signIn(sam), o.signIn(sam), o.signIn(robin)
	link, err := o.LinkFor(t.Context(), access.Console(), sam.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.Change(t.Context(), access.Console(), sam.ID, "Sam", access.Clinician, true); err != nil {
		t.Fatal(err)
	}
	want := access.Actor{ID: sam.ID, Name: "Sam", Role: access.Clinician, MayRefund: true}
	if actor, err := o.Session(t.Context(), first); err != nil || actor != want {
		t.Errorf("%+v, %v", actor, err)
	}

	if err := o.SignOut(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := o.SignOut(t.Context(), first); err != nil {
		t.Errorf("signing out twice: %v", err)
	}
	_, err = o.Session(t.Context(), first)
	o.mustFail("after signing out", err, access.ErrSession)
	if _, err := o.Session(t.Context(), second); err != nil {
		t.Errorf("the other session: %v", err)
	}

	if err := o.SignOutEverywhere(t.Context(), sam.ID); err != nil {
		t.Fatal(err)
	}
	_, err = o.Session(t.Context(), second)
	o.mustFail("after signing out everywhere", err, access.ErrSession)
	_, _, err = o.SignIn(t.Context(), link.Token)
	o.mustFail("a link from before", err, access.ErrLinkOver)
	if _, err := o.Session(t.Context(), robins); err != nil {
		t.Errorf("another person's session: %v", err)
	}
}

// Neither sessions nor links come to life again with a person who comes back.
func TestWhoHasLeftIsOutAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.add("robin", access.Organizer)
	sam := o.add("sam", access.Staff)
	secret := o.signIn(sam)
	link, err := o.LinkFor(t.Context(), access.Console(), sam.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.End(t.Context(), access.Console(), sam.ID); err != nil {
		t.Fatal(err)
	}
	for _, back := range []bool{false, true} {
		if back {
			o.add("sam", access.Viewer)
		}
		_, err = o.Session(t.Context(), secret)
		o.mustFail("a session", err, access.ErrSession)
		_, _, err = o.SignIn(t.Context(), link.Token)
		o.mustFail("a link", err, access.ErrLinkOver)
	}
	o.signIn(sam)
}

func TestForgetRemovesWhatIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin := o.add("robin", access.Organizer)
	secret := o.signIn(robin)
	unused, _, err := o.RequestLink(t.Context(), robin.Email)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		if _, _, err := o.RequestLink(t.Context(), fmt.Sprintf("nobody%d@example.org", i)); err != nil {
			t.Fatal(err)
		}
	}
	forget := func() {
		t.Helper()
		if err := o.Forget(t.Context(), o.time()); err != nil {
			t.Fatal(err)
		}
	}
	forget()
	if _, err := o.Session(t.Context(), secret); err != nil {
		t.Errorf("a good session was forgotten: %v", err)
	}
	if _, err := o.LinkOf(t.Context(), unused.Token); err != nil {
		t.Errorf("a good link was forgotten: %v", err)
	}
	o.wait(13 * time.Hour)
	forget()
	if left, err := o.Stored(t.Context()); err != nil || left != 0 {
		t.Errorf("%d documents are left of what is over, %v", left, err)
	}
	forget()
}

// TestForgetRemovesAllThatIsOver, however much it is.
func TestForgetRemovesAllThatIsOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var group sync.WaitGroup
	for i := range 510 {
		group.Go(func() {
			if _, _, err := o.RequestLink(t.Context(), fmt.Sprintf("nobody%d@example.org", i)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	o.wait(13 * time.Hour)
	if err := o.Forget(t.Context(), o.time()); err != nil {
		t.Fatal(err)
	}
	if left, err := o.Stored(t.Context()); err != nil || left != 0 {
		t.Errorf("%d documents are left, %v", left, err)
	}
}

// TestPollsAreNoUse: a page that renews itself does not keep a session going,
// and sees it as long as it lasts.
func TestPollsAreNoUse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	secret := o.signIn(o.add("robin", access.Organizer))
	for range 12 {
		if actor, err := o.Polled(t.Context(), secret); err != nil || actor.Name != "robin" {
			t.Fatalf("%+v, %v", actor, err)
		}
		o.wait(time.Hour)
	}
	_, err := o.Polled(t.Context(), secret)
	o.mustFail("after twelve hours of polls", err, access.ErrSession)
}
