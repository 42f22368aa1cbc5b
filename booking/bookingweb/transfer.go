package bookingweb

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// datesPage is where a couple with a place looks for other dates.
type datesPage struct {
	web.Page
	URL, Name, Dates, Ref, Contact string
	// Refused says why they cannot change by themselves.
	Refused string
	Targets []targetView
}

// targetView are dates that the couple could change to.
type targetView struct{ URL, Name, Dates, Location, Money string }

// transferPage is what changing to some dates means, before the couple does it.
type transferPage struct {
	web.Page
	URL, Back, Name, Dates, Ref string
	To                          targetView
	Price, Returned             string
	Charges                     []lineView
	Percent                     int
	Seen                        int64 // the price, to be sent with the answer
	Statement                   []string
	Problem, Fault              string
}

// otherDates lists where the couple could go with its place.
func (h *Handlers) otherDates(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	now := h.options.Retreats.Now()
	data := &datesPage{
		Page: web.Page{Title: "Other dates", Private: true}, URL: "/b/" + c.Param("token"), Name: visited.Cohort.Name,
		Dates: web.Dates(visited.Cohort.StartsOn, visited.Cohort.EndsOn), Ref: visited.Booking.Ref, Contact: h.options.Contact,
	}
	if err := visited.MayTransfer(now); err != nil {
		data.Refused = fault.TextOf(err)
		return h.server.Render(c, http.StatusOK, "dates", data)
	}
	targets, err := h.options.Bookings.TransferTargets(c.Request().Context(), visited)
	if err != nil {
		return err
	}
	for _, to := range targets {
		data.Targets = append(data.Targets, targetOf(visited.PreviewTransfer(to, now), data.URL))
	}
	return h.server.Render(c, http.StatusOK, "dates", data)
}

func targetOf(p booking.TransferPreview, page string) targetView {
	to := targetView{
		URL: page + "/dates/" + url.PathEscape(p.Cohort.ID), Name: p.Cohort.Name,
		Dates: web.Dates(p.Cohort.StartsOn, p.Cohort.EndsOn), Location: p.Cohort.Programme.Location,
		Money: "Nothing more is to pay.",
	}
	switch {
	case !p.Returned.IsZero():
		to.Money = p.Returned.String() + " comes back to you."
	case !p.Rest.IsZero():
		to.Money = p.Rest.String() + " is still to pay."
	}
	return to
}

// transferForm shows what changing to those dates means.
func (h *Handlers) transferForm(c echo.Context) error {
	return h.showTransfer(c, http.StatusOK, nil)
}

func (h *Handlers) showTransfer(c echo.Context, status int, refusal error) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	page := "/b/" + c.Param("token")
	if visited.MayTransfer(h.options.Retreats.Now()) != nil {
		return c.Redirect(http.StatusSeeOther, page+"/dates")
	}
	to, err := h.options.Retreats.OfferedCohort(c.Request().Context(), c.Param("cohort"))
	if err != nil {
		return err
	}
	if to.Price.Currency != visited.Booking.Price.Currency {
		return c.Redirect(http.StatusSeeOther, page+"/dates")
	}
	now := h.options.Retreats.Now()
	preview := visited.PreviewTransfer(to, now)
	data := &transferPage{
		Page: web.Page{Title: "Change to other dates", Private: true}, URL: page + "/dates/" + url.PathEscape(to.ID), Back: page + "/dates",
		Name: visited.Cohort.Name, Dates: web.Dates(visited.Cohort.StartsOn, visited.Cohort.EndsOn), Ref: visited.Booking.Ref,
		To: targetOf(preview, page), Price: preview.Price.String(), Seen: preview.Price.Minor, Percent: visited.Quote(now).Percent,
		Statement: strings.Split(strings.TrimSpace(to.Policy.Statement(to.StartsOn)), "\n"),
	}
	if !preview.Returned.IsZero() {
		data.Returned = preview.Returned.String()
	}
	for _, charge := range preview.Charges {
		data.Charges = append(data.Charges, lineView{Amount: charge.Amount.String(), When: web.Date(charge.DueAt, to.Location())})
	}
	if refusal != nil {
		data.Problem, data.Fault = fault.TextOf(refusal), fault.FieldsOf(refusal)["accept_policy"]
	}
	return h.server.Render(c, status, "transfer", data)
}

// transfer changes to those dates.
func (h *Handlers) transfer(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if visited.Booking.CohortID == c.Param("cohort") {
		return h.back(c) // the form came twice
	}
	ctx := c.Request().Context()
	err = h.options.Bookings.TransferByCouple(ctx, visited.Booking.ID, booking.Transfer{
		To: c.Param("cohort"), AcceptPolicy: form.Get("accept_policy") != "", IP: web.AddressOf(ctx),
		Seen: seenIn(form, "price", visited.Booking.Price.Currency),
	})
	switch fault.KindOf(err) {
	case "":
		return h.back(c)
	case fault.Invalid, fault.Conflict:
		return h.showTransfer(c, web.Status(err), err)
	}
	return err
}

// transferTargets are where staff can change a couple with a place to, with
// what it means for the couple's money.
func (h *Handlers) transferTargets(ctx context.Context, c booking.Case, now time.Time) ([]optionView, error) {
	targets, err := h.options.Bookings.TransferTargets(ctx, c)
	var out []optionView
	for _, to := range targets {
		view := targetOf(c.PreviewTransfer(to, now), "")
		out = append(out, optionView{Value: to.ID, Text: view.Name + ", " + view.Dates + ": " + view.Money})
	}
	return out, err
}

func (h *Handlers) staffTransfer(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.TransferByStaff(ctx, id, form.Get("to"), form.Get("reason"), by)
}
