package access_test

import (
	"testing"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// TestWhoGivesTheRightToRefund: managing the team is not enough to come by it,
// be it for oneself, for somebody else or for a program.
func TestWhoGivesTheRightToRefund(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	robin := o.add("robin", access.Organizer)
	cashier, err := o.Add(ctx, access.Console(), "cai@example.org", "Cai", access.Organizer, true)
	if err != nil {
		t.Fatal(err)
	}
	sam := o.add("sam", access.Staff)
	for by, may := range map[access.Actor]bool{robin.Actor(): false, {Role: access.Staff}: false, cashier.Actor(): true, access.Console(): true} {
		check := func(what string, err error) {
			t.Helper()
			if refused := fault.FieldsOf(err)["may_refund"] != ""; refused == may {
				t.Errorf("%s by %q: %v", what, by.Name, err)
			}
		}
		_, err := o.Change(ctx, by, by.ID, by.Name, access.Organizer, true)
		if by.ID == robin.ID {
			check("for oneself", err)
		}
		_, err = o.Change(ctx, by, sam.ID, "Sam", access.Staff, true)
		check("for somebody", err)
		_, err = o.Change(ctx, access.Console(), sam.ID, "Sam", access.Staff, false)
		o.mustFail("taking it away", err, nil)
		_, err = o.Add(ctx, by, "new."+by.ID+"@example.org", "New", access.Viewer, true)
		check("for somebody new", err)
		_, err = o.tokens.Create(ctx, by, "till", access.Viewer, true)
		check("for a program", err)
	}
	// Whoever has it keeps it when somebody without it changes their name, and
	// anybody who manages the team may take it away.
	kept, err := o.Change(ctx, robin.Actor(), cashier.ID, "Cai C.", access.Organizer, true)
	if err != nil || !kept.MayRefund || kept.Name != "Cai C." {
		t.Errorf("%+v, %v", kept, err)
	}
	taken, err := o.Change(ctx, robin.Actor(), cashier.ID, "Cai C.", access.Organizer, false)
	if err != nil || taken.MayRefund {
		t.Errorf("%+v, %v", taken, err)
	}
	_, err = o.Change(ctx, robin.Actor(), cashier.ID, "Cai C.", access.Organizer, true)
	if fault.FieldsOf(err)["may_refund"] == "" {
		t.Errorf("giving back what was taken away: %v", err)
	}
}
