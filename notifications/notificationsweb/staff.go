package notificationsweb

import (
	"net/http"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/notifications"
	"lantern/retreats"
)

// StaffOptions are what the pages for staff work with.
type StaffOptions struct {
	Notices  *notifications.Service
	Bookings *booking.Service
	Retreats *retreats.Service
}

// StaffHandlers serve what staff see and do of messages.
type StaffHandlers struct {
	server  *web.Server
	options StaffOptions
}

// MountStaff adds the URL table of staff to the server.
func MountStaff(server *web.Server, o StaffOptions) {
	h := &StaffHandlers{server: server, options: o}
	server.Mount([]web.Route{
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/reminders", Right: access.ManageCohorts, Handle: h.reminders},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders", Right: access.ManageCohorts, Handle: h.changeReminders},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders/copy", Right: access.ManageCohorts, Handle: h.copyReminders},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders/reset", Right: access.ManageCohorts, Handle: h.resetReminders},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/reminders/new", Right: access.ManageCohorts, Handle: h.writeReminder},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders/new", Right: access.ManageCohorts, Handle: h.saveReminder},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/reminders/:reminder", Right: access.ManageCohorts, Handle: h.oneReminder},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders/:reminder", Right: access.ManageCohorts, Handle: h.saveReminder},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/reminders/:reminder/remove", Right: access.ManageCohorts, Handle: h.removeReminder},
		{Method: http.MethodGet, Path: messagesURL, Right: access.ReadBookings, Handle: h.messages},
		{Method: http.MethodPost, Path: messagesURL, Right: access.ManageCohorts, Handle: h.planAgain},
		{Method: http.MethodGet, Path: messagesURL + "/:id", Right: access.ReadBookings, Handle: h.message},
		{Method: http.MethodPost, Path: messagesURL + "/:id/:act", Right: access.ManageCohorts, Handle: h.actOnMessage},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/remind", Right: access.ManageCohorts, Handle: h.chooseSending},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/remind", Right: access.ManageCohorts, Handle: h.remind},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/remind/:sending", Right: access.ReadBookings, Handle: h.sending},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/remind/:sending/stop", Right: access.ManageCohorts, Handle: h.stopSending},
	})
	h.registerSendings(server.API())
	server.Mount(h.wordingRoutes())
	h.registerWording(server.API())
	h.registerReminders(server.API())
	h.registerMessages(server.API())
}
