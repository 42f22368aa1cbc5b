package notifications

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// byWork is the index of sendings on which there is work left; byCohort those
// of a cohort by when they were sent.
const byWork = "work"

func defineSendings(ctx context.Context, db *store.DB) (*store.Collection[HandSending], error) {
	return store.Define[HandSending](ctx, db, "sendings",
		store.Index{Name: byWork, Fields: []string{"work_at"}},
		store.Index{Name: byCohort, Fields: []string{"cohort_id", "at"}})
}

// NewSendingID makes the id of a sending for a form or a request that asks for
// one.
func NewSendingID() string { return seal.NewID("sd") }

var sendingID = regexp.MustCompile(`^sd_[a-z0-9]{20}$`)

// HandOrder asks for a reminder by hand.
type HandOrder struct {
	// ID is from NewSendingID. What was ordered with it once is not ordered again.
	// Without one it follows from Key, if that is set.
	ID, Key string
	Cohort  string
	Lack    Lack
	Remark  string
	// Messages are those that are wanted, of those that Lacking gives with this
	// ID; nil for all. Booking is the couple that all are about; empty for any.
	Messages []string
	Booking  string
}

// InNeed is one who lacks something, with the message that they would get.
type InNeed struct {
	booking.Case
	Message Message
}

// Lacking gives what each who lacks something would get, in the order of the
// board. Nothing is saved.
func (s *Service) Lacking(ctx context.Context, o HandOrder) ([]InNeed, error) {
	remark, err := readRemark(o.Remark, o.Lack)
	if err == nil {
		err = o.Lack.check()
	}
	if err == nil && !sendingID.MatchString(o.ID) {
		err = errSendingForm
	}
	if err != nil {
		return nil, err
	}
	board, err := s.options.Bookings.Board(ctx, o.Cohort, 0)
	if err != nil {
		return nil, err
	}
	handed := Handed{Sending: o.ID, Lack: o.Lack, At: s.options.Now(), Remark: remark}
	var all []InNeed
	for _, row := range board.Couples {
		if o.Booking != "" && row.Booking.ID != o.Booking {
			continue
		}
		for _, m := range handed.messages(row.Case) {
			if o.Messages == nil || slices.Contains(o.Messages, m.ID) {
				all = append(all, InNeed{Case: row.Case, Message: m})
			}
		}
	}
	return all, nil
}

// Told is what somebody of a booking is told: by which rule, and to which partner
// or which session's driver.
type Told struct {
	Rule, Driver string
	Partner      int
}

// Told is what the message tells whom.
func (m *Message) Told() Told { return Told{Rule: m.Rule, Driver: m.Driver, Partner: m.Partner} }

// LastTold is when each of a booking was last told what, by itself or by hand.
func (s *Service) LastTold(ctx context.Context, bookingID string) (map[Told]time.Time, error) {
	last := map[Told]time.Time{}
	err := s.messages.All(ctx, store.Query{Index: byBooking, Equal: []any{bookingID}}, func(m *Message) error {
		if m.State == Sent && m.Copy != nil && m.Copy.At.After(last[m.Told()]) {
			last[m.Told()] = m.Copy.At
		}
		return nil
	})
	return last, err
}

