package notificationsweb

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/internal/web"
	"lantern/internal/wording"
	"lantern/notifications"
)

// wordingListPage is all messages that have words.
type wordingListPage struct {
	web.Page
	MailTable, TextTable wordingTable
}

type wordingTable struct {
	Title string
	Texts bool
	Rows  []wordingRow
}

type wordingRow struct {
	URL, Title, Subject string
	Own                 bool
	// Broken says that the own words need somebody, empty if they do not.
	Broken, By string
	When       web.Moment
}

// wordingPage is where an organizer writes the words of one message.
type wordingPage struct {
	web.Page
	URL, What             string
	IsText, Own           bool
	Version               int
	Done, Problem, Broken string
	Summary               []faultView
	Subject, Text         string
	SubjectFault          string
	TextFault             string
	Fields                []notifications.FieldWords
	Occasions             []choice
	Preview               wordingPreview
	// Default are Lantern's own words, Now those that are stored.
	Default, Now wording.Source
	Trail        []trailView
}

// wordingPreview is what comes of the words as they are in the form.
type wordingPreview struct {
	Subject, Text string
	// FrameURL shows the mail, empty for none.
	FrameURL string
	// Length of a text at its longest, of so many characters.
	Length, Most int
	Faults       []string
}

const wordingsURL = "/staff/wording"

func wordingURL(id string) string { return wordingsURL + "/" + url.PathEscape(id) }

func (h *StaffHandlers) wordingRoutes() []web.Route {
	const one = wordingsURL + "/:id"
	return []web.Route{
		{Method: http.MethodGet, Path: wordingsURL, Right: access.ManageCohorts, Handle: h.wordings},
		{Method: http.MethodGet, Path: one, Right: access.ManageCohorts, Handle: h.wording},
		{Method: http.MethodPost, Path: one, Right: access.ManageCohorts, Handle: h.reword},
		{Method: http.MethodPost, Path: one + "/preview", Right: access.ManageCohorts, Handle: h.previewWording},
		{Method: http.MethodPost, Path: one + "/restore", Right: access.ManageCohorts, Handle: h.restoreWording},
		{Method: http.MethodGet, Path: one + "/mail.html", Right: access.ManageCohorts, Handle: h.wordingMail},
	}
}

func (h *StaffHandlers) wordings(c echo.Context) error {
	all, err := h.options.Notices.Wordings(c.Request().Context())
	if err != nil {
		return err
	}
	data := &wordingListPage{Page: web.Page{Title: "The words of messages", Private: true}, MailTable: wordingTable{Title: "Mails"}, TextTable: wordingTable{Title: "Text messages", Texts: true}}
	for _, w := range all {
		row := wordingRow{URL: wordingURL(w.Saying.ID), Title: w.Title, Subject: w.Sample, Own: w.Wording.Own, Broken: brokenWords(w)}
		if n := len(w.Trail); n > 0 {
			row.By, row.When = w.Trail[n-1].By, web.At(w.Trail[n-1].At, time.UTC)
		}
		if w.IsText() {
			data.TextTable.Rows = append(data.TextTable.Rows, row)
		} else {
			data.MailTable.Rows = append(data.MailTable.Rows, row)
		}
	}
	return h.server.Render(c, http.StatusOK, "staff_wordings", data)
}

// brokenWords says why own words are not used, or were not at a time.
func brokenWords(w notifications.Worded) string {
	switch {
	case w.Broken != "":
		return "These words do not pass what is asked of them any more; where they cannot be used, Lantern's own are sent. " + w.Broken
	case w.FailedAt != nil:
		where := ""
		if w.FailedLine > 0 {
			where = " The place is line " + strconv.Itoa(w.FailedLine) + "."
		}
		return "For a message on " + web.At(*w.FailedAt, time.UTC).Text + " UTC these words could not be used, so Lantern's own were sent." + where
	}
	return ""
}

// wordingForm is what was typed on the page, or what is to be shown at first.
type wordingForm struct {
	wording.Source
	of string
}

func readWording(typed url.Values) wordingForm {
	return wordingForm{Source: wording.Source{Subject: typed.Get("subject"), Text: typed.Get("text")}, of: typed.Get("of")}
}

