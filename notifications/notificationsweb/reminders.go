package notificationsweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// remindersPage is where organizers decide what a cohort's couples are reminded
// of, and see what comes of it for one couple.
type remindersPage struct {
	web.Page
	Name, Dates, ZoneName string
	URL, BoardURL         string
	Done, Problem         string
	Summary               []faultView
	Version               int
	Groups                []reminderGroup
	// Couples are those to look at, Whom says whose course is shown.
	Couples []coupleChoice
	Whom    string
	Course  []comingView
	Trail   []trailView
	// Others are the cohorts whose reminders can be taken over.
	Others []choice
}

type faultView struct{ ID, Text string }

// reminderGroup are the reminders of one template, or one that organizers wrote,
// with to whom and by what that goes.
type reminderGroup struct {
	ID, Title, Condition, Whom string
	Reminders                  []reminderView
	// Subject and Text are what the first of them says.
	Subject, Text string
}

// reminderView is a reminder in the form. Its values stay text, so that what is
// wrong is shown as it was typed.
type reminderView struct {
	ID, Days, Clock, Minutes, Anchor    string
	URL, Words                          string
	On, ByMinutes, AtOnce               bool
	DaysFault, ClockFault, MinutesFault string
}

type coupleChoice struct {
	ID, Names string
	Here      bool
}

type comingView struct {
	When  web.Moment
	Title string
	// Whom says who reads it, Only while what is so, Past that it is over.
	Whom, Only string
	Past       bool
}

type trailView struct{ When, By, What, URL, From, To, Reason string }

func remindersURL(cohortID string) string {
	return "/staff/cohorts/" + url.PathEscape(cohortID) + "/reminders"
}

func (h *StaffHandlers) reminders(c echo.Context) error {
	data, err := h.remindersData(c.Request().Context(), c.Param("id"), c.QueryParam("couple"), nil)
	if err != nil {
		return err
	}
	if c.QueryParam("done") != "" {
		data.Done = "The reminders are changed, and those of all couples planned anew."
	}
	return h.server.Render(c, http.StatusOK, "staff_reminders", data)
}

// remindersData is the page, with what was typed in place of what is stored if
// there is something.
func (h *StaffHandlers) remindersData(ctx context.Context, cohortID, couple string, typed url.Values) (*remindersPage, error) {
	board, err := h.options.Bookings.Board(ctx, cohortID, shownWaiting)
	if err != nil {
		return nil, err
	}
	set, err := h.options.Notices.Reminders(ctx, cohortID)
	if err != nil {
		return nil, err
	}
	cohort := board.Cohort
	zone := cohort.Location()
	data := &remindersPage{
		Page: web.Page{Title: "Reminders: " + cohort.Name, Private: true}, Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn),
		ZoneName: web.ZoneName(cohort.Zone), URL: remindersURL(cohortID), BoardURL: "/staff/cohorts/" + url.PathEscape(cohortID), Version: set.Version,
	}
	shown := data.choose(board, couple)
	if data.Others, err = h.otherCohorts(ctx, cohortID); err != nil {
		return nil, err
	}
	previews, err := h.options.Notices.Preview(ctx, shown, set.Reminders)
	if err != nil {
		return nil, err
	}
	data.Groups = groupsOf(cohortID, set.Reminders, previews, typed)
	for _, coming := range notifications.Course(shown, set.Reminders) {
		data.Course = append(data.Course, comingView{
			When: web.At(coming.At, zone), Title: nameOf(coming.Reminder), Whom: coming.Reminder.AudienceWords(), Only: coming.Reminder.ConditionWords(), Past: !coming.At.After(board.At),
		})
	}
	for _, line := range slices.Backward(set.Trail) {
		data.Trail = append(data.Trail, trailView{When: web.At(line.At, zone).Text, By: line.By, What: line.What, From: line.From, To: line.To})
	}
	return data, nil
}

// shownWaiting is how many of those who wait are there to be looked at.
const shownWaiting = 20

// choose lists the couples to look at and gives the one that was chosen: at
// first one with its place, and where there is none, one that gets it now.
func (p *remindersPage) choose(board *booking.Board, couple string) booking.Case {
	shown := anyCouple(board.Cohort, board.At)
	p.Whom = "a couple that gets its place now"
	add := func(c booking.Case, what string) {
		choice := coupleChoice{ID: c.Booking.ID, Names: c.Booking.Partners[0].Name + " and " + c.Booking.Partners[1].Name + what}
		if choice.ID == couple || couple == "" && what == "" && len(p.Couples) == 0 {
			choice.Here, shown, p.Whom = true, c, choice.Names
		}
		p.Couples = append(p.Couples, choice)
	}
	for _, row := range board.Couples {
		if row.Standing.State == retreats.Confirmed {
			add(row.Case, "")
		}
	}
	for _, turn := range board.Offered {
		add(turn.Case, " (has an offer)")
	}
	for _, turn := range board.Waitlist {
		add(turn.Case, " (waits)")
	}
	return shown
}

