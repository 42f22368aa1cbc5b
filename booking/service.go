package booking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/stripepay"
	"lantern/retreats"
)

// Service loads, decides and saves bookings.
type Service struct {
	collections
	retreats *retreats.Service
	pay      *stripepay.Client
	key      seal.Key
	baseURL  string
	practice string
	now      func() time.Time
	changed  func()
	unsaid   reports
	// atOnce is how many items of a pass are worked on at the same time.
	atOnce int

	// What comparisons need: the practice's zone, the address of our webhook
	// endpoint, what wakes the pass, and who this process is among those that
	// share the store.
	zone       *time.Location
	webhookURL string
	compare    func()
	holder     string
}

// Options are what a Service works with.
type Options struct {
	DB       *store.DB
	Retreats *retreats.Service
	Pay      *stripepay.Client
	// Key makes the partners' links.
	Key seal.Key
	// BaseURL is where people reach the service, without a slash at the end.
	BaseURL string
	// Practice is who the texts are from, by name.
	Practice string
	Now      func() time.Time
	// Changed is called when a booking's messages have to be planned again,
	// so that nobody waits for a tick.
	Changed func()
	// Zone is the practice's, in which its nights are; nil is UTC.
	Zone *time.Location
	// WebhookURL is where Stripe's events should come to; empty is the address
	// below BaseURL.
	WebhookURL string
	// Compare is called when somebody has asked for a comparison, so that they do
	// not wait for a tick; nil for nothing.
	Compare func()
	// InTurn has a pass take one item after the other, so that what it does can be
	// repeated exactly.
	InTurn bool
}

// NewService defines the slice's collections in the store.
func NewService(ctx context.Context, o Options) (*Service, error) {
	c, err := define(ctx, o.DB)
	if err != nil {
		return nil, fmt.Errorf("opening the bookings' documents: %w", err)
	}
	s := &Service{
		collections: c, retreats: o.Retreats, pay: o.Pay, key: o.Key.Derive("booking links"),
		baseURL: o.BaseURL, practice: o.Practice, now: o.Now, changed: o.Changed,
		zone: o.Zone, webhookURL: cmp.Or(o.WebhookURL, o.BaseURL+"/webhooks/stripe"), compare: o.Compare, holder: seal.NewID("proc"),
	}
	s.atOnce = atOnce
	if o.InTurn {
		s.atOnce = 1
	}
	if s.zone == nil {
		s.zone = time.UTC
	}
	if s.compare == nil {
		s.compare = func() {}
	}
	return s, nil
}

// Case is a booking with what its couple needs to see beside it.
type Case struct {
	Booking  *Booking
	Cohort   *retreats.Cohort
	Standing retreats.Standing
}

// with is the case of the booking as a decision finds it when it is saved, in the
// cohort as it was looked at.
func (c Case) with(b *Booking) Case {
	c.Booking = b
	return c
}

// Book takes an application: a place is held, or (if the couple would wait) a
// turn on the waitlist is taken. The faults: by field, fault.Invalid;
// retreats.ErrFull and the cohort's other refusals.
func (s *Service) Book(ctx context.Context, cohortID string, a Application) (Case, error) {
	cohort, err := s.retreats.OfferedCohort(ctx, cohortID)
	if err != nil {
		return Case{}, err
	}
	now := s.now()
	id := seal.NewID("bk")
	if a.Key != "" {
		id = s.key.ID("bk", cohort.ID, a.Key)
		if c, err := s.again(ctx, id, cohort, a); !errors.Is(err, store.ErrNotFound) {
			return c, err
		}
	}
	// Whether there is a place comes first: nobody should have to mend a form
	// for one that is gone. A refusal changes nothing, so what was just read is
	// enough for it; who may get a place goes on to the document itself.
	read := *cohort
	_, err = read.Reserve(id, "", now)
	waits := a.Wait && errors.Is(err, retreats.ErrFull)
	if err != nil && !waits {
		return Case{}, err
	}
	quote, err := cohort.Quote(a.Code, now)
	if err != nil && fault.FieldsOf(err) == nil {
		return Case{}, err
	}
	partners, err := a.check(cohort.Zone, fault.FieldsOf(err))
	if err != nil {
		return Case{}, err
	}
	standing, err := s.retreats.Reserve(ctx, cohortID, id, a.Code)
	waits = a.Wait && errors.Is(err, retreats.ErrFull)
	if err != nil && !waits {
		return Case{}, err
	}
	// A place may be held now. What is still to be done for it does not end
	// with the request of a couple whose phone has lost its connection.
	ctx, cancel := outlasting(ctx)
	defer cancel()
	b := s.newBooking(id, cohort, partners, now)
	b.SharedEmail, b.GroupID, b.Code = a.SharedEmail, cmp.Or(a.group, id), a.Code
	b.accept(cohort, quote, a.IP, now)
	if waits {
		return s.wait(ctx, cohort, b, a)
	}
	// From here on the hold's own deadline undoes what is cut off.
	b.Charges = b.chargesFor(cohort, now)
	if standing.Until != nil {
		b.attend(*standing.Until)
	}
	b.replan(now)
	return s.insert(ctx, cohort, b, a, standing)
}

// wait stores the booking before it joins, since a turn on the waitlist has no
// deadline that would undo it.
func (s *Service) wait(ctx context.Context, cohort *retreats.Cohort, b *Booking, a Application) (Case, error) {
	b.attend(b.CreatedAt.Add(insertGrace))
	if c, err := s.insert(ctx, cohort, b, a, retreats.Standing{}); err != nil {
		return c, err
	}
	return s.join(ctx, cohort, b)
}

