package web

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

const (
	// clientBurst is how many sign-in links one client may ask for at once:
	// everybody of a practice in the morning. One more comes each clientEvery.
	clientBurst = 20
	clientEvery = 30 * time.Second
	// mostClients bounds the memory; when it is reached, all are forgotten.
	mostClients = 10_000
)

// clients bounds how often one client asks. It lives in memory: what must hold
// across processes and restarts is the bound of each mail address.
type clients struct {
	mu    sync.Mutex
	until map[string]time.Time // when the client's bucket will be full again
}

// allow takes one out of the client's bucket, if there is one left.
func (c *clients) allow(client string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	until := c.until[client]
	if until.Before(now) {
		until = now
	}
	until = until.Add(clientEvery)
	if until.Sub(now) > clientBurst*clientEvery {
		return false
	}
	if c.until == nil || len(c.until) >= mostClients {
		c.until = map[string]time.Time{}
	}
	c.until[client] = until
	return true
}

// addressOf believes what a proxy says if the proxy is on a private network.
var addressOf = echo.ExtractIPFromXFFHeader()

// clientOf names a client by its address; of IPv6 by the network, since one
// client has all of it.
func clientOf(r *http.Request) string {
	text := addressOf(r)
	address, err := netip.ParseAddr(text)
	if err != nil {
		return text
	}
	address = address.Unmap().WithZone("")
	if address.Is4() {
		return address.String()
	}
	network, err := address.Prefix(64)
	if err != nil {
		return text
	}
	return network.String()
}
