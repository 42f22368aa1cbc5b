// Package retreatsweb holds the pages and API operations of retreats and
// cohorts.
package retreatsweb

import (
	"net/http"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/retreats"
)

// Handlers serve this slice.
type Handlers struct {
	server   *web.Server
	retreats *retreats.Service
	cached   pageCache
}

// Mount adds the slice's URL table to the server.
func Mount(server *web.Server, service *retreats.Service) {
	h := &Handlers{server: server, retreats: service}
	h.cached.pages = map[string]cachedPage{}
	server.Mount([]web.Route{
		{Method: http.MethodGet, Path: "/", Right: access.Public, Handle: h.offer},
		{Method: http.MethodGet, Path: "/cohorts/:id", Right: access.Public, Handle: h.cohort},
	})
	h.registerAPI(server.API())
}
