package booking

import (
	"fmt"
	"time"

	"lantern/internal/money"
)

// Difference is something that our books and Stripe's do not say alike, or that
// our own do not explain. It never holds a name or an address.
type Difference struct {
	// BookingID is the couple's, empty if it is not known.
	BookingID string         `json:"booking_id,omitempty"`
	Kind      DifferenceKind `json:"kind"`
	// Object is the payment, refund, dispute, event or line that it is about.
	Object string `json:"object,omitempty"`
	// Ours and Theirs are what the books say; without a currency, nothing.
	Ours   money.Amount `json:"ours,omitzero"`
	Theirs money.Amount `json:"theirs,omitzero"`
	At     time.Time    `json:"at"`
	// Mended says that it had one meaning and is none any more.
	Mended bool `json:"mended,omitempty"`
}

// DifferenceKind says what differs.
type DifferenceKind string

// What was not known here and is taken in.
const (
	DiffPayment   DifferenceKind = "payment"   // money came
	DiffTry       DifferenceKind = "try"       // what came of a charge of a saved card
	DiffPage      DifferenceKind = "page"      // a card page has ended
	DiffRefund    DifferenceKind = "refund"    // money went back, or did not
	DiffDispute   DifferenceKind = "dispute"   // a payment is disputed, or is not any more
	DiffEvent     DifferenceKind = "event"     // Stripe could not deliver an event
	DiffForgotten DifferenceKind = "forgotten" // something was due for long and not done
)

// What has no one meaning, so that a person has to see to it.
const (
	DiffMissing  DifferenceKind = "missing"  // a payment of ours is not at Stripe
	DiffAmount   DifferenceKind = "amount"   // a payment differs
	DiffCurrency DifferenceKind = "currency" // a payment is not in the couple's currency
	DiffStranger DifferenceKind = "stranger" // money names a booking that is not here
	DiffRefunded DifferenceKind = "refunded" // more or less went back than our lines say
	DiffReturned DifferenceKind = "returned" // all went back by hand, and the couple has its place
	DiffWon      DifferenceKind = "won"      // a dispute was won after the booking had ended
	DiffNobodys  DifferenceKind = "nobodys"  // money is here that is for nothing (invariant 3)
	DiffStuck    DifferenceKind = "stuck"    // a refund has failed for good
	DiffSum      DifferenceKind = "sum"      // our own lines do not add up
	DiffUnsure   DifferenceKind = "unsure"   // it could not be compared
)

// isLike reports whether both are the same difference.
func (d Difference) isLike(other Difference) bool {
	return d.BookingID == other.BookingID && d.Kind == other.Kind && d.Object == other.Object && d.Mended == other.Mended
}

// Words say in one sentence what differs and what there is to do.
func (d Difference) Words() string {
	if d.Mended {
		return d.wordsOfMended()
	}
	switch d.Kind {
	case DiffMissing:
		return fmt.Sprintf("We have a payment of %s that Stripe does not have: look whether the account was changed, and tell the couple if nothing was paid.", d.Ours)
	case DiffAmount:
		return fmt.Sprintf("A payment is %s here and %s at Stripe: find out what was paid.", d.Ours, orNothing(d.Theirs))
	case DiffCurrency:
		return fmt.Sprintf("Stripe has %s for a couple that pays in another currency: give it back at Stripe.", d.Theirs)
	case DiffStranger:
		return fmt.Sprintf("Stripe has %s for a booking that is not here: find out who paid, and give it back at Stripe.", d.Theirs)
	case DiffRefunded:
		return fmt.Sprintf("Of a payment %s went back by our books and %s by Stripe's: look at its refunds at Stripe.", orNothing(d.Ours), orNothing(d.Theirs))
	case DiffReturned:
		return fmt.Sprintf("All %s went back at Stripe, and the couple still has its place: cancel the booking, or leave it if that is meant.", d.Theirs)
	case DiffWon:
		return fmt.Sprintf("A dispute was won after the booking had ended, and %s is with us: decide whether it goes back, and if so give it back at Stripe.", d.Ours)
	case DiffNobodys:
		return fmt.Sprintf("%s is with us for a couple without a place, and nothing is on its way back: give it back, or find out what it is for.", d.Ours)
	case DiffStuck:
		return fmt.Sprintf("The refund of %s has failed too often: ask the couple for an account, and send the money there.", d.Ours)
	case DiffSum:
		return fmt.Sprintf("The lines of a payment do not add up, %s is left of it: tell whoever looks after this program.", orNothing(d.Ours))
	case DiffUnsure:
		return "This could not be compared, and the log says why: compare again, and tell whoever looks after this program if it stays."
	}
	return "Stripe says something that is not in our books and could not be taken in: look at it at Stripe, and compare again."
}

func (d Difference) wordsOfMended() string {
	switch d.Kind {
	case DiffPayment:
		return fmt.Sprintf("A payment of %s was not known here and is taken in; nothing is left to do.", d.Theirs)
	case DiffTry:
		return "What came of a charge of a saved card was not known here and is taken in; nothing is left to do."
	case DiffPage:
		return "A card page had ended without our knowing, which is noted; nothing is left to do."
	case DiffRefund:
		return fmt.Sprintf("How a refund of %s stands was not known here and is taken in; nothing is left to do.", d.Theirs)
	case DiffDispute:
		return fmt.Sprintf("How a dispute about %s stands was not known here and is taken in: look at the booking.", d.Theirs)
	case DiffEvent:
		return "Stripe could not deliver an event, which is acted on now; nothing is left to do."
	case DiffForgotten:
		return "Something about the money was due for long, and is done now; nothing is left to do."
	}
	return "This differed and is mended; nothing is left to do."
}

func orNothing(a money.Amount) string {
	if a.Currency == "" {
		return "nothing"
	}
	return a.String()
}
