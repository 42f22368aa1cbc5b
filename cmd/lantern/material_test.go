package main

import (
	"strings"
	"testing"

	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/web/webtest"
	"lantern/retreats"
)

// TestMaterialIsHandedOutAfterwards on its day, to who was there.
func TestMaterialIsHandedOutAfterwards(t *testing.T) {
	t.Parallel()
	st := newStory(t, 1)
	ana, cleo := st.confirmed("ana"), st.book("cleo", true)
	_, err := st.app.retreats.AmendCohort(t.Context(), "co", audit.By{ID: "staff_x", Name: "Robin"}, func(p *retreats.Programme, _ *retreats.Terms) error {
		p.Material, p.MaterialDays = "Read **the workbook**. <script>alert(1)</script>", 2
		return nil
	})
	st.must(err)
	st.staffReads("/staff/cohorts/co/settings", st.as(access.Organizer), []string{"material for afterwards", "days until the material"}, nil)
	reads := func(id string) bool {
		t.Helper()
		return strings.Contains(webtest.Words(st.page(st.link(id, 0))), "the workbook")
	}
	st.moveTo("2027-04-10", "23:59")
	if reads(ana) {
		t.Error("it is handed out a day early")
	}
	st.moveTo("2027-04-11", "00:00")
	if !reads(ana) || reads(cleo) {
		t.Error("it is not handed out on its day, or to who was not there")
	}
	if page := st.ask("GET", st.link(ana, 0), nil, nil).Body.String(); strings.Contains(page, "<script>alert") || !strings.Contains(page, "<strong>the workbook</strong>") {
		t.Error("it is not made safe, or is not Markdown any more")
	}
}
