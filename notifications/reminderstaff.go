package notifications

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lantern/booking"
	"lantern/internal/store"
	"lantern/retreats"
)

// What staff on duty are told. It names a couple by its booking alone: what
// else a reader may see, the page behind the link decides.

// Reader is somebody of the staff who is on duty.
type Reader struct{ ID, Name, Email string }

// onDutyFor are those on duty, if any of the reminders is for them.
func (s *Service) onDutyFor(ctx context.Context, reminders []Reminder) ([]Reader, error) {
	forStaff := slices.ContainsFunc(reminders, func(r Reminder) bool { return r.To == ToStaff && !r.Off })
	if !forStaff || s.options.OnDuty == nil {
		return nil, nil
	}
	onDuty, err := s.options.OnDuty(ctx)
	if err != nil {
		return nil, fmt.Errorf("asking who is on duty: %w", err)
	}
	return onDuty, nil
}

func staffID(rule, bookingID, occasion, reader string) string {
	return fmt.Sprintf("%s.%s.%s.%s", rule, bookingID, occasion, reader)
}

// toStaff are the messages to those on duty; two with one mailbox get one.
func toStaff(c booking.Case, rule string, o occasion, onDuty []Reader, now time.Time) []Message {
	var messages []Message
	mailboxes := map[string]bool{}
	for _, reader := range onDuty {
		mailbox := strings.ToLower(reader.Email)
		if mailboxes[mailbox] {
			continue
		}
		mailboxes[mailbox] = true
		due := o.dueFor(c, 0, ByMail)
		next := due
		messages = append(messages, Message{
			Meta: store.Meta{ID: staffID(rule, c.Booking.ID, o.key, reader.ID)},
			Rule: rule, BookingID: c.Booking.ID, CohortID: c.Booking.CohortID, Reader: reader.ID,
			State: Planned, PlannedFor: c.Booking.Rev, DueAt: due, UsefulUntil: o.until, NextAt: &next, CreatedAt: now,
		})
	}
	return messages
}

// staffLetter asks once more whether the reader is on duty.
func (s *Service) staffLetter(ctx context.Context, c booking.Case, m Message, o occasion) (letter, result, error) {
	var onDuty []Reader
	if s.options.OnDuty != nil {
		var err error
		if onDuty, err = s.options.OnDuty(ctx); err != nil {
			return letter{}, result{}, fmt.Errorf("asking who is on duty: %w", err)
		}
	}
	i := slices.IndexFunc(onDuty, func(r Reader) bool { return r.ID == m.Reader })
	if i < 0 {
		return letter{}, result{state: Withdrawn, rev: c.Booking.Rev}, nil
	}
	reader := onDuty[i]
	return letter{name: reader.Name, email: reader.Email, data: s.staffData(c, o, reader.Name)}, result{}, nil
}

// staffData is what a mail to staff is made of: nothing of the couple but the
// name of its booking.
func (s *Service) staffData(c booking.Case, o occasion, name string) MailData {
	data := MailData{Hello: name, Practice: s.options.Practice, Ref: c.Booking.Ref, Zone: c.Cohort.Location()}
	if name == "" {
		data.Hello = "everybody on duty" // in previews
	}
	if s.options.StaffPage != nil {
		data.Link = s.options.StaffPage(c.Booking.ID)
	}
	data.ToStaff = true
	o.tell(&data)
	return data
}

// noteDuty has the couples of all cohorts planned for anew that remind staff of
// something, when others are on duty than those they were planned for. The sets
// are gone through only if that has changed since this process last looked.
func (s *Service) noteDuty(ctx context.Context, now time.Time) error {
	if s.options.OnDuty == nil {
		return nil
	}
	onDuty, err := s.options.OnDuty(ctx)
	if err != nil {
		return fmt.Errorf("asking who is on duty: %w", err)
	}
	duty := dutyOf(onDuty)
	if known := s.duty.Load(); known != nil && *known == duty {
		return nil
	}
	err = s.sets.All(ctx, store.Query{Index: byStaff, Equal: []any{true}}, func(set *ReminderSet) error {
		if set.Duty == duty {
			return nil
		}
		return s.sets.Update(ctx, set.ID, func(stored *ReminderSet) error {
			if stored.Duty != duty {
				stored.Duty, stored.ReplanAt = duty, &now
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("planning anew for those on duty: %w", err)
	}
	s.duty.Store(&duty)
	return nil
}

// dutyOf names those on duty, whatever their order.
func dutyOf(onDuty []Reader) string {
	var ids []string
	for _, r := range onDuty {
		ids = append(ids, r.ID+" "+strings.ToLower(r.Email))
	}
	slices.Sort(ids)
	return retreats.Hash(strings.Join(ids, "\n"))[:16]
}
