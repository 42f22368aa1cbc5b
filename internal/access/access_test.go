package access_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/sqlite"
)

// office is a team on a clock that the test moves.
type office struct {
	*access.Team
	t      *testing.T
	db     *store.DB
	tokens *access.Tokens

	mu  sync.Mutex
	now time.Time
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{t: t, now: time.Date(2027, 1, 11, 8, 0, 0, 0, time.UTC)}
	engine, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	o.db = store.Open(engine, store.CheckDecisions())
	t.Cleanup(func() {
		if err := o.db.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := seal.Parse(strings.Repeat("5a", 32))
	if err != nil {
		t.Fatal(err)
	}
	if o.Team, err = access.NewTeam(t.Context(), o.db, key, o.time); err != nil {
		t.Fatal(err)
	}
	if o.tokens, err = access.NewTokens(t.Context(), o.db, o.time); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) time() time.Time {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.now
}

func (o *office) wait(d time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.now = o.now.Add(d)
}

// add takes somebody in whose address is their name's.
func (o *office) add(name string, role access.Role) access.Person {
	o.t.Helper()
	p, err := o.Add(o.t.Context(), access.Console(), name+"@example.org", name, role, false)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// signIn begins a session by a link that the person asks for.
func (o *office) signIn(p access.Person) string {
	o.t.Helper()
	link, known, err := o.RequestLink(o.t.Context(), p.Email)
	if err != nil || !known {
		o.t.Fatalf("asking for a link: %v, %v", known, err)
	}
	secret, _, err := o.SignIn(o.t.Context(), link.Token)
	if err != nil {
		o.t.Fatal(err)
	}
	return secret
}

func (o *office) mustFail(what string, got, want error) {
	o.t.Helper()
	if !errors.Is(got, want) {
		o.t.Errorf("%s: %v, not %v", what, got, want)
	}
}

func TestRights(t *testing.T) {
	t.Parallel()
	for right, roles := range map[access.Right][]access.Role{
		access.SignedIn:        access.Roles,
		access.ReadRoster:      access.Roles,
		access.ReadBookings:    {access.Organizer, access.Staff, access.Viewer},
		access.RecordClearance: {access.Organizer, access.Staff, access.Clinician},
		access.Attend:          {access.Organizer, access.Staff},
		access.ManageWaitlist:  {access.Organizer},
		access.ManageCohorts:   {access.Organizer},
		access.ManageTeam:      {access.Organizer},
		access.Refund:          nil,
		"nothing":              nil,
	} {
		for _, role := range access.Roles {
			if got, want := (access.Actor{Role: role}).Has(right), slices.Contains(roles, role); got != want {
				t.Errorf("%s has %s: %v", role, right, got)
			}
		}
	}
	viewer := access.Actor{Role: access.Viewer, MayRefund: true}
	if !viewer.Has(access.Refund) || viewer.Has(access.ManageCohorts) || !viewer.Has(access.Public) {
		t.Error("the mark for refunds gives another right, or not its own")
	}
	if (access.Actor{}).Has(access.SignedIn) {
		t.Error("nobody is signed in")
	}
	if _, err := access.CheckRole("owner"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("owner: %v", err)
	}
}

func TestAddingIsChecked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, err := o.Add(t.Context(), access.Console(), "nowhere", " ", "owner", false)
	for _, field := range []string{"email", "name", "role"} {
		if fault.FieldsOf(err)[field] == "" {
			t.Errorf("nothing is said about %s: %v", field, err)
		}
	}
	robin, err := o.Add(t.Context(), access.Console(), "Robin@Example.ORG", "Robin", access.Organizer, true)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(strings.ToLower(robin.ID), "robin") || robin.Email != "Robin@example.org" {
		t.Errorf("made %+v", robin)
	}
	_, err = o.Add(t.Context(), access.Console(), "robin@example.org", "Another", access.Viewer, false)
	if fault.FieldsOf(err)["email"] == "" {
		t.Errorf("two have one address: %v", err)
	}
	if found, err := o.ByEmail(t.Context(), "ROBIN@example.org"); err != nil || found.ID != robin.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	_, err = o.ByEmail(t.Context(), "someone@example.org")
	o.mustFail("a stranger", err, access.ErrNobody)
}

func TestTheSameAddressAtOnceMakesOnePerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	added := 0
	for range 16 {
		group.Go(func() {
			if _, err := o.Add(t.Context(), access.Console(), "sam@example.org", "Sam", access.Staff, false); err == nil {
				mu.Lock()
				added++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if people, err := o.People(t.Context()); err != nil || len(people) != 1 || added != 1 {
		t.Errorf("%d were added, %d are there, %v", added, len(people), err)
	}
}

func TestTheLastOrganizerStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin, sam := o.add("robin", access.Organizer), o.add("sam", access.Staff)
	_, err := o.End(t.Context(), robin.Actor(), robin.ID)
	o.mustFail("ending", err, access.ErrLastOrganizer)
	_, err = o.Change(t.Context(), robin.Actor(), robin.ID, "Robin", access.Staff, false)
	o.mustFail("demoting", err, access.ErrLastOrganizer)
	if _, err := o.Change(t.Context(), robin.Actor(), robin.ID, "Robin R.", access.Organizer, false); err != nil {
		t.Errorf("the last organizer cannot be given another name: %v", err)
	}
	if _, err := o.End(t.Context(), robin.Actor(), sam.ID); err != nil {
		t.Errorf("staff cannot end: %v", err)
	}
	// One who has left does not count.
	_, err = o.Change(t.Context(), robin.Actor(), sam.ID, "Sam", access.Organizer, false)
	o.mustFail("changing one who has left", err, access.ErrNobody)
	_, err = o.End(t.Context(), robin.Actor(), robin.ID)
	o.mustFail("ending", err, access.ErrLastOrganizer)
}

// Two organizers who end each other at the same time must not both succeed.
func TestOrganizersCannotAllEndAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var all []access.Person
	for _, name := range []string{"ana", "ben", "cai", "dee", "eli"} {
		all = append(all, o.add(name, access.Organizer))
	}
	var group sync.WaitGroup
	for i, p := range all {
		group.Go(func() {
			var err error
			if i%2 == 0 {
				_, err = o.End(t.Context(), access.Console(), p.ID)
			} else {
				_, err = o.Change(t.Context(), access.Console(), p.ID, p.Name, access.Viewer, false)
			}
			if err != nil && !errors.Is(err, access.ErrLastOrganizer) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	people, err := o.People(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	left := 0
	for _, p := range people {
		if p.Works() && p.Role == access.Organizer {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d organizers are left", left)
	}
}

func TestChangesStandInThePersonsTrail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin, sam := o.add("robin", access.Organizer), o.add("sam", access.Staff)
	o.wait(time.Hour)
	must := func(_ access.Person, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	cashier := robin.Actor()
	cashier.MayRefund = true
	must(o.Change(t.Context(), cashier, sam.ID, "sam", access.Viewer, true))
	must(o.Change(t.Context(), robin.Actor(), sam.ID, "sam", access.Viewer, true)) // changes nothing
	must(o.End(t.Context(), robin.Actor(), sam.ID))
	o.wait(time.Hour)
	must(o.Add(t.Context(), robin.Actor(), "SAM@example.org", "Sam S.", access.Staff, false))
	people, err := o.People(t.Context())
	if err != nil || len(people) != 2 || people[1].ID != sam.ID {
		t.Fatalf("the team is %+v, %v", people, err)
	}
	var lines []string
	for _, line := range people[1].Trail {
		lines = append(lines, line.By+": "+line.What+" "+line.From+" > "+line.To)
	}
	want := []string{
		"Console: added  > staff", "robin: role staff > viewer", "robin: may refund no > yes", "robin: ended  > ", "robin: added  > staff",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the trail is %q", lines)
	}
	if at := people[1].Trail[1].At; !at.Equal(o.time().Add(-time.Hour)) || people[1].Trail[1].ByID != robin.ID {
		t.Errorf("the line is %+v", people[1].Trail[1])
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	robin := o.add("robin", access.Organizer)
	for _, label := range []string{" ", strings.Repeat("x", 61)} {
		_, err := o.tokens.Create(t.Context(), robin.Actor(), label, "owner", false)
		if fields := fault.FieldsOf(err); fields["label"] == "" || fields["role"] == "" {
			t.Errorf("label %q: %v", label, err)
		}
	}
	secret, err := o.tokens.Create(t.Context(), access.Console(), " the  site ", access.Viewer, true)
	if err != nil {
		t.Fatal(err)
	}
	actor, err := o.tokens.Actor(t.Context(), secret)
	want := access.Actor{ID: actor.ID, Name: "the site", Role: access.Viewer, MayRefund: true, Token: true}
	if err != nil || actor != want || !strings.HasPrefix(actor.ID, "token:") || strings.Contains(secret, actor.ID[6:]) {
		t.Errorf("%+v, %v", actor, err)
	}
	for _, guess := range []string{"", "lantern_", "lantern_viewer_guess", secret + "x", secret[:len(secret)-1], actor.ID, seal.Hash(secret)} {
		if _, err := o.tokens.Actor(t.Context(), guess); !errors.Is(err, access.ErrToken) {
			t.Errorf("token %q: %v", guess, err)
		}
	}
	o.wait(30 * time.Hour)
	if _, err := o.tokens.Actor(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	list, err := o.tokens.List(t.Context())
	if err != nil || len(list) != 1 || !list[0].UsedAt.Equal(time.Date(2027, 1, 12, 0, 0, 0, 0, time.UTC)) {
		t.Fatalf("%+v, %v", list, err)
	}
	if err := o.tokens.Withdraw(t.Context(), robin.Actor(), actor.ID); err != nil {
		t.Fatal(err)
	}
	_, err = o.tokens.Actor(t.Context(), secret)
	o.mustFail("a withdrawn token", err, access.ErrToken)
	o.mustFail("withdrawing twice", o.tokens.Withdraw(t.Context(), robin.Actor(), actor.ID), access.ErrNoToken)
	if list, err := o.tokens.List(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
