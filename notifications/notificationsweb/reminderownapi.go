package notificationsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/civil"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

func (h *StaffHandlers) registerOwnReminders(api *web.API) {
	operation := func(id, method, path, summary string) web.Operation {
		return web.Operation{
			ID: id, Method: method, Path: "/api/v1/cohorts/{id}/reminders" + path, Tag: "Messages", Summary: summary, Right: access.ManageCohorts,
		}
	}
	web.Register(api, operation("add-reminder", http.MethodPost, "", "Write a reminder for a cohort, beside those that all have"),
		func(ctx context.Context, in *addReminderInput) (*remindersOutput, error) {
			return h.putReminder(ctx, in.ID, "", in.Body)
		})
	web.Register(api, operation("put-reminder", http.MethodPut, "/{reminder}",
		"Change a reminder: all of it if it was written for this cohort, else only whether it is sent, when, by what, for how long it is of use, and what becomes of it for who comes late"),
		func(ctx context.Context, in *putReminderInput) (*remindersOutput, error) {
			return h.putReminder(ctx, in.ID, in.Reminder, in.Body)
		})
	web.Register(api, operation("remove-reminder", http.MethodDelete, "/{reminder}", "Remove a reminder that was written for this cohort"), h.deleteReminder)
	web.Register(api, operation("copy-reminders", http.MethodPost, "/copy", "Use the reminders of another cohort in the place of all, or those that all have at first"), h.copyRemindersByAPI)
}

// WholeReminder is a reminder as organizers write it. The API's description
// leaves out what is embedded and not exported.
type WholeReminder struct {
	Off         bool   `json:"off,omitempty" doc:"It is not sent"`
	Anchor      string `json:"anchor,omitempty" enum:"session_start,session_end,cohort_start,cohort_end,confirmed,charge_due,joined,offer_end,pick_up,driver_named,material" doc:"What it is counted from"`
	Sessions    string `json:"sessions,omitempty" enum:"preparation,medicine,integration,gathering,consultation" doc:"Of which sessions it is the start or the end"`
	After       bool   `json:"after,omitempty" doc:"It follows what it is counted from"`
	Days        int    `json:"days,omitempty" doc:"Days of the calendar after the day that it is counted from; negative for before"`
	Clock       string `json:"clock,omitempty" doc:"The time of that day by the clocks of the place, such as 10:00; absent where minutes count" maxLength:"10"`
	Minutes     int    `json:"minutes,omitempty" doc:"Minutes after the moment that it is counted from; negative for before"`
	To          string `json:"to,omitempty" enum:"first,driver,staff" doc:"Who reads it; absent for each of the two"`
	While       string `json:"while,omitempty" enum:"driver_not_named,driver_not_confirmed,not_replied,consent_missing,forms_missing,papers_missing,balance_unpaid,ride_not_answered,ride_not_refused" doc:"What has to be so for it to be sent"`
	By          string `json:"by,omitempty" enum:"text,both" doc:"By text in the place of the mail, or beside it, to those who have agreed to texts; absent for mail"`
	UsefulHours int    `json:"useful_hours,omitempty" doc:"For how long it is of use once it is due; 0 for what suits it"`
	Late        string `json:"late,omitempty" enum:"nearest,send_now,skip" doc:"What becomes of it for couples that come after its time: only the last of these at once, all at once, or nothing; absent for the first"`
	Template    string `json:"template,omitempty" maxLength:"50" doc:"What it says: note for the words below, else that of another reminder which fits"`
	Subject     string `json:"subject,omitempty" maxLength:"400"`
	Body        string `json:"body,omitempty" maxLength:"8000"`
	Short       string `json:"short,omitempty" maxLength:"1000" doc:"The text message"`
}

func (j WholeReminder) reminder(id string) notifications.Reminder {
	r := notifications.Reminder{
		ID: id, Template: j.Template, Anchor: notifications.Anchor(j.Anchor), Sessions: retreats.SessionKind(j.Sessions), Days: j.Days,
		Clock: civil.Clock(j.Clock), Minutes: j.Minutes, To: notifications.Audience(j.To), While: notifications.Condition(j.While), After: j.After,
		UsefulHours: j.UsefulHours, Late: notifications.Late(j.Late), Off: j.Off, Text: j.By == "text", Beside: j.By == "both",
		Subject: j.Subject, Body: j.Body, Short: j.Short,
	}
	if r.Template == "" {
		r.Template = notifications.TellNote
	}
	if r.Late == "" {
		r.Late = notifications.LateNearest
	}
	return r
}

// wholeOf is a reminder with all that organizers could have written.
func wholeOf(r notifications.Reminder) WholeReminder {
	j := WholeReminder{
		Off: r.Off, Anchor: string(r.Anchor), Sessions: string(r.Sessions), After: r.After, Days: r.Days, Clock: string(r.Clock),
		Minutes: r.Minutes, To: string(r.To), While: string(r.While), UsefulHours: r.UsefulHours, Late: string(r.Late), Template: r.Template,
		Subject: r.Subject, Body: r.Body, Short: r.Short,
	}
	switch {
	case r.Text:
		j.By = "text"
	case r.Beside:
		j.By = "both"
	}
	return j
}

// writeReminderJSON is one to be written into the reminders as they were read.
type writeReminderJSON struct {
	Version  int           `json:"version" doc:"That of the reminders that were read: a conflict if they have changed since"`
	Reminder WholeReminder `json:"reminder"`
}

type addReminderInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body writeReminderJSON
}

type putReminderInput struct {
	ID       string `path:"id" maxLength:"100"`
	Reminder string `path:"reminder" maxLength:"100"`
	Body     writeReminderJSON
}

func (h *StaffHandlers) putReminder(ctx context.Context, cohortID, id string, j writeReminderJSON) (*remindersOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, cohortID); err != nil {
		return nil, err
	}
	actor, _ := web.ActorOf(ctx)
	_, set, err := h.options.Notices.WriteReminder(ctx, cohortID, j.Reminder.reminder(id), j.Version, actor.By())
	return remindersOf(set, err)
}

type deleteReminderInput struct {
	ID       string `path:"id" maxLength:"100"`
	Reminder string `path:"reminder" maxLength:"100"`
	Version  int    `query:"version" doc:"That of the reminders that were read"`
}

func (h *StaffHandlers) deleteReminder(ctx context.Context, in *deleteReminderInput) (*remindersOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, in.ID); err != nil {
		return nil, err
	}
	actor, _ := web.ActorOf(ctx)
	return remindersOf(h.options.Notices.RemoveReminder(ctx, in.ID, in.Reminder, in.Version, actor.By()))
}

type copyRemindersInput struct {
	ID   string `path:"id" maxLength:"100"`
	Body struct {
		Version int    `json:"version" doc:"That of the reminders that were read"`
		From    string `json:"from,omitempty" maxLength:"100" doc:"The cohort whose reminders are taken; absent for those that all have at first"`
	}
}

func (h *StaffHandlers) copyRemindersByAPI(ctx context.Context, in *copyRemindersInput) (*remindersOutput, error) {
	if _, err := h.options.Retreats.Cohort(ctx, in.ID); err != nil {
		return nil, err
	}
	whose := "those that all dates have"
	if in.Body.From != "" {
		other, err := h.options.Retreats.Cohort(ctx, in.Body.From)
		if err != nil {
			return nil, err
		}
		whose = "those of " + datesOf(other)
	}
	actor, _ := web.ActorOf(ctx)
	return remindersOf(h.options.Notices.TakeReminders(ctx, in.ID, in.Body.From, whose, in.Body.Version, actor.By()))
}
