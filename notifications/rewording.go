package notifications

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/audit"
	"lantern/internal/fault"
	"lantern/internal/store"
	"lantern/internal/wording"
)

// Worded is a message with the words that it has.
type Worded struct {
	Saying
	Wording
	// Broken is why the own words do not pass the checks any more, such as after a
	// change of the program; empty if they do.
	Broken string
	// Sample is what it says at a glance: the subject, or a text message whole, for
	// a couple that could be.
	Sample string
}

// Source are the words that are used, or were meant to be.
func (w Worded) Source() wording.Source {
	if w.Wording.Own {
		return w.Wording.Source()
	}
	return w.Saying.Own
}

// glance is a subject, or a text message, on the first sample. Words that cannot
// be read are shown as they are.
func (s Saying) glance(source wording.Source, practice Practice) string {
	words, _ := wording.Parse(source, s.scope())
	data := s.samples(practice)[0].data
	shown, ask := source.Subject, words.Subject
	if s.IsText() {
		shown, ask = source.Text, words.Line
	}
	if words == nil {
		return shown
	}
	if said, err := ask(data); err == nil {
		shown = said
	}
	return shown
}

// Wordings gives all messages with their words.
func (s *Service) Wordings(ctx context.Context) ([]Worded, error) {
	var ids []string
	for _, saying := range Sayings() {
		ids = append(ids, saying.ID)
	}
	docs, err := s.wordings.stored.PeekAll(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading the wordings: %w", err)
	}
	var all []Worded
	for _, saying := range Sayings() {
		all = append(all, s.worded(saying, docs[saying.ID]))
	}
	return all, nil
}

func (s *Service) worded(saying Saying, doc *Wording) Worded {
	w := Worded{Saying: saying, Wording: Wording{Meta: store.Meta{ID: saying.ID}}}
	if doc != nil {
		w.Wording = *doc
	}
	w.Sample = saying.glance(w.Source(), s.options.Practice)
	if !w.Wording.Own {
		return w
	}
	if _, err := saying.Check(doc.Source(), s.options.Practice); err != nil {
		for _, field := range []string{"subject", "text"} {
			if w.Broken == "" {
				w.Broken = fault.FieldsOf(err)[field]
			}
		}
	}
	return w
}

// errNoSaying is of a message that there is not.
var errNoSaying = fault.New(fault.NotFound, "There is no such message.")

// WordingOf gives one message with its words.
func (s *Service) WordingOf(ctx context.Context, id string) (Worded, error) {
	saying, ok := SayingOf(id)
	if !ok {
		return Worded{}, errNoSaying
	}
	doc, err := s.wordings.stored.Get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Worded{}, fmt.Errorf("reading wording %s: %w", id, err)
	}
	return s.worded(saying, doc), nil
}

// Reword gives a message words of the installation's own, in place of those of
// a version. What is wrong with them is told by field.
func (s *Service) Reword(ctx context.Context, id string, source wording.Source, version int, by audit.By) (Worded, error) {
	saying, ok := SayingOf(id)
	if !ok {
		return Worded{}, errNoSaying
	}
	source = tidied(source)
	if _, err := saying.Check(source, s.options.Practice); err != nil {
		return Worded{}, err
	}
	return s.changeWording(ctx, id, func(w *Wording, now time.Time) error { return w.Reword(source, version, by, now) })
}

// RestoreWording gives a message Lantern's own words back.
func (s *Service) RestoreWording(ctx context.Context, id string, version int, by audit.By) (Worded, error) {
	if _, ok := SayingOf(id); !ok {
		return Worded{}, errNoSaying
	}
	return s.changeWording(ctx, id, func(w *Wording, now time.Time) error { return w.Restore(version, by, now) })
}

func (s *Service) changeWording(ctx context.Context, id string, change func(*Wording, time.Time) error) (Worded, error) {
	now := s.options.Now()
	if err := s.wordings.stored.Insert(ctx, &Wording{Meta: store.Meta{ID: id}}); err != nil && !errors.Is(err, store.ErrExists) {
		return Worded{}, fmt.Errorf("opening wording %s: %w", id, err)
	}
	if err := s.wordings.stored.Update(ctx, id, func(w *Wording) error { return change(w, now) }); err != nil {
		return Worded{}, err
	}
	s.wordings.forget()
	return s.WordingOf(ctx, id)
}