// anyCouple is one that gets its place now, where there is none to look at.
func anyCouple(cohort *retreats.Cohort, now time.Time) booking.Case {
	b := &booking.Booking{CohortID: cohort.ID, CreatedAt: now}
	b.Partners[0] = booking.Partner{Name: "Maya", Email: "maya@example.org", Zone: cohort.Zone}
	b.Partners[1] = booking.Partner{Name: "Jon", Email: "jon@example.org", Zone: cohort.Zone}
	return booking.Case{Booking: b, Cohort: cohort, Standing: retreats.Standing{State: retreats.Confirmed, Since: now}}
}

func groupsOf(cohortID string, reminders []notifications.Reminder, previews map[string]notifications.Rendered, typed url.Values) []reminderGroup {
	var groups []reminderGroup
	for _, template := range notifications.Templates {
		group := reminderGroup{ID: template, Title: notifications.TitleOf(template), Subject: previews[template].Subject, Text: previews[template].Text}
		for _, r := range reminders {
			if r.Template == template && !r.IsOwn() {
				group.Condition = r.ConditionWords()
				group.Reminders = append(group.Reminders, viewOfReminder(cohortID, r, typed))
			}
		}
		if len(group.Reminders) > 0 {
			groups = append(groups, group)
		}
	}
	for _, r := range reminders {
		if r.IsOwn() {
			groups = append(groups, reminderGroup{
				ID: r.ID, Title: nameOf(r), Condition: r.ConditionWords(), Whom: "To " + r.AudienceWords() + ", " + r.ChannelWords() + ".",
				Reminders: []reminderView{viewOfReminder(cohortID, r, typed)}, Subject: previews[r.ID].Subject, Text: previews[r.ID].Text,
			})
		}
	}
	return groups
}

func viewOfReminder(cohortID string, r notifications.Reminder, typed url.Values) reminderView {
	view := reminderView{
		ID: r.ID, Days: strconv.Itoa(max(r.Days, -r.Days)), Clock: string(r.Clock), Minutes: strconv.Itoa(max(r.Minutes, -r.Minutes)),
		URL: reminderURL(cohortID, r.ID), Words: r.Words(),
		Anchor: r.AnchorWords(), On: !r.Off, ByMinutes: r.Clock == "" && !r.IsAtOnce(), AtOnce: r.IsAtOnce(),
	}
	if typed != nil {
		view.On = slices.Contains(typed["on"], r.ID)
		view.Days, view.Clock, view.Minutes = typed.Get(r.ID+".days"), typed.Get(r.ID+".clock"), typed.Get(r.ID+".minutes")
	}
	return view
}

// readReminders reads the form. People write days and minutes before as numbers
// without a sign.
func readReminders(reminders []notifications.Reminder, typed url.Values, faults fault.Fields) []notifications.ReminderEdit {
	var edits []notifications.ReminderEdit
	number := func(name string, before bool) int {
		n, err := strconv.Atoi(strings.TrimSpace(typed.Get(name)))
		if err != nil || n < 0 {
			faults[name] = "Please write a whole number."
		}
		if before {
			return -n
		}
		return n
	}
	for _, r := range reminders {
		e := notifications.ReminderEdit{ID: r.ID, Off: !slices.Contains(typed["on"], r.ID), Clock: strings.TrimSpace(typed.Get(r.ID + ".clock"))}
		switch {
		case r.IsAtOnce():
		case r.Clock == "":
			e.Minutes = number(r.ID+".minutes", !r.After)
		default:
			e.Days = number(r.ID+".days", !r.After)
		}
		edits = append(edits, e)
	}
	return edits
}

func (h *StaffHandlers) changeReminders(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	typed, err := web.Form(c)
	if err != nil {
		return err
	}
	if _, err := h.options.Retreats.Cohort(ctx, id); err != nil {
		return err
	}
	set, err := h.options.Notices.Reminders(ctx, id)
	if err != nil {
		return err
	}
	faults := fault.Fields{}
	edits := readReminders(set.Reminders, typed, faults)
	version, _ := strconv.Atoi(typed.Get("version"))
	actor, _ := web.ActorOf(ctx)
	err = fault.InvalidFields(faults)
	if err == nil {
		_, err = h.options.Notices.ChangeReminders(ctx, id, edits, version, actor.By())
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, remindersURL(id)+"?done=1")
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	web.Note(ctx, err)
	if fault.KindOf(err) == fault.Conflict {
		typed = nil // what is so now is to be looked at first
	}
	data, dataErr := h.remindersData(ctx, id, "", typed)
	if dataErr != nil {
		return dataErr
	}
	data.fail(err)
	return h.server.Render(c, web.Status(err), "staff_reminders", data)
}

// fail puts what is wrong beside the fields, and says it at the top.
func (p *remindersPage) fail(err error) {
	faults := fault.FieldsOf(err)
	if len(faults) == 0 {
		p.Problem = fault.TextOf(err)
		return
	}
	for _, group := range p.Groups {
		for i := range group.Reminders {
			r := &group.Reminders[i]
			for _, part := range []struct {
				name  string
				fault *string
			}{{"days", &r.DaysFault}, {"clock", &r.ClockFault}, {"minutes", &r.MinutesFault}} {
				if text := faults[r.ID+"."+part.name]; text != "" {
					*part.fault = text
					p.Summary = append(p.Summary, faultView{ID: r.ID + "_" + part.name, Text: group.Title + ": " + text})
				}
			}
		}
	}
}
