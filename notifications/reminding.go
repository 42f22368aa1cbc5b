package notifications

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lantern/booking"
	"lantern/internal/audit"
	"lantern/internal/store"
	"lantern/retreats"
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

// ChangeReminders changes what a cohort reminds its couples of, and has all of
// them planned anew. Whoever dies in between leaves a set that asks for it.
func (s *Service) ChangeReminders(ctx context.Context, cohortID string, edits []ReminderEdit, version int, by audit.By) (*ReminderSet, error) {
	now := s.options.Now()
	if err := s.sets.Insert(ctx, newReminderSet(cohortID)); err != nil && !errors.Is(err, store.ErrExists) {
		return nil, fmt.Errorf("giving cohort %s its own reminders: %w", cohortID, err)
	}
	var changed ReminderSet
	err := s.sets.Update(ctx, cohortID, func(set *ReminderSet) error {
		set.complete()
		err := set.Change(edits, version, by, now)
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
	due, err := s.sets.Find(ctx, store.Query{Index: byReplan, To: now.Add(time.Millisecond), Limit: passBatch})
	failed := []error{err}
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
		if stored.Version == set.Version {
			stored.ReplanAt = nil
		}
		return nil
	})
}

// Coming is a reminder as one couple would get it if it lacked everything.
type Coming struct {
	Reminder Reminder
	At       time.Time
}

// Course gives what the reminders come to for one couple, in order of time,
// whatever their conditions: what it would get as long as nothing is done.
func Course(c booking.Case, reminders []Reminder) []Coming {
	c.Standing.State = retreats.Confirmed
	var all []Coming
	for _, rule := range rulesOf(always(reminders)) {
		for _, o := range rule.occasions(c) {
			i := slices.IndexFunc(reminders, func(r Reminder) bool { return r.ID == o.reminder })
			all = append(all, Coming{Reminder: reminders[i], At: o.dueFor(c, 0, ByMail)})
		}
	}
	slices.SortStableFunc(all, func(a, b Coming) int { return a.At.Compare(b.At) })
	return all
}

// always gives the reminders without their conditions.
func always(reminders []Reminder) []Reminder {
	all := slices.Clone(reminders)
	for i := range all {
		all[i].While = ""
	}
	return all
}

// ownLink stands for a couple's link where others than they read.
const ownLink = "(their own link)"

// Preview puts the first reminder of each template into words, with what is so
// of a couple today. It holds nobody's link.
func (s *Service) Preview(ctx context.Context, c booking.Case, reminders []Reminder) (map[string]Rendered, error) {
	c.Standing.State = retreats.Confirmed
	now, previews := s.options.Now(), map[string]Rendered{}
	for _, rule := range rulesOf(always(reminders)) {
		occasions := rule.occasions(c)
		if len(occasions) == 0 {
			continue
		}
		data := s.mailData(c, Message{Partner: 0}, occasions[0], now)
		data.Link, data.Other = ownLink, nil
		words, err := s.render(ctx, rule.Name, data)
		if err != nil {
			return nil, err
		}
		previews[rule.Name] = words
	}
	return previews, nil
}
