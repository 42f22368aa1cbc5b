package booking

import (
	"context"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
)

// ClearanceState is whether a partner may take part, in the eyes of those who
// screen.
type ClearanceState string

// The states of a clearance.
const (
	Pending    ClearanceState = "pending"
	Cleared    ClearanceState = "cleared"
	NotCleared ClearanceState = "not_cleared"
)

// Clearance is what was recorded of one partner: who and when, never a reason
// or anything clinical.
type Clearance struct {
	// State is empty for pending.
	State ClearanceState `json:"state,omitempty"`
	At    *time.Time     `json:"at,omitempty"`
	By    string         `json:"by,omitempty"`
}

// Is gives the state, pending if nothing was recorded.
func (c Clearance) Is() ClearanceState {
	if c.State == "" {
		return Pending
	}
	return c.State
}

// Words are the states for people.
func (s ClearanceState) Words() string {
	if s == NotCleared {
		return "not cleared"
	}
	return string(s)
}

// Mark is something that staff noted.
type Mark struct {
	At time.Time `json:"at"`
	By string    `json:"by"`
}

var errClearance = fault.InvalidFields(fault.Fields{"state": "Clearance is pending, cleared or not_cleared."})

// RecordClearance notes whether a partner is cleared, for both partners of a
// living booking, whether or not they have a place yet.
func (s *Service) RecordClearance(ctx context.Context, id string, partner int, state ClearanceState, by audit.By) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	switch state {
	case Pending, Cleared, NotCleared:
	default:
		return errClearance
	}
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		before := b.Clearances[partner].Is()
		if b.IsOver() {
			return ErrOver
		}
		if before == state {
			return nil
		}
		b.Clearances[partner] = Clearance{State: state, At: &now, By: by.Name}
		b.Trail = b.Trail.Add(by, now, audit.Line{
			What: fmt.Sprintf("clearance of partner %d", partner+1), From: before.Words(), To: state.Words(),
		})
		b.attend(now) // what waited for it is charged [D13]
		b.replan(now)
		return nil
	})
}

// RecordForms notes that a partner's forms have come, or takes that back.
func (s *Service) RecordForms(ctx context.Context, id string, partner int, received bool, by audit.By) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	words := map[bool]string{true: "received", false: "missing"}
	return s.update(ctx, id, func(b *Booking, now time.Time) error {
		before := b.Forms[partner] != nil
		if b.IsOver() {
			return ErrOver
		}
		if before == received {
			return nil
		}
		b.Forms[partner] = nil
		if received {
			b.Forms[partner] = &Mark{At: now, By: by.Name}
		}
		b.Trail = b.Trail.Add(by, now, audit.Line{
			What: fmt.Sprintf("forms of partner %d", partner+1), From: words[before], To: words[received],
		})
		b.replan(now)
		return nil
	})
}
