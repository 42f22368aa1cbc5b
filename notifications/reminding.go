package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
)

// Reminders gives what a cohort reminds its couples of: its own set, or the
// default one if it has none.
func (s *Service) Reminders(ctx context.Context, cohortID string) (*ReminderSet, error) {
	shared, err := s.sets.Peek(ctx, cohortID)
	if errors.Is(err, store.ErrNotFound) {
		return newReminderSet(cohortID), nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the reminders of cohort %s: %w", cohortID, err)
	}
	set := *shared
	set.complete() // replaces the reminders and leaves the shared ones
	return &set, nil
}

func (s *Service) remindersOf(ctx context.Context, cohortID string) ([]Reminder, error) {
	set, err := s.Reminders(ctx, cohortID)
	if err != nil {
		return nil, err
	}
	return set.Reminders, nil
}

// ChangeReminders changes when a cohort reminds its couples of what.
func (s *Service) ChangeReminders(ctx context.Context, cohortID string, edits []ReminderEdit, version int, by audit.By) (*ReminderSet, error) {
	return s.changeSet(ctx, cohortID, func(set *ReminderSet, now time.Time) error { return set.Change(edits, version, by, now) })
}

// WriteReminder adds a reminder of organizers, if it has no id, or changes the
// one with its id, and gives it as it is now.
func (s *Service) WriteReminder(ctx context.Context, cohortID string, r Reminder, version int, by audit.By) (written Reminder, set *ReminderSet, err error) {
	id := newOwnID()
	set, err = s.changeSet(ctx, cohortID, func(set *ReminderSet, now time.Time) (err error) {
		written, err = set.Write(r, id, s.options.Practice.Name, version, by, now)
		return err
	})
	return written, set, err
}

// CheckReminder says by field what is wrong with a reminder of organizers, or
// with what a cohort decides of another.
func (s *Service) CheckReminder(r Reminder) fault.Fields {
	if r.ID == "" {
		r.ID = ownPrefix
	}
	return r.tidy().check(s.options.Practice.Name)
}

// RemoveReminder takes out a reminder that organizers wrote.
func (s *Service) RemoveReminder(ctx context.Context, cohortID, id string, version int, by audit.By) (*ReminderSet, error) {
	return s.changeSet(ctx, cohortID, func(set *ReminderSet, now time.Time) error { return set.Remove(id, version, by, now) })
}

// TakeReminders gives a cohort the reminders of another one, or, with an empty
// id, those that all have at first. whose says in words where they come from.
func (s *Service) TakeReminders(ctx context.Context, cohortID, from, whose string, version int, by audit.By) (*ReminderSet, error) {
	other := newReminderSet(from)
	if from != "" {
		var err error
		if other, err = s.Reminders(ctx, from); err != nil {
			return nil, err
		}
	}
	var ids []string
	for range other.own() {
		ids = append(ids, newOwnID())
	}
	return s.changeSet(ctx, cohortID, func(set *ReminderSet, now time.Time) error {
		return set.Take(other.Reminders, ids, whose, version, by, now)
	})
}

// changeSet changes what a cohort reminds its couples of, and has all of them
// planned anew. Whoever dies in between leaves a set that asks for it.
func (s *Service) changeSet(ctx context.Context, cohortID string, change func(*ReminderSet, time.Time) error) (*ReminderSet, error) {
	now := s.options.Now()
	if err := s.sets.Insert(ctx, newReminderSet(cohortID)); err != nil && !errors.Is(err, store.ErrExists) {
		return nil, fmt.Errorf("giving cohort %s its own reminders: %w", cohortID, err)
	}
	var changed ReminderSet
	err := s.sets.Update(ctx, cohortID, func(set *ReminderSet) error {
		set.complete()
		err := change(set, now)
		changed = *set
		return err
	})
	if err != nil {
		return nil, err
	}
	return &changed, s.replanCohort(ctx, &changed)
}

// replanSets plans for the couples of cohorts whose reminders have changed.
func (s *Service) replanSets(ctx context.Context, now time.Time) error {
	failed := []error{s.noteDuty(ctx, now)}
	due, err := s.sets.Find(ctx, store.Query{Index: byReplan, To: now.Add(time.Millisecond), Limit: passBatch})
	failed = append(failed, err)
	for _, set := range due.Items {
		failed = append(failed, s.replanCohort(ctx, set))
	}
	return errors.Join(failed...)
}

func (s *Service) replanCohort(ctx context.Context, set *ReminderSet) error {
	if set.ReplanAt == nil {
		return nil
	}
	if err := s.options.Bookings.AskToPlan(ctx, set.ID); err != nil {
		return fmt.Errorf("planning the reminders of cohort %s anew: %w", set.ID, err)
	}
	return s.sets.Update(ctx, set.ID, func(stored *ReminderSet) error {
		if stored.Version == set.Version && stored.Duty == set.Duty {
			stored.ReplanAt = nil
		}
		return nil
	})
}