func (h *StaffHandlers) wording(c echo.Context) error {
	w, err := h.options.Notices.WordingOf(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	data, err := h.wordingData(c.Request().Context(), w, wordingForm{Source: w.Source(), of: c.QueryParam("of")})
	if err != nil {
		return err
	}
	switch c.QueryParam("done") {
	case "saved":
		data.Done = "From now on this message is sent in these words."
	case "restored":
		data.Done = "This message is sent in Lantern's own words again."
	}
	return h.server.Render(c, http.StatusOK, "staff_wording", data)
}

func (h *StaffHandlers) wordingData(ctx context.Context, w notifications.Worded, form wordingForm) (*wordingPage, error) {
	data := &wordingPage{
		Page: web.Page{Title: "Words: " + w.Title, Private: true, Wide: true}, URL: wordingURL(w.Saying.ID), What: w.Title, IsText: w.IsText(), Own: w.Wording.Own,
		Version: w.Version, Broken: brokenWords(w), Subject: form.Subject, Text: form.Text, Fields: w.Fields(), Default: w.Saying.Own, Now: w.Source(),
	}
	occasions, err := h.options.Notices.Occasions(ctx, w.Saying.ID)
	if err != nil {
		return nil, err
	}
	data.Occasions = []choice{{Value: "", Text: "a sample", Here: form.of == ""}}
	for _, o := range occasions {
		data.Occasions = append(data.Occasions, choice{Value: o.Message, Text: o.Hello + ", " + web.At(o.DueAt, time.UTC).Text, Here: o.Message == form.of})
	}
	if data.Preview, err = h.preview(ctx, w, form); err != nil {
		return nil, err
	}
	for _, line := range slices.Backward(w.Trail) {
		data.Trail = append(data.Trail, trailView{When: web.At(line.At, time.UTC).Text, By: line.By, What: line.What, From: line.From, To: line.To})
	}
	return data, nil
}

func (h *StaffHandlers) preview(ctx context.Context, w notifications.Worded, form wordingForm) (wordingPreview, error) {
	tried, err := h.options.Notices.TryWords(ctx, w.Saying.ID, form.of, form.Source)
	if err != nil {
		return wordingPreview{}, err
	}
	shown := wordingPreview{Subject: tried.Subject, Text: tried.Text, Length: tried.Septets, Most: sms.Longest}
	for _, field := range []string{"subject", "text"} {
		if text := tried.Faults[field]; text != "" {
			shown.Faults = append(shown.Faults, text)
		}
	}
	if tried.HTML != "" {
		draft, err := h.options.Notices.KeepDraft(w.Saying.ID, form.of, form.Source)
		if err != nil {
			return wordingPreview{}, err
		}
		shown.FrameURL = wordingURL(w.Saying.ID) + "/mail.html?draft=" + draft
	}
	return shown, nil
}

// previewWording redraws the page with what was typed and what comes of it.
func (h *StaffHandlers) previewWording(c echo.Context) error {
	return h.redrawWording(c, http.StatusOK, nil)
}

func (h *StaffHandlers) redrawWording(c echo.Context, status int, problem error) error {
	typed, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	w, err := h.options.Notices.WordingOf(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	form := readWording(typed)
	if !typed.Has("text") {
		form.Source = w.Source() // nothing was typed that could be kept
	}
	data, err := h.wordingData(ctx, w, form)
	if err != nil {
		return err
	}
	if fault.KindOf(problem) != fault.Conflict {
		// Words that somebody else has changed meanwhile are not overwritten
		// before they have been shown.
		data.Version = versionOf(typed)
	}
	data.fail(problem)
	return h.server.Render(c, status, "staff_wording", data)
}

func (h *StaffHandlers) reword(c echo.Context) error {
	typed, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("id")
	actor, _ := web.ActorOf(ctx)
	_, err = h.options.Notices.Reword(ctx, id, readWording(typed).Source, versionOf(typed), actor.By())
	if err == nil {
		return c.Redirect(http.StatusSeeOther, wordingURL(id)+"?done=saved")
	}
	return h.refuseWording(c, err)
}

func (h *StaffHandlers) restoreWording(c echo.Context) error {
	typed, err := web.Form(c)
	if err != nil {
		return err
	}
	ctx, id := c.Request().Context(), c.Param("id")
	actor, _ := web.ActorOf(ctx)
	if _, err = h.options.Notices.RestoreWording(ctx, id, versionOf(typed), actor.By()); err == nil {
		return c.Redirect(http.StatusSeeOther, wordingURL(id)+"?done=restored")
	}
	return h.refuseWording(c, err)
}

func versionOf(typed url.Values) int {
	version, err := strconv.Atoi(typed.Get("version"))
	if err != nil {
		return -1 // that of no words
	}
	return version
}

func (h *StaffHandlers) refuseWording(c echo.Context, err error) error {
	if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict {
		return err
	}
	web.Note(c.Request().Context(), err)
	return h.redrawWording(c, web.Status(err), err)
}

// fail puts what is wrong beside the fields, and says it at the top.
func (p *wordingPage) fail(err error) {
	if err == nil {
		return
	}
	faults := fault.FieldsOf(err)
	if len(faults) == 0 {
		p.Problem = fault.TextOf(err)
		return
	}
	p.SubjectFault, p.TextFault = faults["subject"], faults["text"]
	for _, field := range []string{"subject", "text"} {
		if text := faults[field]; text != "" {
			p.Summary = append(p.Summary, faultView{ID: field, Text: text})
		}
	}
}

// wordingMail is the HTML part of a draft as a mail program would show it, in
// the frame of the editor: a page does not allow styles of a mail's kind.
func (h *StaffHandlers) wordingMail(c echo.Context) error {
	tried, err := h.options.Notices.ShowDraft(c.Request().Context(), c.Param("id"), c.QueryParam("draft"))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Security-Policy", mailPolicy)
	return c.HTML(http.StatusOK, tried.HTML)
}
