// Package bookingweb holds the couple's pages, the API operations of bookings,
// and Stripe's webhook.
package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/retreats"
)

// Options are what the handlers work with.
type Options struct {
	Bookings *booking.Service
	Retreats *retreats.Service
	Talks    *booking.Consultations
	// Sent gives what was sent to one partner, the newest first.
	Sent    func(ctx context.Context, bookingID string, partner int) ([]SentMessage, error)
	BaseURL string
	Contact string
	// Texts says that text messages are sent, or shown in the outbox.
	Texts bool
}

// SentMessage is a line of what a partner was sent.
type SentMessage struct {
	Subject string
	At      time.Time
}

// Handlers serve this slice.
type Handlers struct {
	server  *web.Server
	options Options
}

// Mount adds the slice's URL table to the server.
func Mount(server *web.Server, o Options) {
	h := &Handlers{server: server, options: o}
	server.Mount([]web.Route{
		{Method: http.MethodGet, Path: "/cohorts/:id/book", Right: access.Public, Handle: h.bookForm},
		{Method: http.MethodPost, Path: "/cohorts/:id/book", Right: access.Public, Handle: h.book},
		{Method: http.MethodGet, Path: "/b/:token", Right: access.OwnPartner, Handle: h.place},
		{Method: http.MethodPost, Path: "/b/:token/pay", Right: access.OwnPartner, Handle: h.pay},
		{Method: http.MethodPost, Path: "/b/:token/card", Right: access.OwnPartner, Handle: h.card},
		{Method: http.MethodPost, Path: "/b/:token/split", Right: access.OwnPartner, Handle: h.split},
		{Method: http.MethodGet, Path: "/b/:token/statement", Right: access.OwnPartner, Handle: h.statement},
		{Method: http.MethodGet, Path: "/b/:token/receipts/:payment", Right: access.OwnPartner, Handle: h.receipt},
		{Method: http.MethodPost, Path: "/b/:token/offer", Right: access.OwnPartner, Handle: h.answer},
		{Method: http.MethodGet, Path: "/b/:token/cancel", Right: access.OwnPartner, Handle: h.cancelForm},
		{Method: http.MethodPost, Path: "/b/:token/cancel", Right: access.OwnPartner, Handle: h.cancel},
		{Method: http.MethodGet, Path: "/b/:token/dates", Right: access.OwnPartner, Handle: h.otherDates},
		{Method: http.MethodGet, Path: "/b/:token/dates/:cohort", Right: access.OwnPartner, Handle: h.transferForm},
		{Method: http.MethodPost, Path: "/b/:token/dates/:cohort", Right: access.OwnPartner, Handle: h.transfer},
		{Method: http.MethodGet, Path: "/b/:token/sessions.ics", Right: access.OwnPartner, Handle: h.calendar},
		{Method: http.MethodPost, Path: "/b/:token/consent", Right: access.OwnPartner, Handle: h.consent},
		{Method: http.MethodPost, Path: "/b/:token/sessions/:session", Right: access.OwnPartner, Handle: h.replyToSession},
		{Method: http.MethodPost, Path: "/b/:token/drivers/:session", Right: access.OwnPartner, Handle: h.nameDriver},
		{Method: http.MethodPost, Path: "/b/:token/drivers/:session/asked", Right: access.OwnPartner, Handle: h.driverAsked},
		{Method: http.MethodGet, Path: "/d/:token", Right: access.OwnDriver, Handle: h.ride},
		{Method: http.MethodPost, Path: "/d/:token", Right: access.OwnDriver, Handle: h.answerRide},
		{Method: http.MethodPost, Path: "/d/:token/texts", Right: access.OwnDriver, Handle: h.rideTexts},
		{Method: http.MethodPost, Path: "/b/:token/texts", Right: access.OwnPartner, Handle: h.texts},
		{Method: http.MethodPost, Path: "/b/:token/waits", Right: access.OwnPartner, Handle: h.alsoWait},
		{Method: http.MethodGet, Path: "/staff", Right: access.ReadRoster, Handle: h.overview},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id", Right: access.ReadRoster, Handle: h.board},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/board.csv", Right: access.ReadBookings, Handle: h.boardCSV},
		{Method: http.MethodGet, Path: "/staff/bookings/:id", Right: access.ReadRoster, Handle: h.staffBooking},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/clearance", Right: access.RecordClearance, Handle: h.acting("clearance", h.recordClearance)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/forms", Right: access.RecordClearance, Handle: h.acting("forms", h.recordForms)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/partners/1", Right: access.ManageCohorts, Handle: h.acting(correctForm(0), h.correctPartner(0))},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/partners/2", Right: access.ManageCohorts, Handle: h.acting(correctForm(1), h.correctPartner(1))},
		{Method: http.MethodGet, Path: "/staff/calls", Right: access.ReadBookings, Handle: h.calls},
		{Method: http.MethodPost, Path: "/staff/calls/:id", Right: access.Attend, Handle: h.recordCall},
		{Method: http.MethodGet, Path: "/staff/sessions/:cohort/:session/departures", Right: access.ReadBookings, Handle: h.departures},
		{Method: http.MethodPost, Path: "/staff/sessions/:cohort/:session/departures", Right: access.Attend, Handle: h.release},
		{Method: http.MethodPost, Path: "/staff/sessions/:cohort/:session/departures/undo", Right: access.Attend, Handle: h.undoRelease},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/presence", Right: access.Attend, Handle: h.acting("presence", h.readyAllTheSame)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/reached", Right: access.Attend, Handle: h.acting("reached", h.reached)},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/sessions/:session/attendance", Right: access.Attend, Handle: h.attendance},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/sessions/:session/attendance", Right: access.Attend, Handle: h.markAttendance},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/offer", Right: access.ManageWaitlist, Handle: h.acting("offer", h.offerByHand)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/priority", Right: access.ManageWaitlist, Handle: h.acting("priority", h.prioritise)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/remove", Right: access.ManageWaitlist, Handle: h.acting("remove", h.removeWaiting)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/move", Right: access.ManageWaitlist, Handle: h.acting("move", h.moveWaiting)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/transfer", Right: access.ManageCohorts, Handle: h.acting("transfer", h.staffTransfer)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/give-back", Right: access.ManageWaitlist, Handle: h.acting("give-back", h.giveBack)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/payments", Right: access.ManageCohorts, Handle: h.acting("payment", h.recordPayment)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/strike", Right: access.ManageCohorts, Handle: h.acting("strike", h.strikePayment)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/price", Right: access.ManageCohorts, Handle: h.acting("price", h.grantPrice)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/refunds", Right: access.Refund, Handle: h.acting("refund", h.giveMoney)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/sent", Right: access.Refund, Handle: h.acting("sent", h.refundSent)},
		{Method: http.MethodPost, Path: "/staff/bookings/:id/end", Right: access.Refund, Handle: h.acting("end", h.endBooking)},
		{Method: http.MethodGet, Path: "/staff/bookings/:id/disputes/:dispute", Right: access.ReadBookings, Handle: h.dispute},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/money", Right: access.ReadBookings, Handle: h.cohortMoney},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/money.csv", Right: access.ReadBookings, Handle: h.cohortMoneyCSV},
		{Method: http.MethodGet, Path: "/staff/money", Right: access.ReadBookings, Handle: h.concerns},
		{Method: http.MethodPost, Path: "/staff/money/compare", Right: access.ManageCohorts, Handle: h.askComparison},
		{Method: http.MethodPost, Path: "/webhooks/stripe", Right: access.Signed, Handle: h.webhook},
	})
	h.mountTalks(server)
	h.registerAPI(server.API())
	h.registerPayingAPI(server.API())
	h.registerPreparingAPI(server.API())
	h.registerTextsAPI(server.API())
	h.registerDriverAPI(server.API())
	h.registerStaffAPI(server.API())
	h.registerCorrectingAPI(server.API())
	h.registerAttendanceAPI(server.API())
	h.registerBeginningAPI(server.API())
	h.registerTransferAPI(server.API())
	h.registerMoneyAPI(server.API())
}
