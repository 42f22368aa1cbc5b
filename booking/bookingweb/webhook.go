package bookingweb

import (
	"errors"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/fault"
	"lantern/internal/stripepay"
	"lantern/internal/web"
)

// webhook takes Stripe's word that something has happened. Nothing is read
// before the signature is checked. Whatever fails answers 5xx, so that Stripe
// says it again.
func (h *Handlers) webhook(c echo.Context) error {
	payload, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return err
	}
	event, err := h.options.Bookings.ParseEvent(payload, c.Request().Header.Get(stripepay.SignatureHeader))
	if fault.KindOf(err) == fault.Invalid {
		web.Note(c.Request().Context(), err)
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	if errors.Is(err, stripepay.ErrAPIVersion) {
		// Stripe keeps the event and says it again; staff see why nothing comes.
		return errors.Join(err, h.options.Bookings.NoteWrongVersion(c.Request().Context(), event))
	}
	if err != nil {
		return err
	}
	if err := h.options.Bookings.TakeEvent(c.Request().Context(), event); err != nil {
		return err
	}
	return c.NoContent(http.StatusOK)
}
