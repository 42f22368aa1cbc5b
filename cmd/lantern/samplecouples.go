package main

import (
	"context"
	"fmt"
	"strings"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/money"
	"lantern/retreats"
)

// sampleCouples come on the day of the first start: two hold a place in the
// first weekend of the demonstration, and two wait for one.
var sampleCouples = [][2]string{
	{"Chloe Martin", "Ben Adeyemi"}, {"Ines Moreau", "Luc Moreau"}, {"Rosa Delgado", "Kim Park"}, {"Ellen Brandt", "Joel Abrams"},
}

// pastCouple has booked before the first start. What it did, and what was done
// for it, follows from its fields.
type pastCouple struct {
	retreat string // its first dates
	names   [2]string
	code    string
	// first is the share of the first partner, in per cent, if each pays a part.
	first int
	// card is a test card, kept for later charges if keep says so.
	card           string
	keep           bool
	ready, cleared bool
	// transfer came by bank transfer, in minor units.
	transfer int64
	// cancelled is how many days before the first start they gave up.
	cancelled int
}

const visa, mastercard, laterDeclined = "4242424242424242", "5555555555554444", "4000000000000341"

// pastCouples have places in the first weekend and in the first three days, so
// that their boards and their money tell a story.
var pastCouples = []pastCouple{
	{retreat: "weekend", names: [2]string{"Olive Hart", "Ren Sato"}, card: visa, cancelled: 3},
	{retreat: "weekend", names: [2]string{"Maya Fernández", "Jonas Lindqvist"}, card: visa, keep: true, ready: true, cleared: true},
	{retreat: "weekend", names: [2]string{"Priya Raman", "Daniel Okafor"}, first: 40, card: mastercard, cleared: true},
	{retreat: "weekend", names: [2]string{"Anneliese-Magdalena von Oberndorf", "Tom Whitfield"}, card: visa, ready: true, transfer: 200000},
	{retreat: "weekend", names: [2]string{"Noor Haddad", "Sam Haddad"}, code: sampleCode.Name, card: visa},
	{retreat: "three-days", names: [2]string{"Gabriel Silva", "Aiko Tanaka"}, card: mastercard, keep: true, ready: true, cleared: true},
	{retreat: "three-days", names: [2]string{"Lena Vogel", "Marcus Reed"}, card: laterDeclined, keep: true, cleared: true},
}

// byConsole is who did what staff did for them.
var byConsole = audit.By{ID: "console", Name: "Console"}

var sampleCode = retreats.Code{Name: "FRIENDS", Percent: 10, Limit: 5}

// addSampleCouples books for the sample couples, once. Whatever has become of
// their cohort in the meantime, the demonstration goes on without them.
func (a *app) addSampleCouples(ctx context.Context) {
	if err := a.bookSampleCouples(ctx); err != nil {
		a.log.Warn("adding sample couples", "error", err.Error())
	}
}

func (a *app) bookSampleCouples(ctx context.Context) error {
	c, err := a.firstOf(ctx, "weekend")
	if err != nil || c == nil {
		return err
	}
	for i, names := range sampleCouples {
		if _, err := a.bookSample(ctx, c.ID, len(pastCouples)+i, names, ""); err != nil {
			return fmt.Errorf("sample couple %s: %w", names[0], err)
		}
	}
	return nil
}

// firstOf is the first cohort of a retreat that is on offer, nil if none is.
func (a *app) firstOf(ctx context.Context, retreat string) (*retreats.Cohort, error) {
	page, err := a.retreats.Offer(ctx, 20, "")
	if err != nil {
		return nil, err
	}
	for _, c := range page.Items {
		if c.RetreatID == retreat {
			return c, nil
		}
	}
	return nil, nil
}

// bookSample books for a couple, once for each number.
func (a *app) bookSample(ctx context.Context, cohort string, n int, names [2]string, code string) (booking.Case, error) {
	application := booking.Application{AcceptPolicy: true, Wait: true, Key: fmt.Sprintf("couple %d", n), Code: code}
	for p, name := range names {
		application.Partners[p] = booking.PartnerInput{Name: name, Email: fmt.Sprintf("couple%d.%d@example.org", n+1, p+1)}
	}
	return a.bookings.Book(ctx, cohort, application)
}

// bookPastCouple lets a couple come as far as its fields say, but for giving up.
func (a *app) bookPastCouple(ctx context.Context, i int) (id string, err error) {
	couple := pastCouples[i]
	c, err := a.firstOf(ctx, couple.retreat)
	if err != nil {
		return "", err
	}
	seen, err := a.bookSample(ctx, c.ID, i, couple.names, couple.code)
	if err != nil {
		return "", err
	}
	id = seen.Booking.ID
	if err := a.payAsPast(ctx, seen.Booking, couple); err != nil {
		return "", err
	}
	for partner := range couple.names {
		if couple.ready {
			if err := a.bookings.GiveConsent(ctx, id, partner); err != nil {
				return "", err
			}
		}
		if couple.cleared {
			if err := a.bookings.RecordClearance(ctx, id, partner, booking.Cleared, byConsole); err != nil {
				return "", err
			}
		}
	}
	if couple.transfer > 0 {
		came := booking.Received{
			Charge: booking.BalanceCharge, Amount: money.Of(couple.transfer, c.Price.Currency), Method: booking.ByTransfer, Reference: "statement 14, line 3",
		}
		if err := a.bookings.RecordPayment(ctx, id, came, byConsole); err != nil {
			return "", err
		}
	}
	return id, a.nameSampleDrivers(ctx, c, id, couple)
}

func (a *app) nameSampleDrivers(ctx context.Context, c *retreats.Cohort, id string, couple pastCouple) error {
	for _, s := range c.Sessions {
		if !couple.ready || !c.NeedsDriver(s) {
			continue
		}
		driver := booking.DriverInput{Name: "Alex Kowalski", Phone: "+1 415 555 0199", Relation: "a friend"}
		if err := a.bookings.NameDriver(ctx, id, s.ID, 0, driver); err != nil {
			return err
		}
		if err := a.sampleYes(ctx, id, s.ID); err != nil {
			return err
		}
	}
	return nil
}

// sampleYes is the driver's yes on the driver's own page.
func (a *app) sampleYes(ctx context.Context, id, session string) error {
	c, err := a.bookings.Case(ctx, id)
	if err != nil {
		return err
	}
	d, _ := c.Booking.Driver(session)
	_, token, _ := strings.Cut(a.bookings.DriverLink(id, d), "/d/")
	return a.bookings.AnswerRide(ctx, token, session, booking.DriverYes)
}

// payAsPast pays what is due at once on card pages: both parts, if each pays one.
func (a *app) payAsPast(ctx context.Context, b *booking.Booking, couple pastCouple) error {
	order := booking.Order{Charge: b.Charges[0].ID, SaveCard: couple.keep}
	if couple.first == 0 {
		return a.payOnCardPage(ctx, b.ID, order, couple.card)
	}
	if err := a.bookings.SplitPayments(ctx, b.ID, couple.first, 0); err != nil {
		return err
	}
	for partner := range couple.names {
		order.Partner, order.Share = partner, new(partner)
		if err := a.payOnCardPage(ctx, b.ID, order, couple.card); err != nil {
			return err
		}
	}
	return nil
}
