package notifications

import (
	"context"
	"time"

	"lantern/internal/audit"
	"lantern/internal/store"
)

const restoredReason = "Restored from a backup: it may have been sent already."

// holdRestored keeps a message that is due from being sent after the records
// were restored: it may have been sent since the backup was made, also if it was
// on its way then. Notices are not held: nobody could let them go, and most are
// of use for minutes.
func (m *Message) holdRestored(by audit.By, now time.Time) bool {
	isDue := m.State == Planned && m.NextAt != nil && !now.Before(*m.NextAt)
	if m.BookingID == "" || !isDue && m.State != Sending {
		return false
	}
	m.State, m.NextAt = HeldBack, nil
	m.Trail = m.Trail.Add(by, now, audit.Line{What: "held back", Reason: restoredReason})
	return true
}

// HoldBackDue holds back every message that is due, until somebody lets it go,
// and says how many there were. Nobody may be sending meanwhile.
func (s *Service) HoldBackDue(ctx context.Context, now time.Time, by audit.By) (held int, err error) {
	for _, q := range []store.Query{
		{Index: byNext, Equal: []any{Planned}, To: now.Add(time.Millisecond)},
		{Index: byNext, Equal: []any{Sending}},
	} {
		err := s.messages.All(ctx, q, func(m *Message) error {
			isHeld := false
			err := s.messages.Update(ctx, m.ID, func(m *Message) error {
				isHeld = m.holdRestored(by, now)
				return nil
			})
			if err == nil && isHeld {
				held++
			}
			return err
		})
		if err != nil {
			return held, err
		}
	}
	return held, nil
}
