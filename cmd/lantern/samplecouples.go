package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/retreats"
)

// sampleCouples fill the first weekend of the demonstration, so that its board
// tells a story: some are ready, some lack something, two wait.
var sampleCouples = []struct {
	names [2]string
	// paid, ready and cleared say how far the couple has come.
	paid, ready, cleared bool
}{
	{names: [2]string{"Maya Fernández", "Jonas Lindqvist"}, paid: true, ready: true, cleared: true},
	{names: [2]string{"Priya Raman", "Daniel Okafor"}, paid: true, cleared: true},
	{names: [2]string{"Anneliese-Magdalena von Oberndorf", "Tom Whitfield"}, paid: true, ready: true},
	{names: [2]string{"Noor Haddad", "Sam Haddad"}, paid: true},
	{names: [2]string{"Chloe Martin", "Ben Adeyemi"}},
	{names: [2]string{"Ines Moreau", "Luc Moreau"}},
	{names: [2]string{"Rosa Delgado", "Kim Park"}},
	{names: [2]string{"Ellen Brandt", "Joel Abrams"}},
}

// addSampleCouples books for the sample couples, once. Whatever has become of
// their cohort in the meantime, the demonstration goes on without them.
func (a *app) addSampleCouples(ctx context.Context) {
	if err := a.bookSampleCouples(ctx); err != nil {
		a.log.Warn("adding sample couples", "error", err.Error())
	}
}

func (a *app) bookSampleCouples(ctx context.Context) error {
	page, err := a.retreats.Offer(ctx, 20, "")
	if err != nil {
		return err
	}
	for _, c := range page.Items {
		if c.RetreatID == "weekend" {
			for i, couple := range sampleCouples {
				if err := a.addSampleCouple(ctx, c, i); err != nil {
					return fmt.Errorf("sample couple %s: %w", couple.names[0], err)
				}
			}
			return nil
		}
	}
	return nil
}

func (a *app) addSampleCouple(ctx context.Context, c *retreats.Cohort, i int) error {
	couple := sampleCouples[i]
	application := booking.Application{AcceptPolicy: true, Wait: true, Key: fmt.Sprintf("sample %d", i)}
	for p, name := range couple.names {
		application.Partners[p] = booking.PartnerInput{Name: name, Email: fmt.Sprintf("couple%d.%d@example.org", i+1, p+1)}
	}
	seen, err := a.bookings.Book(ctx, c.ID, application)
	if err != nil || seen.Standing.State != retreats.Held || !couple.paid {
		return err // it is over, waits, or has been paid at an earlier start
	}
	id := seen.Booking.ID
	if err := a.paySample(ctx, seen.Booking); err != nil {
		return err
	}
	by := audit.By{ID: "console", Name: "Console"}
	for partner := range couple.names {
		if couple.ready {
			if err := a.bookings.GiveConsent(ctx, id, partner); err != nil {
				return err
			}
		}
		if couple.cleared {
			if err := a.bookings.RecordClearance(ctx, id, partner, booking.Cleared, by); err != nil {
				return err
			}
		}
	}
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

// paySample pays what is due at once with a test card, on the card page.
func (a *app) paySample(ctx context.Context, b *booking.Booking) error {
	page, err := a.bookings.Pay(ctx, b.ID, booking.Order{Charge: b.Charges[0].ID, Partner: 0})
	if err != nil {
		return err
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(page, url.Values{"number": {"4242424242424242"}, "exp": {"12/40"}, "cvc": {"123"}})
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	back, err := url.Parse(response.Header.Get("Location"))
	if err != nil {
		return err
	}
	return a.bookings.SyncCheckout(ctx, b.ID, back.Query().Get("paid"))
}
