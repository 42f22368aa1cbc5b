// Package retreatsweb holds the pages and API operations of retreats and
// cohorts.
package retreatsweb

import (
	"context"
	"net/http"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/retreats"
)

// Options are what the slice's pages and operations stand on.
type Options struct {
	Retreats *retreats.Service
	// Tokens tell staff's programs from everybody else's, where an operation
	// is for both.
	Tokens *access.Tokens
	// Couples names the couples of a cohort, with a place or waiting, for those
	// who change its dates. Without it they see numbers.
	Couples func(ctx context.Context, cohortID string) ([]Couple, error)
}

// Couple is a couple as staff know it.
type Couple struct{ Ref, Names, State string }

// Handlers serve this slice.
type Handlers struct {
	server   *web.Server
	retreats *retreats.Service
	options  Options
	cached   pageCache
}

// Mount adds the slice's URL table to the server.
func Mount(server *web.Server, o Options) {
	h := &Handlers{server: server, retreats: o.Retreats, options: o}
	h.cached.pages = map[string]cachedPage{}
	server.Mount([]web.Route{
		{Method: http.MethodGet, Path: "/", Right: access.Public, Handle: h.offer},
		{Method: http.MethodGet, Path: "/cohorts/:id", Right: access.Public, Handle: h.cohort},
		{Method: http.MethodGet, Path: "/staff/retreats", Right: access.ReadRoster, Handle: h.retreatList},
		{Method: http.MethodGet, Path: "/staff/retreats/new", Right: access.ManageCohorts, Handle: h.retreatNew},
		{Method: http.MethodPost, Path: "/staff/retreats/new", Right: access.ManageCohorts, Handle: h.retreatMake},
		{Method: http.MethodGet, Path: "/staff/retreats/:id", Right: access.ManageCohorts, Handle: h.retreatEdit},
		{Method: http.MethodPost, Path: "/staff/retreats/:id", Right: access.ManageCohorts, Handle: h.retreatSave},
		{Method: http.MethodPost, Path: "/staff/retreats/:id/cohorts", Right: access.ManageCohorts, Handle: h.cohortMake},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/settings", Right: access.ManageCohorts, Handle: h.settings},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/settings/edit", Right: access.ManageCohorts, Handle: h.cohortEdit},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/edit", Right: access.ManageCohorts, Handle: h.cohortSave},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/publish", Right: access.ManageCohorts, Handle: h.turning("published", o.Retreats.Publish)},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/close", Right: access.ManageCohorts, Handle: h.turning("closed", o.Retreats.Close)},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/reopen", Right: access.ManageCohorts, Handle: h.turning("reopened", o.Retreats.Reopen)},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/settings/cancel", Right: access.ManageCohorts, Handle: h.cancelForm},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/cancel", Right: access.ManageCohorts, Handle: h.cancel},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/settings/reschedule", Right: access.ManageCohorts, Handle: h.reschedulePreview},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/reschedule", Right: access.ManageCohorts, Handle: h.reschedule},
		{Method: http.MethodGet, Path: "/staff/cohorts/:id/settings/sessions/:session", Right: access.ManageCohorts, Handle: h.sessionForm},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/sessions/:session", Right: access.ManageCohorts, Handle: h.sessionSave},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/sessions/:session/drop", Right: access.ManageCohorts, Handle: h.sessionDrop},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/codes", Right: access.ManageCohorts, Handle: h.codeAdd},
		{Method: http.MethodPost, Path: "/staff/cohorts/:id/settings/codes/:code/end", Right: access.ManageCohorts, Handle: h.codeEnd},
	})
	h.registerAPI(server.API())
}
