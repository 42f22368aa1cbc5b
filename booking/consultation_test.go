package booking_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

// parlour is where first talks are asked for, on a clock that the test moves.
type parlour struct {
	*booking.Consultations
	t   *testing.T
	now time.Time
	// planned are the mails by id; fail, if set, answers planning one.
	planned map[string]booking.TalkMail
	fail    error
}

func openParlour(t *testing.T) *parlour {
	t.Helper()
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	db := store.Open(engine)
	t.Cleanup(func() { db.Close() })
	key, err := seal.Parse(strings.Repeat("7", 64))
	if err != nil {
		t.Fatal(err)
	}
	p := &parlour{t: t, now: time.Date(2027, 1, 11, 18, 0, 0, 0, time.UTC), planned: map[string]booking.TalkMail{}}
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	p.Consultations, err = booking.NewConsultations(t.Context(), booking.ConsultationOptions{
		DB: db, Key: key, BaseURL: "http://localhost", Zone: zone, Now: func() time.Time { return p.now }, Changed: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func asking(key string, emails ...string) booking.ConsultationInput {
	in := booking.ConsultationInput{Times: []string{"evenings"}, Online: true, Understood: true, Key: key}
	for i, email := range emails {
		in.People[i] = booking.PartnerInput{Name: []string{"Ana", "Ben"}[i], Email: email, Zone: "Europe/Berlin"}
	}
	return in
}

func (p *parlour) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *parlour) ask(in booking.ConsultationInput) *booking.Consultation {
	p.t.Helper()
	talk, err := p.Ask(p.t.Context(), in)
	p.must(err)
	return talk
}

func (p *parlour) tell() error {
	return p.TellDue(p.t.Context(), p.now, func(_ context.Context, m booking.TalkMail) error {
		if p.fail == nil {
			p.planned[m.ID] = m
		}
		return p.fail
	})
}

// expect tells what is due and checks how many mails were planned in all.
func (p *parlour) expect(mails int) {
	p.t.Helper()
	p.must(p.tell())
	if len(p.planned) != mails {
		p.t.Errorf("%d mails are planned, want %d: %v", len(p.planned), mails, p.planned)
	}
}

func TestWhatAFirstTalkNeeds(t *testing.T) {
	t.Parallel()
	p := openParlour(t)
	for field, spoil := range map[string]func(*booking.ConsultationInput){
		"partner1.name":  func(in *booking.ConsultationInput) { in.People[0].Name = " " },
		"partner1.email": func(in *booking.ConsultationInput) { in.People[0].Email = "ana@" },
		"partner2.email": func(in *booking.ConsultationInput) { in.People[1].Email = "" },
		"partner1.phone": func(in *booking.ConsultationInput) { in.People[0].Phone = "12" },
		"times":          func(in *booking.ConsultationInput) { in.Times = []string{"never"} },
		"wish":           func(in *booking.ConsultationInput) { in.Wish = strings.Repeat("x", 301) },
		"understood":     func(in *booking.ConsultationInput) { in.Understood = false },
	} {
		in := asking("", "ana@example.org", "ben@example.org")
		spoil(&in)
		if _, err := p.Ask(t.Context(), in); fault.FieldsOf(err)[field] == "" || len(fault.FieldsOf(err)) != 1 {
			t.Errorf("%s: %v", field, fault.FieldsOf(err))
		}
	}
	p.expect(0)
}

// TestAFirstTalk from the wish to what comes of it: each change is told once,
// to each person, whoever dies in between.
func TestAFirstTalk(t *testing.T) {
	t.Parallel()
	p := openParlour(t)
	ctx, robin := t.Context(), audit.By{ID: "staff_x", Name: "Robin"}
	in := asking("form_1", "ana@example.org", "ben@example.org")
	talk := p.ask(in)
	if again := p.ask(in); again.ID != talk.ID {
		t.Errorf("the same form made %s and %s", talk.ID, again.ID)
	}
	if _, err := p.Ask(ctx, asking("form_1", "eve@example.org")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the form of somebody else was answered %v", err)
	}
	p.fail = errors.New("the store is away")
	if err := p.tell(); err == nil {
		t.Error("a mail that was not planned is no error")
	}
	p.fail = nil
	p.expect(2)
	p.expect(2)

	fixing := booking.Fixing{StartsAt: p.now.Add(48 * time.Hour), Minutes: 30, Where: "By video"}
	for field, bad := range map[string]booking.Fixing{
		"date":    {StartsAt: p.now, Minutes: 30, Where: "x"},
		"minutes": {StartsAt: fixing.StartsAt, Minutes: 600, Where: "x"},
		"where":   {StartsAt: fixing.StartsAt, Minutes: 30, Where: " "},
	} {
		if err := p.Fix(ctx, talk.ID, bad, robin); fault.FieldsOf(err)[field] == "" {
			t.Errorf("%s: %v", field, err)
		}
	}
	p.must(p.Fix(ctx, talk.ID, fixing, robin))
	p.expect(4)
	p.must(p.Fix(ctx, talk.ID, fixing, robin)) // the same once more
	p.expect(4)
	fixing.StartsAt = fixing.StartsAt.Add(time.Hour)
	p.must(p.Fix(ctx, talk.ID, fixing, robin))
	p.expect(6)
	if err := p.Conclude(ctx, talk.ID, booking.TalkMissed, robin); fault.KindOf(err) != fault.Conflict {
		t.Errorf("missed before it was: %v", err)
	}
	p.now = fixing.StartsAt
	p.must(p.Conclude(ctx, talk.ID, booking.TalkMissed, robin))
	p.expect(6) // who did not come is phoned
	p.must(p.Conclude(ctx, talk.ID, booking.TalkInvited, robin))
	p.must(p.Conclude(ctx, talk.ID, booking.TalkInvited, robin))
	p.expect(8)
	for _, err := range []error{p.Conclude(ctx, talk.ID, booking.TalkDeclined, robin), p.Fix(ctx, talk.ID, fixing, robin), p.Withdraw(ctx, talk.ID)} {
		if fault.KindOf(err) != fault.Conflict {
			t.Errorf("after the end: %v", err)
		}
	}
	stored, err := p.Talk(ctx, talk.ID)
	p.must(err)
	if len(stored.Trail) != 4 || len(stored.Told) != 8 || stored.TellAt != nil {
		t.Errorf("kept %+v", stored)
	}
}

// TestOneMailboxGetsOneCopy [D39].
func TestOneMailboxGetsOneCopy(t *testing.T) {
	t.Parallel()
	p := openParlour(t)
	p.ask(asking("", "both@example.org", "Both@example.org"))
	p.expect(1)
	for _, m := range p.planned {
		if m.Greets != "Ana and Ben" {
			t.Errorf("it greets %s", m.Greets)
		}
	}
}

// TestNobodyFillsAMailbox: an address is written to about three wishes a day,
// whether it was named first or second.
func TestNobodyFillsAMailbox(t *testing.T) {
	t.Parallel()
	p := openParlour(t)
	p.ask(asking("1", "ana@example.org"))
	p.ask(asking("2", "eve@example.org", "Ana@example.org"))
	p.ask(asking("3", "ANA@example.org"))
	for _, in := range []booking.ConsultationInput{asking("4", "ana@example.org"), asking("5", "kim@example.org", "ana@example.org")} {
		if _, err := p.Ask(t.Context(), in); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a fourth wish was answered %v", err)
		}
	}
	p.ask(asking("3", "ANA@example.org")) // the same form is no new wish
	p.now = p.now.Add(24*time.Hour + time.Millisecond)
	p.ask(asking("4", "ana@example.org"))
}

// TestTalksAreForgotten half a year after they last changed, with the mail
// about them.
func TestTalksAreForgotten(t *testing.T) {
	t.Parallel()
	p := openParlour(t)
	talk := p.ask(asking("", "ana@example.org"))
	p.expect(1)
	p.now = p.now.Add(100 * 24 * time.Hour)
	p.must(p.Withdraw(t.Context(), talk.ID))
	p.expect(2)
	var forgotten []string
	forget := func() {
		t.Helper()
		p.must(p.ForgetDue(t.Context(), p.now, func(_ context.Context, id string) error {
			forgotten = append(forgotten, id)
			return nil
		}))
	}
	p.now = p.now.Add(180*24*time.Hour - 2*time.Millisecond)
	forget()
	if _, err := p.Talk(t.Context(), talk.ID); err != nil || len(forgotten) != 0 {
		t.Fatalf("forgotten too early: %v, %v", forgotten, err)
	}
	p.now = p.now.Add(2 * time.Millisecond)
	forget()
	if _, err := p.Talk(t.Context(), talk.ID); fault.KindOf(err) != fault.NotFound || len(forgotten) != 2 {
		t.Errorf("kept: %v, %v", forgotten, err)
	}
}
