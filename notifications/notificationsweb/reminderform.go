package notificationsweb

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// reminderPage is where organizers write a reminder of their own, or decide what
// becomes of one that all dates have.
type reminderPage struct {
	web.Page
	Name, Dates, ZoneName string
	BackURL, Action       string
	Heading, Problem      string
	Summary               []faultView
	Version               int
	// Sent says that it is on. IsOwn is one that organizers write, all of which
	// can be changed; Words say what is fixed of another.
	Sent, IsOwn bool
	Words       []string
	// When, Whom and Text are the fields.
	When, Whom, Text []formField
	Placeholders     []placeholderView
	// CopyURL and RemoveURL are empty where there is nothing to copy or remove.
	CopyURL, RemoveURL string
}

type placeholderView struct{ Name, Means string }

// formField is a field of a form for staff.
type formField struct {
	ID, Name, Label, Hint, Value, Fault string
	Lines, Max                          int
	IsDate, Figures, Fixed              bool
	Choices                             []choice
}

// The placeholders with what each stands for.
var placeholderViews = []placeholderView{
	{"{name}", "whom it greets"}, {"{practice}", "your name"}, {"{day}", "the day, such as Friday 12 March"},
	{"{time}", "the time of day, where there is one"}, {"{session}", "the title of the session"},
	{"{amount}", "what is open of the payment"}, {"{link}", "their own page"},
}

func reminderURL(cohortID, id string) string {
	return remindersURL(cohortID) + "/" + url.PathEscape(id)
}

// typedReminder is a reminder as the form has it, all of it text.
type typedReminder struct {
	Sent                                                     bool
	Count, Unit, Direction, Anchor, Clock, To, While, By     string
	Useful, Late, Template, Subject, Body, Short, ID, Copied string
}

func typedOf(r notifications.Reminder) typedReminder {
	t := typedReminder{
		ID: r.ID, Sent: !r.Off, Count: strconv.Itoa(max(r.Days, -r.Days)), Unit: "days", Direction: "before", Anchor: string(r.Anchor), Clock: string(r.Clock),
		To: string(r.To), While: string(r.While), By: "mail", Late: string(r.Late), Template: r.Template, Subject: r.Subject, Body: r.Body, Short: r.Short,
	}
	if r.Anchor == notifications.AtSessionStart || r.Anchor == notifications.AtSessionEnd {
		t.Anchor += ":" + string(r.Sessions)
	}
	if r.Clock == "" {
		t.Unit, t.Count = "minutes", strconv.Itoa(max(r.Minutes, -r.Minutes))
	}
	if r.After {
		t.Direction = "after"
	}
	switch {
	case r.Text:
		t.By = "text"
	case r.Beside:
		t.By = "both"
	}
	if r.UsefulHours > 0 {
		t.Useful = strconv.Itoa(r.UsefulHours)
	}
	return t
}

func typedIn(form url.Values) typedReminder {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	return typedReminder{
		Sent: form.Has("sent"), Count: get("count"), Unit: get("unit"), Direction: get("direction"), Anchor: get("anchor"), Clock: get("clock"),
		To: get("to"), While: get("while"), By: get("by"), Useful: get("useful"), Late: get("late"), Template: get("template"),
		Subject: get("subject"), Body: get("body"), Short: get("short"),
	}
}

// read makes a reminder of what was typed; of one that all dates have, was says
// the rest.
func (t typedReminder) read(was notifications.Reminder, faults fault.Fields) notifications.Reminder {
	r := was
	if r.ID == "" || r.IsOwn() {
		anchor, sessions, _ := strings.Cut(t.Anchor, ":")
		r.Anchor, r.Sessions, r.After = notifications.Anchor(anchor), retreats.SessionKind(sessions), t.Direction == "after"
		r.To, r.While, r.Template = notifications.Audience(t.To), notifications.Condition(t.While), t.Template
		r.Subject, r.Body, r.Short = t.Subject, t.Body, t.Short
		if r.Anchor == notifications.AtConfirmed || r.Anchor == notifications.AtJoined {
			r.After = true
		}
		r.Clock = ""
		if t.Unit != "minutes" {
			r.Clock = civil.Clock("10:00")
		}
	}
	r.Off, r.Late, r.Text, r.Beside = !t.Sent, notifications.Late(t.Late), t.By == "text", t.By == "both"
	t.readTime(&r, faults)
	r.UsefulHours = 0
	if t.Useful != "" {
		hours, err := strconv.Atoi(t.Useful)
		if err != nil || hours < 0 {
			faults["useful"] = wholeNumber
		}
		r.UsefulHours = hours
	}
	return r
}

const wholeNumber = "Please write a whole number."

func (t typedReminder) readTime(r *notifications.Reminder, faults fault.Fields) {
	if r.IsAtOnce() {
		return
	}
	n, err := strconv.Atoi(t.Count)
	if err != nil || n < 0 {
		faults["count"] = wholeNumber
	}
	if !r.After {
		n = -n
	}
	if r.Clock == "" {
		r.Days, r.Minutes = 0, n
		return
	}
	r.Days, r.Minutes = n, 0
	clock, err := civil.ParseClock(t.Clock)
	if err != nil {
		faults["clock"] = fault.TextOf(err)
		return
	}
	r.Clock = clock
}

// newReminder is what the form of a new reminder begins with.
var newReminder = notifications.Reminder{
	Template: notifications.TellNote, Anchor: notifications.AtSessionStart, Sessions: retreats.Preparation, Days: -2, Clock: "10:00",
	Late: notifications.LateNearest,
}

