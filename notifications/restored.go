package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/store"
)

const restoredReason = "Restored from a backup: it may have been sent already."

// Restored remembers that the records were restored so that messages are held
// back. What a backup had not planned yet, or what passes find out only now (a
// hold that has ended since), was planned and sent by the service that was lost.
type Restored struct {
	store.Meta
	At time.Time `json:"at"`
	By audit.By  `json:"by"`
}

// restoredID is the one document's.
const restoredID = "last"

func openRestored(ctx context.Context, db *store.DB) (*store.Collection[Restored], *Restored, error) {
	c, err := store.Define[Restored](ctx, db, "restored")
	if err != nil {
		return nil, nil, fmt.Errorf("opening the document about restoring: %w", err)
	}
	last, err := c.Get(ctx, restoredID)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil, nil
	}
	return c, last, err
}

// hold keeps a message that is planned only now from being sent, if the lost
// service would have sent it: it was due by then, for a booking that was there.
func (r *Restored) hold(m *Message, b *booking.Booking, now time.Time) {
	if r != nil && !m.DueAt.After(r.At) && !b.CreatedAt.After(r.At) {
		m.State, m.NextAt = HeldBack, nil
		m.Trail = m.Trail.Add(r.By, now, audit.Line{What: "held back", Reason: restoredReason})
	}
}

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
// and says how many there were. Those that are planned afterwards, and were due
// by now, are held back when they are planned. Nobody may be sending meanwhile.
func (s *Service) HoldBackDue(ctx context.Context, now time.Time, by audit.By) (held int, err error) {
	mark := &Restored{Meta: store.Meta{ID: restoredID}, At: now, By: by}
	err = s.restoredMarks.Insert(ctx, mark)
	if errors.Is(err, store.ErrExists) {
		err = s.restoredMarks.Update(ctx, restoredID, func(stored *Restored) error {
			stored.At, stored.By = now, by
			return nil
		})
	}
	if err != nil {
		return 0, fmt.Errorf("noting that messages are held back: %w", err)
	}
	s.restored = mark
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
