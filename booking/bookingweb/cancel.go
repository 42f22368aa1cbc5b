package bookingweb

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
	"lantern/retreats"
)

// cancelForm asks before it cancels.
func (h *Handlers) cancelForm(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	if visited.Booking.IsOver() || !visited.Booking.HasNothing() {
		return h.back(c)
	}
	return h.server.Render(c, http.StatusOK, "cancel", &cancelPage{
		Page: web.Page{Title: "Give up your place", Private: true}, URL: "/b/" + c.Param("token"), Name: visited.Cohort.Name,
		Dates: web.Dates(visited.Cohort.StartsOn, visited.Cohort.EndsOn), Ref: visited.Booking.Ref,
		Waiting: visited.Standing.State == retreats.WaitingOn,
	})
}

func (h *Handlers) cancel(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	err = h.options.Bookings.Cancel(c.Request().Context(), visited.Booking.ID, nil)
	if err != nil && !errors.Is(err, booking.ErrOver) {
		return err
	}
	return h.back(c)
}

// answer takes what the couple says to its offer.
func (h *Handlers) answer(c echo.Context) error {
	visited, _, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get("accept_policy") != "" {
		if err := h.options.Bookings.AcceptTerms(c.Request().Context(), visited.Booking.ID, web.AddressOf(c.Request().Context())); err != nil {
			return err
		}
	}
	answer := booking.Answer(form.Get("answer"))
	err = h.options.Bookings.AnswerOffer(c.Request().Context(), visited.Booking.ID, answer)
	if err == nil && answer == booking.AcceptOffer {
		// What becomes of the couple's other turns is theirs to say.
		err = h.options.Bookings.LeaveOthers(c.Request().Context(), visited.Booking, form["leave"])
	}
	if fault.KindOf(err) == fault.Invalid {
		return h.redrawPlace(c, form, "offer", err)
	}
	if err != nil && fault.KindOf(err) != fault.Conflict && !errors.Is(err, booking.ErrOver) {
		return err
	}
	return h.back(c)
}
