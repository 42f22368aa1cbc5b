package access_test

import (
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// names are those of people, in order.
func names(people []access.Person) string {
	var all string
	for _, p := range people {
		all += p.Name + " "
	}
	return all
}

func TestWishesAreKeptWithTheirRights(t *testing.T) {
	o, ctx := newOffice(t), t.Context()
	robin, sasha, casey := o.add("Robin", access.Organizer), o.add("Sasha", access.Staff), o.add("Casey", access.Clinician)
	all := access.Wishes{OnDuty: true, Requests: true, Digest: "0  7 * * 1-5"}
	for _, p := range []access.Person{robin, sasha, casey} {
		if _, err := o.Wish(ctx, p.ID, all, o.time(), time.UTC); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when, want string) {
		t.Helper()
		duty, err := o.OnDuty(ctx)
		if err != nil || names(duty) != want {
			t.Errorf("%s on duty are %q (%v), want %q", when, names(duty), err, want)
		}
		told, err := o.ToldOfRequests(ctx)
		if err != nil || names(told) != want {
			t.Errorf("%s %q are told of requests (%v), want %q", when, names(told), err, want)
		}
	}
	check("at first", "Robin Sasha ") // a clinician's role shows neither [D42]
	if _, err := o.End(ctx, access.Console(), sasha.ID); err != nil {
		t.Fatal(err)
	}
	check("when Sasha has left,", "Robin ")
	back := o.add("Sasha", access.Staff)
	if back.Wishes != (access.Wishes{}) || back.DigestDue != nil {
		t.Errorf("who comes back wishes %+v, want nothing", back.Wishes)
	}
	p, err := o.Person(ctx, robin.ID)
	if err != nil {
		t.Fatal(err)
	}
	if p.Wishes.Digest != "0 7 * * 1-5" || len(p.Trail) != 4 {
		t.Errorf("kept %+v with %d lines, want the schedule and four lines", p.Wishes, len(p.Trail))
	}
	_, err = o.Wish(ctx, robin.ID, access.Wishes{Digest: "@every 1m"}, o.time(), time.UTC)
	if fault.FieldsOf(err)["digest"] == "" {
		t.Errorf("got %v, want a fault of the digest", err)
	}
}

// A machine that was off for three days sends one digest, for today.
func TestDigestsAreNotMadeUp(t *testing.T) {
	o, ctx := newOffice(t), t.Context() // a Monday, 8:00
	robin := o.add("Robin", access.Organizer)
	if _, err := o.Wish(ctx, robin.ID, access.Wishes{Digest: "0 7 * * *"}, o.time(), time.UTC); err != nil {
		t.Fatal(err)
	}
	tuesday := time.Date(2027, 1, 12, 7, 0, 0, 0, time.UTC)
	due := func(now time.Time) []access.Digest {
		t.Helper()
		all, err := o.DigestsDue(ctx, now, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if all := due(tuesday.Add(-time.Minute)); len(all) != 0 {
		t.Fatalf("before its time, %d are due", len(all))
	}
	friday := tuesday.AddDate(0, 0, 3)
	all := due(friday.Add(time.Hour))
	if len(all) != 1 || !all[0].For.Equal(friday) || !all[0].UsefulUntil.Equal(time.Date(2027, 1, 16, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("got %+v, want one for Friday", all)
	}
	if again := due(friday.Add(time.Hour)); again[0].ID() != all[0].ID() {
		t.Errorf("asked again it is called %s, not %s", again[0].ID(), all[0].ID())
	}
	for range 2 { // twice is as once
		if err := o.DigestTold(ctx, all[0]); err != nil {
			t.Fatal(err)
		}
	}
	if left := due(friday.Add(time.Hour)); len(left) != 0 {
		t.Errorf("%d are due still", len(left))
	}
	next, err := o.ComingDigests(ctx, friday)
	if err != nil || len(next) != 1 || !next[0].At.Equal(friday.AddDate(0, 0, 1)) {
		t.Errorf("the next is %+v (%v), want Saturday's", next, err)
	}
	if saturday := due(friday.AddDate(0, 0, 1)); len(saturday) != 1 || !saturday[0].Since.Equal(friday) {
		t.Errorf("Saturday's is %+v, want one since Friday's", saturday)
	}
	if _, err := o.Wish(ctx, robin.ID, access.Wishes{}, friday, time.UTC); err != nil {
		t.Fatal(err)
	}
	if err := o.DigestTold(ctx, all[0]); err != nil {
		t.Fatal(err)
	}
	if off := due(friday.AddDate(0, 0, 9)); len(off) != 0 {
		t.Errorf("after it was turned off, %d are due", len(off))
	}
}
