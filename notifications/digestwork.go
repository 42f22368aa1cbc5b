package notifications

import (
	"context"
	"errors"
	"fmt"

	"lantern/booking"
	"lantern/internal/store"
)

// mostLines bounds a section: pages have the rest.
const mostLines = 15

// atMost leaves out what is too much and says how many that are.
func atMost(lines []string) []string {
	if more := len(lines) - mostLines; more > 0 {
		return append(lines[:mostLines:mostLines], fmt.Sprintf("and %d more", more))
	}
	return lines
}

// callWords say what a call is about.
var callWords = map[booking.CallKind]string{
	booking.CallRefused: "the driver cannot", booking.CallUnconfirmed: "the driver has not said yes", booking.CallUnnamed: "no driver is named",
	booking.CallPreparation: "has not said whether they come", booking.CallMissed: "was not there", booking.CallPapers: "consent or forms are missing",
}

// addCalls tells whom to phone, without numbers: the page has them.
func (d *digesting) addCalls(ctx context.Context) error {
	calls, err := d.options.Bookings.CallList(ctx, "")
	for err == nil && len(calls.Now) == 0 && calls.Next != "" {
		calls, err = d.options.Bookings.CallList(ctx, calls.Next) // nobody is to miss the first
	}
	var lines []string
	for _, line := range calls.Now {
		words := coupleOf(line.Case) + ": "
		if p := line.Call.Partner; p > 0 {
			words += line.Booking.Partners[p-1].Name + " "
		}
		lines = append(lines, words+callWords[line.Call.Kind])
	}
	title := counted(len(lines), "call to make", "calls to make")
	if calls.Next != "" {
		title += " about cohorts that begin until " + calls.Until.Words()
	}
	d.add(title, "/staff/calls", atMost(lines))
	return err
}

// matterWords say what of a couple's money needs a person.
var matterWords = map[booking.MatterKind]string{
	booking.MatterDispute: "a dispute", booking.MatterNotCleared: "not cleared, and still with a place", booking.MatterRefundFailed: "a refund that failed",
	booking.MatterToSend: "a refund to make by hand", booking.MatterLate: "a week late, or more",
}

// addMoney tells what of the practice's money needs a person.
func (d *digesting) addMoney(ctx context.Context) error {
	concerns, _, err := d.options.Bookings.Concerns(ctx, 2*mostLines, "")
	var lines []string
	for _, c := range concerns {
		for _, m := range c.Matters {
			lines = append(lines, coupleOf(c.Case)+": "+matterWords[m.Kind]+", "+m.Amount.String())
		}
	}
	d.add("Money that needs somebody", "/staff/money", atMost(lines))
	return err
}

// addTroubles tells of the messages that were found not to arrive since the last
// digest. One that was sent after all is not in it.
func (d *digesting) addTroubles(ctx context.Context) error {
	page, err := d.messages.Find(ctx, store.Query{Index: byTrouble, From: d.since, Desc: true, Limit: passBatch})
	if err != nil {
		return err
	}
	var lines []string
	for _, m := range page.Items {
		if m.BookingID == "" || (m.State != Failed && m.State != Missed) {
			continue
		}
		c, err := d.options.Bookings.Case(ctx, m.BookingID)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		what := "could not be delivered"
		if m.State == Missed {
			what = "was not sent in time"
		}
		lines = append(lines, coupleOf(c)+": a message of "+moment(m.DueAt, d.zone)+" "+what)
	}
	d.add("Messages that did not arrive", "/staff/messages?state=failed", atMost(lines))
	return nil
}

// addTalks tells who waits for the time of a first talk.
func (d *digesting) addTalks(ctx context.Context) error {
	if d.options.Talks == nil {
		return nil
	}
	asked, err := d.options.Talks.CountIn(ctx, booking.TalkAsked)
	if err != nil || asked == 0 {
		return err
	}
	d.add("First talks", "/staff/consultations", []string{counted(int(asked), "request waits for a time", "requests wait for a time")})
	return nil
}