// SendByHand saves a sending and plans its messages. Whoever dies in between
// leaves a sending on which SpreadDue goes on.
func (s *Service) SendByHand(ctx context.Context, o HandOrder, by audit.By) (*HandSending, error) {
	if o.ID == "" && o.Key != "" {
		o.ID = s.options.Key.ID("sd", o.Key)
	} else if o.ID == "" {
		o.ID = NewSendingID()
	}
	if known, err := s.sendings.Get(ctx, o.ID); err == nil {
		return s.again(ctx, known, o)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	who, err := s.Lacking(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(who) == 0 {
		return nil, ErrNobodyLacks
	}
	planned := make([]Message, len(who))
	for i, n := range who {
		planned[i] = n.Message
	}
	g := newHandSending(planned[0].Handed, o.Cohort, planned, by)
	if err := s.sendings.Insert(ctx, g); errors.Is(err, store.ErrExists) {
		if g, err = s.sendings.Get(ctx, o.ID); err != nil {
			return nil, err
		}
		return s.again(ctx, g, o)
	} else if err != nil {
		return nil, fmt.Errorf("saving sending %s: %w", o.ID, err)
	}
	return g, s.spreadNow(ctx, g.ID)
}

// again answers an order that came before.
func (s *Service) again(ctx context.Context, known *HandSending, o HandOrder) (*HandSending, error) {
	if known.CohortID != o.Cohort {
		return nil, errSendingForm
	}
	return known, s.spreadNow(ctx, known.ID)
}

// StopSending lets nothing more of a sending leave: when it has answered, all
// that had not left is held back.
func (s *Service) StopSending(ctx context.Context, cohortID, id string, by audit.By) error {
	g, err := s.Sending(ctx, cohortID, id)
	if err != nil {
		return err
	}
	lines, err := s.Progress(ctx, g)
	if err != nil {
		return err
	}
	if g.StoppedAt == nil && !slices.ContainsFunc(lines, HandLine.IsToCome) {
		return errAllLeft
	}
	err = s.sendings.Update(ctx, id, func(stored *HandSending) error {
		stored.stop(by, s.options.Now())
		return nil
	})
	if err != nil {
		return fmt.Errorf("stopping sending %s: %w", id, err)
	}
	return s.spreadNow(ctx, id)
}

// Sending gives one sending of a cohort.
func (s *Service) Sending(ctx context.Context, cohortID, id string) (*HandSending, error) {
	g, err := s.sendings.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && g.CohortID != cohortID {
		return nil, errNoSending
	}
	return g, err
}

// Sendings gives what was sent by hand to a cohort's couples, the last first.
func (s *Service) Sendings(ctx context.Context, cohortID string, most int) ([]*HandSending, error) {
	page, err := s.sendings.Find(ctx, store.Query{Index: byCohort, Equal: []any{cohortID}, Desc: true, Limit: most})
	return page.Items, err
}

// HandLine is how far a sending is with one recipient.
type HandLine struct {
	HandRecipient
	// Sent is the message as it is; nil as long as it is not planned. It is
	// shared, so it must not be changed.
	Sent *Message
}

// State is how far it is.
func (l HandLine) State() State {
	if l.Sent == nil {
		return Planned
	}
	return l.Sent.State
}

// IsToCome reports whether it may still leave.
func (l HandLine) IsToCome() bool { return l.State() == Planned || l.State() == Sending }

// Progress tells how far a sending is with each.
func (s *Service) Progress(ctx context.Context, g *HandSending) ([]HandLine, error) {
	ids := make([]string, len(g.To))
	for i, r := range g.To {
		ids[i] = r.Message
	}
	known, err := s.messages.PeekAll(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("looking how far sending %s is: %w", g.ID, err)
	}
	lines := make([]HandLine, len(g.To))
	for i, r := range g.To {
		lines[i] = HandLine{HandRecipient: r, Sent: known[r.Message]}
	}
	return lines, nil
}

// SpreadDue goes on with sendings whose messages are not all there, and with
// stopped ones of which something might still leave.
func (s *Service) SpreadDue(ctx context.Context, now time.Time) error {
	due, err := s.sendings.Find(ctx, store.Query{Index: byWork, To: now.Add(time.Millisecond), Limit: passBatch})
	failed := []error{err}
	for _, g := range due.Items {
		failed = append(failed, s.spread(ctx, g.ID))
	}
	return errors.Join(failed...)
}

// NextSending is when a sending waits for a pass, from that time on; nil if none
// does.
func (s *Service) NextSending(ctx context.Context, from time.Time) (*time.Time, error) {
	page, err := s.sendings.Find(ctx, store.Query{Index: byWork, From: from, Limit: 1})
	if err != nil || len(page.Items) == 0 {
		return nil, err
	}
	return page.Items[0].WorkAt, nil
}

// spreadNow is spread for who waits for it, and lets the messages go.
func (s *Service) spreadNow(ctx context.Context, id string) error {
	if err := s.spread(ctx, id); err != nil {
		return err
	}
	if s.options.Wake != nil {
		s.options.Wake()
	}
	return nil
}

// spread makes the messages of a sending that are not there yet. Once it is
// stopped, it makes them held back and holds back the others, so that whoever
// is about to plan or send one finds that it is not to be had.
func (s *Service) spread(ctx context.Context, id string) error {
	g, err := s.sendings.Get(ctx, id)
	if err != nil || g.WorkAt == nil {
		return err
	}
	settled, now := true, s.options.Now()
	for _, r := range g.To {
		m := g.message(r, now)
		err := s.messages.Insert(ctx, &m)
		if errors.Is(err, store.ErrExists) && g.StoppedAt != nil {
			err = s.messages.Update(ctx, r.Message, func(stored *Message) error {
				settled = g.keep(stored, now) && settled
				return nil
			})
		}
		if err != nil && !errors.Is(err, store.ErrExists) {
			return fmt.Errorf("planning message %s of a sending by hand: %w", r.Message, err)
		}
	}
	if !settled {
		return nil // what is leaving now is looked at again
	}
	return s.sendings.Update(ctx, id, func(stored *HandSending) error {
		stored.settled(g)
		return nil
	})
}

// withRemark is a mail's text with the remark of who sends it by hand, below the
// greeting if it has Lantern's. Its HTML has a place for it.
func withRemark(text string, data MailData) string {
	if data.Remark == "" {
		return text
	}
	greeting := "Hello " + cmp.Or(data.Hello, data.Own) + ",\n\n"
	if rest, ok := strings.CutPrefix(text, greeting); ok {
		return greeting + data.Remark + "\n\n" + rest
	}
	return data.Remark + "\n\n" + text
}

// isStopped reports whether the message is part of a sending by hand that was
// stopped: many are claimed at once, and none of them leaves after that.
func (s *Service) isStopped(ctx context.Context, m Message) (bool, error) {
	if !m.Handed.IsByHand() {
		return false, nil
	}
	g, err := s.sendings.Get(ctx, m.Handed.Sending)
	if err != nil {
		return false, fmt.Errorf("asking whether a sending goes on: %w", err)
	}
	return g.StoppedAt != nil, nil
}
