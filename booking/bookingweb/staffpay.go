package bookingweb

import (
	"context"
	"net/url"
	"strconv"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/money"
)

// What staff do to a couple's money, from its page.

// moneyField is a field of one of the forms. Unit is the currency of an amount.
type moneyField struct {
	ID, Name, Label, Unit, Typed, Fault string
	Options                             []optionView
}

func (p *staffBookingPage) field(form, name, label string) moneyField {
	key := form + "." + name
	return moneyField{ID: form + "_" + name, Name: name, Label: label, Typed: p.Typed[key], Fault: p.Faults[key]}
}

// Text is a field for words.
func (p *staffBookingPage) Text(form, name, label string) moneyField {
	return p.field(form, name, label)
}

// Figure is a field for an amount in the couple's currency.
func (p *staffBookingPage) Figure(form, name, label string) moneyField {
	f := p.field(form, name, label)
	f.Unit = p.Money.Currency
	return f
}

// Choice is a field in which one of several is chosen.
func (p *staffBookingPage) Choice(form, name, label string, options []optionView) moneyField {
	f := p.field(form, name, label)
	f.Options = options
	return f
}

// Methods are how money comes that staff record.
func (p *staffBookingPage) Methods() []optionView {
	return []optionView{
		{Value: string(booking.ByTransfer), Text: "Bank transfer"}, {Value: string(booking.ByCash), Text: "Cash"},
	}
}

// amountIn reads an amount in the booking's currency as somebody typed it.
func (h *Handlers) amountIn(ctx context.Context, id string, form url.Values, field string) (money.Amount, error) {
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return money.Amount{}, err
	}
	amount, err := money.Parse(form.Get(field), c.Booking.Price.Currency)
	if err != nil {
		return money.Amount{}, fault.InvalidFields(fault.Fields{field: fault.TextOf(err)})
	}
	return amount, nil
}

// seenIn is what the page had said when it was sent, nil if it says nothing.
func seenIn(form url.Values, field, currency string) *money.Amount {
	minor, err := strconv.ParseInt(form.Get(field), 10, 64)
	if err != nil {
		return nil
	}
	seen := money.Of(minor, currency)
	return &seen
}

func (h *Handlers) recordPayment(ctx context.Context, id string, form url.Values, by audit.By) error {
	amount, err := h.amountIn(ctx, id, form, "amount")
	if err != nil {
		return err
	}
	return h.options.Bookings.RecordPayment(ctx, id, booking.Received{
		Charge: form.Get("charge"), Amount: amount, Method: booking.Method(form.Get("method")),
		Reference: form.Get("reference"), Partner: partnerIn(form),
	}, by)
}

func (h *Handlers) strikePayment(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.StrikePayment(ctx, id, form.Get("payment"), form.Get("reason"), by)
}

func (h *Handlers) grantPrice(ctx context.Context, id string, form url.Values, by audit.By) error {
	price, err := h.amountIn(ctx, id, form, "price")
	if err != nil {
		return err
	}
	return h.options.Bookings.Grant(ctx, id, price, form.Get("reason"), by)
}

func (h *Handlers) giveMoney(ctx context.Context, id string, form url.Values, by audit.By) error {
	amount, err := h.amountIn(ctx, id, form, "amount")
	if err != nil {
		return err
	}
	return h.options.Bookings.Give(ctx, id, booking.Gift{
		Amount: amount, Reason: form.Get("reason"), Seen: seenIn(form, "kept", amount.Currency),
	}, by)
}

func (h *Handlers) refundSent(ctx context.Context, id string, form url.Values, by audit.By) error {
	return h.options.Bookings.RefundSent(ctx, id, form.Get("refund"), form.Get("reference"), by)
}

func (h *Handlers) endBooking(ctx context.Context, id string, form url.Values, by audit.By) error {
	ending := booking.Ending{Kind: booking.EndingKind(form.Get("kind")), Reason: form.Get("reason")}
	c, err := h.options.Bookings.Case(ctx, id)
	if err != nil {
		return err
	}
	switch ending.Kind {
	case booking.EndWithAmount:
		if ending.Amount, err = h.amountIn(ctx, id, form, "amount"); err != nil {
			return err
		}
	case booking.EndByPolicy:
		ending.Seen = seenIn(form, "quoted", c.Booking.Price.Currency)
	}
	return h.options.Bookings.End(ctx, id, ending, by)
}
