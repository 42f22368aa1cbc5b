package stripepay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/stripe/stripe-go/v76"

	"lantern/internal/fault"
)

// The named errors of requests. Each carries an *Error as its cause, except
// ErrUnreachable when no answer came at all.
var (
	// ErrUnreachable: no answer, a passing fault at Stripe, too many requests,
	// or a key that Stripe does not accept. Trying again later is sensible,
	// with the same idempotency key unless Replayed.
	ErrUnreachable = fault.New(fault.Unavailable, "Card payments cannot be reached at the moment. Please try again in a few minutes.")
	// ErrDeclined: the card was refused; Code says why.
	ErrDeclined = fault.New(fault.Invalid, "The card was declined. Please use another card or ask your bank.")
	// ErrRefused: Stripe does not accept the request as it is, and nothing came
	// of it: a time out of bounds, an address it takes for none.
	ErrRefused = fault.New(fault.Invalid, "The card service did not accept this. Nothing was charged. Please write to us.")
	// ErrNotFound: Stripe has no such object for this account.
	ErrNotFound = fault.New(fault.NotFound, "There is no such payment.")
	// ErrKeyReused: the idempotency key belongs to another request.
	ErrKeyReused = fault.New(fault.Conflict, "This payment was already asked for in another way.")
	// ErrAmount: too small or too large for a card payment in this currency.
	ErrAmount = fault.New(fault.Invalid, "This amount cannot be paid by card.")
	// ErrAlreadyRefunded: the whole payment has been returned.
	ErrAlreadyRefunded = fault.New(fault.Conflict, "This payment has already been refunded in full.")
	// ErrRefundTooLarge: more than is left of the payment.
	ErrRefundTooLarge = fault.New(fault.Conflict, "The refund is larger than what is left of the payment.")
)

// Error is Stripe's own account of a failure, without anything personal in its
// text. It is the cause of the faults that this package returns.
type Error struct {
	Type        string // Stripe's: card_error, invalid_request_error, idempotency_error, api_error
	Code        string // Stripe's error code, often empty
	DeclineCode string // the bank's reason; only with card errors
	Param       string // the parameter at fault
	Status      int    // HTTP
	RequestID   string // finds the request in Stripe's dashboard, where its whole message stands
	Replayed    bool   // the kept answer to an earlier request with the same key

	// Message is Stripe's sentence for developers. It may repeat what a person
	// typed, so it stays out of Error() and of every log.
	Message string
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stripe answered %d %s", e.Status, e.Type)
	for _, part := range []struct{ name, value string }{
		{"code", e.Code}, {"decline", e.DeclineCode}, {"param", e.Param}, {"request", e.RequestID},
	} {
		if part.value != "" {
			fmt.Fprintf(&b, ", %s %s", part.name, part.value)
		}
	}
	if e.Replayed {
		b.WriteString(", replayed")
	}
	return b.String()
}

// Code gives Stripe's error code and the bank's reason for a declined card, as
// far as err's chain has them.
func Code(err error) (code, declineCode string) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code, e.DeclineCode
	}
	return "", ""
}

// Replayed reports whether the failure is the kept answer of an earlier
// request. Repeating it with the same key gives the same answer for a day: look
// at what was done, then ask with a new key.
func Replayed(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Replayed
}

// explain turns what stripe-go returned into one of the named faults.
func explain(doing string, err error) error {
	failure, ok := errors.AsType[*stripe.Error](err)
	if !ok {
		return ErrUnreachable.Because(fmt.Errorf("%s: %w", doing, withoutContent(err)))
	}
	own := &Error{
		Type: string(failure.Type), Code: string(failure.Code), DeclineCode: string(failure.DeclineCode),
		Param: failure.Param, Status: failure.HTTPStatusCode, RequestID: failure.RequestID, Message: failure.Msg,
		Replayed: failure.LastResponse != nil && failure.LastResponse.Header.Get("Idempotent-Replayed") == "true",
	}
	return faultFor(own).Because(fmt.Errorf("%s: %w", doing, own))
}

func faultFor(e *Error) *fault.Error {
	switch e.Status {
	// 401 and 403 are a wrong or withdrawn key: nothing the caller can change,
	// and all is well again once the settings are.
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusConflict:
		return ErrUnreachable
	case http.StatusNotFound:
		return ErrNotFound
	}
	switch {
	case e.Status >= http.StatusInternalServerError:
		return ErrUnreachable
	case e.Type == string(stripe.ErrorTypeCard):
		return ErrDeclined
	case e.Type == string(stripe.ErrorTypeIdempotency):
		return ErrKeyReused
	}
	switch stripe.ErrorCode(e.Code) {
	case stripe.ErrorCodeAmountTooSmall, stripe.ErrorCodeAmountTooLarge:
		return ErrAmount
	case stripe.ErrorCodeChargeAlreadyRefunded:
		return ErrAlreadyRefunded
	case stripe.ErrorCodeResourceMissing:
		return ErrNotFound
	}
	return ErrRefused
}

// withoutContent drops addresses (they hold ids that open pages) and bodies
// from an error before it can reach a log.
func withoutContent(err error) error {
	if address, ok := errors.AsType[*url.Error](err); ok {
		return address.Err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if broken, ok := errors.AsType[net.Error](err); ok {
		return broken
	}
	return errors.New("the answer is not one of Stripe's")
}
