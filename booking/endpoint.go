package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/stripepay"
)

// EndpointState is how the webhook endpoint at Stripe stands, by which we hear
// of payments.
type EndpointState struct {
	CheckedAt time.Time `json:"checked_at,omitzero"`
	// URL is the address that events should come to, Found whether Stripe has
	// an endpoint for it.
	URL     string `json:"url,omitempty"`
	Found   bool   `json:"found,omitempty"`
	Enabled bool   `json:"enabled,omitempty"`
	// Version is the API version of its events; empty is the account's own.
	Version string `json:"version,omitempty"`
	// Missing are the types of event that it does not send.
	Missing []string `json:"missing,omitempty"`
	// Trouble says why Stripe could not be asked.
	Trouble string `json:"trouble,omitempty"`
}

// Faults are what is wrong with the endpoint, a plain sentence each; none when
// all is well, or when nobody has looked.
func (e EndpointState) Faults() []string {
	switch {
	case e.CheckedAt.IsZero():
		return nil
	case e.Trouble != "":
		return []string{"The webhook endpoint at Stripe could not be checked: " + e.Trouble}
	case !e.Found:
		return []string{"Stripe has no webhook endpoint for " + e.URL + ", so that payments are heard of late: make one."}
	}
	var faults []string
	if !e.Enabled {
		faults = append(faults, "The webhook endpoint at Stripe is disabled: enable it.")
	}
	if e.Version != stripepay.APIVersion {
		faults = append(faults, fmt.Sprintf("The webhook endpoint at Stripe is made for version %s of the API and this program needs %s: make it anew for that version.",
			orDefaultVersion(e.Version), stripepay.APIVersion))
	}
	if len(e.Missing) > 0 {
		faults = append(faults, "The webhook endpoint at Stripe does not send these events: add "+strings.Join(e.Missing, ", ")+".")
	}
	return faults
}

func orDefaultVersion(version string) string {
	if version == "" {
		return "(the account's own)"
	}
	return version
}

// endpointOf judges the endpoints of an account. Of several for our address the
// one with the fewest faults counts.
func endpointOf(url string, there []stripepay.Endpoint, now time.Time) EndpointState {
	best := EndpointState{CheckedAt: now, URL: url}
	for _, e := range there {
		if strings.TrimSuffix(e.URL, "/") != url {
			continue
		}
		state := EndpointState{CheckedAt: now, URL: url, Found: true, Enabled: e.Enabled, Version: e.APIVersion}
		for _, wanted := range stripepay.WantedEvents {
			if !slices.Contains(e.Events, wanted) && !slices.Contains(e.Events, "*") {
				state.Missing = append(state.Missing, wanted)
			}
		}
		if !best.Found || len(state.Faults()) < len(best.Faults()) {
			best = state
		}
	}
	return best
}

// CheckEndpoint asks Stripe how our webhook endpoint stands. With an error the
// state says so as well.
func (s *Service) CheckEndpoint(ctx context.Context) (EndpointState, error) {
	there, err := s.pay.Endpoints(ctx)
	if err != nil {
		return EndpointState{CheckedAt: s.now(), URL: s.webhookURL, Trouble: fault.TextOf(err)}, err
	}
	return endpointOf(s.webhookURL, there, s.now()), nil
}

// WrongVersion is what came to the webhook in a version of Stripe's API that is
// not spoken here. The zero value says that nothing did.
type WrongVersion struct {
	store.Meta
	Version string `json:"version"`
	// Count is how many events came so, from Since to LastAt. Stripe repeats
	// them for three days.
	Count  int       `json:"count"`
	Since  time.Time `json:"since"`
	LastAt time.Time `json:"last_at"`
}

const (
	wrongVersionID = "wrong-version"
	// wrongVersionKept is how long after the last such event it is told, when
	// the endpoint is in order by now.
	wrongVersionKept = 24 * time.Hour
)

// NoteWrongVersion notes an event that came in another version.
func (s *Service) NoteWrongVersion(ctx context.Context, e stripepay.Event) error {
	now := s.now()
	err := s.wrong.Insert(ctx, &WrongVersion{
		Meta: store.Meta{ID: wrongVersionID}, Version: e.APIVersion, Count: 1, Since: now, LastAt: now,
	})
	if !errors.Is(err, store.ErrExists) {
		return err
	}
	return s.wrong.Update(ctx, wrongVersionID, func(w *WrongVersion) error {
		w.Version, w.LastAt = e.APIVersion, now
		w.Count++
		return nil
	})
}

// WrongVersion says whether events come in another version.
func (s *Service) WrongVersion(ctx context.Context) (WrongVersion, error) {
	noted, err := s.wrong.Get(ctx, wrongVersionID)
	if errors.Is(err, store.ErrNotFound) {
		return WrongVersion{}, nil
	}
	if err != nil {
		return WrongVersion{}, err
	}
	return *noted, nil
}

// forgetWrongVersion ends the notice when the endpoint is in order and no such
// event has come for a while.
func (s *Service) forgetWrongVersion(ctx context.Context, endpoint EndpointState) error {
	noted, err := s.WrongVersion(ctx)
	if err != nil || noted.Count == 0 || len(endpoint.Faults()) > 0 || s.now().Sub(noted.LastAt) < wrongVersionKept {
		return err
	}
	err = s.wrong.Delete(ctx, wrongVersionID, noted.Rev)
	if errors.Is(err, store.ErrStale) {
		return nil // another one has just come, or somebody else has ended it
	}
	return err
}
