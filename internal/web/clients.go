package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
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

// addressOf is where a request comes from, behind so many proxies that are
// ours. Each adds to the right of X-Forwarded-For whom it was asked by, so the
// client is that many from the right; what stands before was written by
// strangers. A request that did not come through all of them is its peer's.
func addressOf(r *http.Request, proxies int) string {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	if proxies > 0 && len(hops) >= proxies {
		if hop := strings.TrimSpace(hops[len(hops)-proxies]); hop != "" {
			return hop
		}
	}
	peer, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return peer
}

type addressKey struct{}

// noteAddress lets handlers know where a request comes from.
func (s *Server) noteAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		address := addressOf(c.Request(), s.options.Proxies)
		if ip, err := netip.ParseAddr(address); err == nil {
			address = ip.Unmap().String()
		} else if withPort, err := netip.ParseAddrPort(address); err == nil {
			address = withPort.Addr().Unmap().String()
		} else {
			address = "" // what somebody wrote into a header is no evidence
		}
		c.SetRequest(c.Request().WithContext(context.WithValue(c.Request().Context(), addressKey{}, address)))
		return next(c)
	}
}

// AddressOf is the IP address that the request comes from, or empty where it is
// not known. It is personal: it goes into no log.
func AddressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}

// clientOf names a client by its address; of IPv6 by the network, since one
// client has all of it.
func clientOf(r *http.Request, proxies int) string {
	text := addressOf(r, proxies)
	address, err := netip.ParseAddr(text)
	if err != nil { // some proxies add the port
		var port netip.AddrPort
		port, err = netip.ParseAddrPort(text)
		address = port.Addr()
	}
	if err != nil {
		return text
	}
	return networkOf(address)
}
