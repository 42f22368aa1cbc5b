package bookingweb

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// What a partner does about money on their own link.

// orderOf reads what a partner wants to pay: of which charge, and whose part.
func orderOf(charge, share string, reader int) (booking.Order, error) {
	order := booking.Order{Charge: charge, Partner: reader}
	switch share {
	case "", "all":
	case "own":
		order.Share = new(reader)
	case "other":
		order.Share = new(1 - reader)
	default:
		return order, fault.InvalidFields(fault.Fields{"share": "Pay your own part, the other one, or all of it."})
	}
	return order, nil
}

// pay leads to the card page.
func (h *Handlers) pay(c echo.Context) error {
	return h.toCardPage(c, "pay", func(visited booking.Case, partner int, form url.Values) (string, error) {
		order, err := orderOf(form.Get("charge"), form.Get("share"), partner)
		if err != nil {
			return "", err
		}
		if form.Get("save_card") != "" {
			if err := agreed(visited, partner, order.Charge, form.Get("agreement")); err != nil {
				return "", err
			}
			order.SaveCard = true
		}
		return h.options.Bookings.Pay(c.Request().Context(), visited.Booking.ID, order)
	})
}

// card leads to the page that saves a card, or takes the agreement back.
func (h *Handlers) card(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	if form.Get("do") == "forget" {
		return h.preparing(c, "card", func(visited booking.Case, partner int, _ url.Values) error {
			return h.options.Bookings.ForgetCard(ctx, visited.Booking.ID, partner)
		})
	}
	return h.toCardPage(c, "card", func(visited booking.Case, partner int, form url.Values) (string, error) {
		if form.Get("agree") == "" {
			return "", fault.InvalidFields(fault.Fields{"agree": "Please tick the box if you agree."})
		}
		if err := agreed(visited, partner, "", form.Get("agreement")); err != nil {
			return "", err
		}
		return h.options.Bookings.SaveCard(ctx, visited.Booking.ID, partner)
	})
}

// toCardPage sends the reader to the address that do gives. What has been paid
// or has ended meanwhile is said by the couple's page.
func (h *Handlers) toCardPage(c echo.Context, name string, do func(booking.Case, int, url.Values) (string, error)) error {
	visited, partner, err := h.visit(c)
	if err != nil {
		return err
	}
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	address, err := do(visited, partner, form)
	switch {
	case errors.Is(err, errAgreementChanged), fault.KindOf(err) == fault.Invalid:
		return h.redrawPlace(c, form, name, err)
	case fault.KindOf(err) == fault.Conflict, errors.Is(err, booking.ErrOver):
		return h.back(c)
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, address)
}

// split says what each of the two pays.
func (h *Handlers) split(c echo.Context) error {
	ctx := c.Request().Context()
	return h.preparing(c, "split", func(visited booking.Case, partner int, form url.Values) error {
		first := 0
		if form.Get("how") == "parts" {
			typed := strings.TrimSuffix(strings.TrimSpace(form.Get("first")), "%")
			n, err := strconv.Atoi(strings.TrimSpace(typed))
			if err != nil || n < 1 || n > 99 {
				return fault.InvalidFields(fault.Fields{"first": "Write a whole number from 1 to 99."})
			}
			first = n
		}
		return h.options.Bookings.SplitPayments(ctx, visited.Booking.ID, first, partner)
	})
}
