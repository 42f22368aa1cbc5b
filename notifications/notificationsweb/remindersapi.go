package notificationsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/notifications"
)

func (h *StaffHandlers) registerReminders(api *web.API) {
	h.registerOwnReminders(api)
	web.Register(api, web.Operation{
		ID: "get-reminders", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/reminders", Tag: "Messages",
		Summary: "What the couples of a cohort are reminded of, and when", Right: access.ReadBookings,
	}, h.getReminders)
	web.Register(api, web.Operation{
		ID: "put-reminders", Method: http.MethodPut, Path: "/api/v1/cohorts/{id}/reminders", Tag: "Messages",
		Summary: "Change when a cohort's reminders are sent, or turn some off; those that are not named stay", Right: access.ManageCohorts,
	}, h.putReminders)
}

type remindersInput struct {
	ID string `path:"id" maxLength:"100"`
}

// reminderEditJSON is what a cohort decides of a reminder.
type reminderEditJSON struct {
	ID      string `json:"id" maxLength:"100"`
	Off     bool   `json:"off,omitempty" doc:"It is not sent"`
	Days    int    `json:"days,omitempty" doc:"Days of the calendar after the day that it is counted from; negative for before"`
	Clock   string `json:"clock,omitempty" doc:"The time of that day by the clocks of the place, such as 10:00; absent where minutes count" maxLength:"10"`
	Minutes int    `json:"minutes,omitempty" doc:"Minutes after the moment that it is counted from; negative for before"`
}

type reminderJSON struct {
	ID string `json:"id"`
	WholeReminder
	Own   bool   `json:"own,omitempty" doc:"It was written for this cohort, and can be removed"`
	Words string `json:"words" doc:"When it is sent, in words"`
}

type putRemindersInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Version   int                `json:"version" doc:"That of the reminders that were read: a conflict if they have changed since"`
		Reminders []reminderEditJSON `json:"reminders" maxItems:"100"`
	}
}

type remindersOutput struct {
	Body struct {
		Version   int            `json:"version"`
		Reminders []reminderJSON `json:"reminders"`
	}
}

func remindersOf(set *notifications.ReminderSet, err error) (*remindersOutput, error) {
	if err != nil {
		return nil, err
	}
	out := &remindersOutput{}
	out.Body.Version, out.Body.Reminders = set.Version, []reminderJSON{}
	for _, r := range set.Reminders {
		out.Body.Reminders = append(out.Body.Reminders, reminderJSON{
			ID: r.ID, WholeReminder: wholeOf(r), Own: r.IsOwn(), Words: r.Words(),
		})
	}
	return out, nil
}

func (h *StaffHandlers) getReminders(ctx context.Context, in *remindersInput) (*remindersOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, in.ID); err != nil {
		return nil, err
	}
	return remindersOf(h.options.Notices.Reminders(ctx, in.ID))
}

func (h *StaffHandlers) putReminders(ctx context.Context, in *putRemindersInput) (*remindersOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, in.ID); err != nil {
		return nil, err
	}
	var edits []notifications.ReminderEdit
	for _, e := range in.Body.Reminders {
		edits = append(edits, notifications.ReminderEdit{ID: e.ID, Off: e.Off, Days: e.Days, Clock: e.Clock, Minutes: e.Minutes})
	}
	actor, _ := web.ActorOf(ctx)
	return remindersOf(h.options.Notices.ChangeReminders(ctx, in.ID, edits, in.Body.Version, actor.By()))
}
