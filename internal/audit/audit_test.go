package audit_test

import (
	"strings"
	"testing"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
)

func TestATrailThatIsReadDoesNotChange(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	robin := audit.By{ID: "p1", Name: "Robin"}
	first := make(audit.Trail, 0, 8).Add(robin, now, audit.Line{What: "capacity", From: "4", To: "6"})
	one := first.Add(robin, now, audit.Line{What: "closed"})
	two := first.Add(robin, now, audit.Line{What: "published"})
	if one[1].What != "closed" || two[1].What != "published" || len(first) != 1 {
		t.Errorf("trails run into each other: %v, %v", one, two)
	}
	if one[1].By != "Robin" || one[1].ByID != "p1" || !one[1].At.Equal(now) {
		t.Errorf("line %+v", one[1])
	}
}

func TestReason(t *testing.T) {
	t.Parallel()
	if got, err := audit.Reason("  their flight \n was cancelled "); err != nil || got != "their flight was cancelled" {
		t.Errorf("%q, %v", got, err)
	}
	for _, text := range []string{"", " \n\t", strings.Repeat("ä", 301)} {
		if _, err := audit.Reason(text); fault.FieldsOf(err)["reason"] == "" {
			t.Errorf("%q is taken for a reason", text)
		}
	}
}
