package web

import (
	"context"
	"net/netip"
)

// MayAsk bounds how often one client sends a form by which mail goes to
// whomever it names. It takes one out of the client's bucket.
func (s *Server) MayAsk(ctx context.Context) bool {
	client := AddressOf(ctx)
	if address, err := netip.ParseAddr(client); err == nil {
		client = networkOf(address)
	}
	return s.asking.allow(client, s.options.Now())
}

// networkOf names whom an address belongs to: of IPv6 the network, since one
// client has all of it.
func networkOf(address netip.Addr) string {
	address = address.Unmap().WithZone("")
	if network, err := address.Prefix(64); err == nil && !address.Is4() {
		return network.String()
	}
	return address.String()
}
