package bookingweb

import (
	"context"
	"net/http"
	"net/url"

	"lantern/booking"
	"lantern/internal/access"
	"lantern/internal/audit"
	"lantern/internal/people"
	"lantern/internal/web"
)

// Staff put a partner's details right.

// correctView is the form for one partner.
type correctView struct {
	URL, Form, Version          string
	Name, Email, Phone, Zone    moneyField
	Other                       string
	Shared, Stranger, HasFaults bool
}

// Corrections are the forms for the two of them, empty for who may not.
func (p *staffBookingPage) Corrections() []correctView { return p.corrections }

// addCorrections shows what the details are, or what was typed over them.
func (p *staffBookingPage) addCorrections(b *booking.Booking) {
	for i, partner := range b.Partners {
		form := correctForm(i)
		p.corrections = append(p.corrections, correctView{
			URL: p.URL + "/partners/" + number(i+1), Form: form, Version: b.DetailsVersion(),
			Name: p.known(form, "name", "Name", partner.Name), Email: p.known(form, "email", "Mail address", partner.Email),
			Phone: p.known(form, "phone", "Phone", partner.Phone), Zone: p.known(form, "zone", "Time zone", partner.Zone),
			Other: b.Partners[1-i].Name, Shared: b.SharesMailbox(),
		})
	}
}

func correctForm(partner int) string { return "partner" + number(partner+1) }

// known is a field that says what is known.
func (p *staffBookingPage) known(form, name, label, value string) moneyField {
	f := p.field(form, name, label)
	f.Typed = value
	if name == "zone" {
		for _, zone := range people.Zones() {
			f.Options = append(f.Options, optionView{Value: zone, Text: web.ZoneName(zone)})
		}
	}
	return f
}

// typeOver draws a form again that was refused, with what was typed.
func (p *staffBookingPage) typeOver(form url.Values) {
	for i := range p.corrections {
		view := &p.corrections[i]
		if _, typed := p.Typed[view.Form+".email"]; !typed {
			continue
		}
		for _, f := range []*moneyField{&view.Name, &view.Email, &view.Phone, &view.Zone} {
			key := view.Form + "." + f.Name
			f.Typed, f.Fault = p.Typed[key], p.Faults[key]
		}
		view.HasFaults, view.Shared, view.Stranger = true, form.Get("shared") != "", form.Get("stranger") != ""
	}
}

// correctPartner takes a form as it was sent.
func (h *Handlers) correctPartner(partner int) act {
	return func(ctx context.Context, id string, form url.Values, by audit.By) error {
		return h.options.Bookings.CorrectPartner(ctx, id, partner, booking.Correction{
			Details: booking.PartnerInput{Name: form.Get("name"), Email: form.Get("email"), Phone: form.Get("phone"), Zone: form.Get("zone")},
			Shared:  form.Get("shared") != "", Stranger: form.Get("stranger") != "", Version: form.Get("version"),
		}, by)
	}
}

func (h *Handlers) registerCorrectingAPI(api *web.API) {
	web.Register(api, web.Operation{
		ID: "get-partners", Method: http.MethodGet, Path: "/api/v1/bookings/{id}/partners", Tag: "Rosters and waitlists",
		Summary: "Names, addresses, phones and zones of the two partners", Right: access.ReadBookings,
	}, h.getPartners)
	web.Register(api, web.Operation{
		ID: "change-partner", Method: http.MethodPatch, Path: "/api/v1/bookings/{id}/partners/{partner}", Tag: "Rosters and waitlists",
		Summary: "Put a partner's details right, in all bookings of the couple; what is absent stays", Right: access.ManageCohorts,
	}, h.changePartner)
}

type partnersOutput struct {
	Body struct {
		Version  string        `json:"version" doc:"Of the details as they are: send it with a change"`
		Partners []partnerJSON `json:"partners" doc:"The first and the second"`
	}
}

func (h *Handlers) getPartners(ctx context.Context, in *bookingInput) (*partnersOutput, error) {
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &partnersOutput{}
	out.Body.Version = c.Booking.DetailsVersion()
	for _, p := range c.Booking.Partners {
		out.Body.Partners = append(out.Body.Partners, partnerJSON{Name: p.Name, Email: p.Email, Phone: p.Phone, TimeZone: p.Zone})
	}
	return out, nil
}

type changePartnerInput struct {
	ID      string `path:"id" maxLength:"100"`
	Partner int    `path:"partner" minimum:"1" maximum:"2"`
	Body    struct {
		Version  string  `json:"version" maxLength:"100" doc:"That of the details that were read: a conflict if they have changed since"`
		Name     *string `json:"name,omitempty" maxLength:"200"`
		Email    *string `json:"email,omitempty" maxLength:"320"`
		Phone    *string `json:"phone,omitempty" maxLength:"60" doc:"Empty for none. Another number ends this partner's consent to texts"`
		TimeZone *string `json:"time_zone,omitempty" maxLength:"60"`
		Shared   *bool   `json:"shared_email,omitempty" doc:"Both read this mailbox: the address is the other's, too; absent for as it is"`
		Stranger bool    `json:"new_link,omitempty" doc:"Somebody else may have this partner's link: it ends, and a new one is sent"`
	}
}

func (h *Handlers) changePartner(ctx context.Context, in *changePartnerInput) (*partnersOutput, error) {
	c, err := h.options.Bookings.Case(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	known := c.Booking.Partners[in.Partner-1]
	or := func(sent *string, known string) string {
		if sent != nil {
			return *sent
		}
		return known
	}
	to := booking.Correction{
		Details: booking.PartnerInput{
			Name: or(in.Body.Name, known.Name), Email: or(in.Body.Email, known.Email),
			Phone: or(in.Body.Phone, known.Phone), Zone: or(in.Body.TimeZone, known.Zone),
		},
		Shared: c.Booking.SharesMailbox(), Stranger: in.Body.Stranger, Version: in.Body.Version,
	}
	if in.Body.Shared != nil {
		to.Shared = *in.Body.Shared
	}
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.CorrectPartner(ctx, in.ID, in.Partner-1, to, actor.By()); err != nil {
		return nil, err
	}
	return h.getPartners(ctx, &bookingInput{ID: in.ID})
}
