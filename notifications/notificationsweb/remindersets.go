package notificationsweb

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// What is done with all reminders of a cohort at once, or with one as a whole.

func (h *StaffHandlers) removeReminder(c echo.Context) error {
	return h.actOnSet(c, func(ctx context.Context, cohortID string, version int, by audit.By) error {
		_, err := h.options.Notices.RemoveReminder(ctx, cohortID, c.Param("reminder"), version, by)
		return err
	})
}

// copyReminders takes over the reminders of another cohort.
func (h *StaffHandlers) copyReminders(c echo.Context) error {
	return h.actOnSet(c, func(ctx context.Context, cohortID string, version int, by audit.By) error {
		return h.takeReminders(ctx, cohortID, c.FormValue("from"), version, by)
	})
}

// resetReminders goes back to what all dates have at first.
func (h *StaffHandlers) resetReminders(c echo.Context) error {
	return h.actOnSet(c, func(ctx context.Context, cohortID string, version int, by audit.By) error {
		_, err := h.options.Notices.TakeReminders(ctx, cohortID, "", "those that all dates have", version, by)
		return err
	})
}

func (h *StaffHandlers) takeReminders(ctx context.Context, cohortID, from string, version int, by audit.By) error {
	if from == "" {
		return fault.New(fault.Invalid, "Please choose the dates whose reminders you want.")
	}
	other, err := h.options.Retreats.Cohort(ctx, from)
	if err != nil {
		return err
	}
	_, err = h.options.Notices.TakeReminders(ctx, cohortID, other.ID, "those of "+datesOf(other), version, by)
	return err
}

func datesOf(cohort *retreats.Cohort) string {
	return cohort.Name + ", " + web.Dates(cohort.StartsOn, cohort.EndsOn)
}

// actOnSet does something with a cohort's reminders and shows them, with what
// was wrong if it was refused.
func (h *StaffHandlers) actOnSet(c echo.Context, do func(context.Context, string, int, audit.By) error) error {
	ctx, id := c.Request().Context(), c.Param("id")
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if _, err := h.options.Retreats.Cohort(ctx, id); err != nil {
		return err
	}
	version, _ := strconv.Atoi(form.Get("version"))
	actor, _ := web.ActorOf(ctx)
	err = do(ctx, id, version, actor.By())
	if err == nil {
		return c.Redirect(http.StatusSeeOther, remindersURL(id)+"?done=1")
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	web.Note(ctx, err)
	data, dataErr := h.remindersData(ctx, id, "", nil)
	if dataErr != nil {
		return dataErr
	}
	data.fail(err)
	return h.server.Render(c, web.Status(err), "staff_reminders", data)
}

// otherCohorts are those whose reminders can be taken over.
func (h *StaffHandlers) otherCohorts(ctx context.Context, id string) ([]choice, error) {
	cohorts, _, err := h.options.Retreats.Running(ctx, mostCohorts, retreats.Cursor{})
	if err != nil {
		return nil, err
	}
	var choices []choice
	for _, cohort := range cohorts {
		if cohort.ID != id {
			choices = append(choices, choice{Value: cohort.ID, Text: datesOf(cohort)})
		}
	}
	return choices, nil
}