func (s *Service) join(ctx context.Context, cohort *retreats.Cohort, b *Booking) (Case, error) {
	standing, err := s.retreats.Join(ctx, cohort.ID, b.ID, b.Code)
	if refused(err) {
		return Case{}, errors.Join(err, s.discard(ctx, b))
	}
	if err != nil {
		// It may have joined all the same. The booking is looked at soon: it
		// stands somewhere then, or is discarded.
		return Case{}, err
	}
	if standing.State == retreats.WaitingOn {
		if joined, err := s.noteJoined(ctx, cohort, b, standing); err == nil {
			return Case{Booking: joined, Cohort: cohort, Standing: standing}, nil
		}
	}
	s.attendFor(ctx, b.ID)
	return s.Case(ctx, b.ID)
}

// noteJoined does in one save what attending to a booking would do that has
// just come onto the waitlist: often hundreds come at once. For the same reason
// it wakes nobody to send mail: the next tick does, when they are answered.
func (s *Service) noteJoined(ctx context.Context, cohort *retreats.Cohort, b *Booking, standing retreats.Standing) (*Booking, error) {
	var joined Booking
	start := cohort.Start()
	err := s.bookings.Update(ctx, b.ID, func(stored *Booking) error {
		if stored.JoinedAt == nil && !stored.IsOver() {
			stored.JoinedAt = &standing.Since
			stored.replan(s.now())
			stored.restFrom(b.Rev, &start, nil)
		}
		joined = *stored
		return nil
	})
	return &joined, err
}

func (s *Service) insert(ctx context.Context, cohort *retreats.Cohort, b *Booking, a Application, standing retreats.Standing) (Case, error) {
	err := s.bookings.Insert(ctx, b)
	if errors.Is(err, store.ErrExists) {
		return s.again(ctx, b.ID, cohort, a) // the same came twice at once
	}
	if err != nil {
		return Case{}, s.giveBack(ctx, b, err)
	}
	if b.PlanAt != nil {
		s.changed()
	}
	return Case{Booking: b, Cohort: cohort, Standing: standing}, nil
}

// giveBack releases the place of a booking that was surely not stored, so that
// nobody waits for the end of its hold. After an answer that may mean either,
// the hold's own deadline does that.
func (s *Service) giveBack(ctx context.Context, b *Booking, failure error) error {
	gaveUp := errors.Is(failure, context.Canceled) || errors.Is(failure, context.DeadlineExceeded)
	if gaveUp || fault.KindOf(failure) == fault.Unavailable {
		return failure
	}
	if _, err := s.bookings.Get(ctx, b.ID); !errors.Is(err, store.ErrNotFound) {
		return failure // the same came twice, and was stored once
	}
	return errors.Join(failure, s.retreats.Release(ctx, b.CohortID, b.ID))
}

// errOtherPeople answers a form that was sent once for one couple and once
// more for another.
var errOtherPeople = fault.New(fault.Conflict, "This form has been used for a booking already. Please open a new one to book for other people.")

// again answers an application that came before with the booking it made,
// whatever has become of that; store.ErrNotFound when it did not come before.
func (s *Service) again(ctx context.Context, id string, cohort *retreats.Cohort, a Application) (Case, error) {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return Case{}, err
	}
	partners, err := a.check(cohort.Zone, nil)
	if err != nil {
		return Case{}, err
	}
	for i := range partners {
		partners[i].LinkHash = b.Partners[i].LinkHash
		if texts := b.Partners[i].Texts; texts != nil {
			// Said after the booking was made, perhaps with another number.
			partners[i].Phone, partners[i].Texts = b.Partners[i].Phone, texts
		}
	}
	if b.Partners != partners {
		return Case{}, errOtherPeople
	}
	c, err := s.CaseOf(ctx, b)
	if err == nil && c.Standing.State == retreats.None && len(b.Charges) == 0 && !b.IsOver() {
		return s.join(ctx, cohort, b) // it was cut off before it joined
	}
	return c, err
}

func (s *Service) newBooking(id string, cohort *retreats.Cohort, partners [2]Partner, now time.Time) *Booking {
	b := &Booking{
		Meta: store.Meta{ID: id}, Ref: seal.ShortRef(id), CohortID: cohort.ID,
		Partners: partners, CreatedAt: now, LinksUntil: linksUntil(cohort),
	}
	for i := range b.Partners {
		b.Partners[i].LinkHash = seal.Hash(s.Token(id, i))
	}
	return b
}

// Case returns a booking, its cohort and where it stands there.
func (s *Service) Case(ctx context.Context, id string) (Case, error) {
	b, err := s.bookings.Get(ctx, id)
	if err != nil {
		return Case{}, err
	}
	return s.CaseOf(ctx, b)
}

// CaseOf is Case for a booking that has been loaded.
func (s *Service) CaseOf(ctx context.Context, b *Booking) (Case, error) {
	cohort, err := s.retreats.Cohort(ctx, b.CohortID)
	if err != nil {
		return Case{}, fmt.Errorf("loading the cohort of booking %s: %w", b.ID, err)
	}
	return Case{Booking: b, Cohort: cohort, Standing: cohort.Standing(b.ID, s.now())}, nil
}