// writeReminder shows the form of a new reminder, which may begin as another one.
func (h *StaffHandlers) writeReminder(c echo.Context) error {
	ctx, id := c.Request().Context(), c.Param("id")
	set, err := h.options.Notices.Reminders(ctx, id)
	if err != nil {
		return err
	}
	begin := newReminder
	if i := slices.IndexFunc(set.Reminders, func(r notifications.Reminder) bool { return r.ID == c.QueryParam("copy") }); i >= 0 {
		begin = asOwn(set.Reminders[i])
	}
	return h.showReminder(c, begin, typedOf(begin), set.Version, nil)
}

// asOwn is a reminder as one that organizers write anew.
func asOwn(r notifications.Reminder) notifications.Reminder {
	r.ID = ""
	switch {
	case slices.Contains(notifications.Anchors, r.Anchor):
	case r.To == notifications.ToDriver:
		r.Anchor, r.Days, r.Clock, r.After = notifications.AtPickUp, -7, "10:00", false
	default:
		r.Anchor, r.Template, r.After = notifications.AtCohortEnd, notifications.TellNote, true
	}
	if !slices.Contains(notifications.Conditions, r.While) {
		r.While = notifications.DriverNotConfirmed
	}
	return r
}

func (h *StaffHandlers) oneReminder(c echo.Context) error {
	set, r, err := h.findReminder(c.Request().Context(), c.Param("id"), c.Param("reminder"))
	if err != nil {
		return err
	}
	return h.showReminder(c, r, typedOf(r), set.Version, nil)
}

func (h *StaffHandlers) findReminder(ctx context.Context, cohortID, id string) (*notifications.ReminderSet, notifications.Reminder, error) {
	set, err := h.options.Notices.Reminders(ctx, cohortID)
	if err != nil {
		return nil, notifications.Reminder{}, err
	}
	i := slices.IndexFunc(set.Reminders, func(r notifications.Reminder) bool { return r.ID == id })
	if i < 0 {
		return nil, notifications.Reminder{}, echo.ErrNotFound
	}
	return set, set.Reminders[i], nil
}

// saveReminder takes what was typed of a new reminder or of one that there is.
func (h *StaffHandlers) saveReminder(c echo.Context) error {
	ctx, cohortID := c.Request().Context(), c.Param("id")
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if _, err := h.options.Retreats.Cohort(ctx, cohortID); err != nil {
		return err
	}
	was := notifications.Reminder{Template: notifications.TellNote}
	if id := c.Param("reminder"); id != "" {
		if _, was, err = h.findReminder(ctx, cohortID, id); err != nil {
			return err
		}
	}
	typed, faults := typedIn(form), fault.Fields{}
	r := typed.read(was, faults)
	version, _ := strconv.Atoi(form.Get("version"))
	actor, _ := web.ActorOf(ctx)
	if len(faults) > 0 { // and what else is wrong, so that all of it is told at once
		rest := h.options.Notices.CheckReminder(r)
		maps.Copy(rest, faults)
		faults = rest
	}
	if err = fault.InvalidFields(faults); err == nil {
		_, _, err = h.options.Notices.WriteReminder(ctx, cohortID, r, version, actor.By())
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, remindersURL(cohortID)+"?done=1")
	}
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	web.Note(ctx, err)
	return h.showReminder(c, was, typed, version, err)
}

// showReminder is the form with what was typed, and what is wrong with it.
func (h *StaffHandlers) showReminder(c echo.Context, r notifications.Reminder, typed typedReminder, version int, problem error) error {
	cohort, err := h.options.Retreats.Cohort(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	data := &reminderPage{
		Name: cohort.Name, Dates: web.Dates(cohort.StartsOn, cohort.EndsOn), ZoneName: web.ZoneName(cohort.Zone), BackURL: remindersURL(cohort.ID),
		Action: remindersURL(cohort.ID) + "/new", Heading: "A new reminder", Version: version, Sent: typed.Sent, IsOwn: true,
	}
	if r.ID != "" {
		data.Action, data.Heading, data.IsOwn = reminderURL(cohort.ID, r.ID), "Reminder: "+nameOf(r), r.IsOwn()
		data.CopyURL = remindersURL(cohort.ID) + "/new?copy=" + url.QueryEscape(r.ID)
		if r.IsOwn() {
			data.RemoveURL = data.Action + "/remove"
		} else {
			data.Words = []string{"It is sent " + r.Words() + ", to " + r.AudienceWords() + ".", "Its text and to whom it goes are the same for all dates. To change these, make a copy and switch this one off."}
		}
	}
	data.Page = web.Page{Title: data.Heading, Private: true}
	data.fields(r, typed)
	status := http.StatusOK
	if problem != nil {
		status = web.Status(problem)
		data.fail(problem)
	}
	return h.server.Render(c, status, "staff_reminder", data)
}

// nameOf says for lists which reminder it is.
func nameOf(r notifications.Reminder) string {
	if r.Template == notifications.TellNote {
		return "“" + r.Subject + "”"
	}
	return r.Title()
}

// fail puts what is wrong beside the fields, and says it at the top.
func (p *reminderPage) fail(err error) {
	faults := fault.FieldsOf(err)
	if len(faults) == 0 {
		p.Problem = fault.TextOf(err)
		return
	}
	for name, field := range map[string]string{"days": "count", "minutes": "count", "sessions": "anchor"} {
		if text := faults[name]; text != "" && faults[field] == "" {
			faults[field] = text
		}
	}
	for _, group := range [][]formField{p.When, p.Whom, p.Text} {
		for i := range group {
			if text := faults[group[i].Name]; text != "" {
				group[i].Fault = text
				p.Summary = append(p.Summary, faultView{ID: group[i].ID, Text: group[i].Label + ": " + text})
			}
		}
	}
	if len(p.Summary) == 0 {
		p.Problem = fault.TextOf(err)
	}
}
