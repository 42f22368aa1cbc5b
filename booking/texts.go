package booking

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lantern/internal/fault"
	"lantern/internal/people"
	"lantern/retreats"
)

// TextConsent is one person's own word that they want text messages at one
// number [D36]. Nobody gets a text without it, and nobody gives it for somebody
// else.
type TextConsent struct {
	At time.Time `json:"at"`
	// Phone is the number that it was given for. Another number needs another.
	Phone string `json:"phone"`
	// Wording is what was agreed to, word by word; Hash identifies it.
	Wording string `json:"wording"`
	Hash    string `json:"hash"`
	// Source is how it was given, and StoppedBy how it was taken back: on a page
	// or by a text.
	Source    string     `json:"source"`
	StoppedAt *time.Time `json:"stopped_at,omitempty"`
	StoppedBy string     `json:"stopped_by,omitempty"`
}

// How a consent to texts is given and taken back.
const (
	ByPage = "page"
	ByAPI  = "api"
	ByText = "text"
	// ByCarrier is a phone that no text reaches: not somebody's wish.
	ByCarrier = "carrier"
)

// NewTextConsent notes a consent that is given now.
func NewTextConsent(practice, phone, source string, now time.Time) *TextConsent {
	wording := TextWording(practice)
	return &TextConsent{At: now, Phone: phone, Wording: wording, Hash: retreats.Hash(wording), Source: source}
}

// Allows reports whether texts may be sent to the number. A nil consent allows
// none.
func (t *TextConsent) Allows(phone string) bool {
	return t != nil && t.StoppedAt == nil && phone != "" && t.Phone == phone
}

// Stopped is the consent as it is when it has been taken back. The document
// that it came from is left as it is.
func (t *TextConsent) Stopped(by string, now time.Time) *TextConsent {
	if t == nil || t.StoppedAt != nil {
		return t
	}
	ended := *t
	ended.StoppedAt, ended.StoppedBy = &now, by
	return &ended
}

// PastTextConsent is a consent that another has replaced. It stays on record.
type PastTextConsent struct {
	TextConsent
	Partner int `json:"partner"`
	// Driver is the name of the driver whose it was, empty for a partner's.
	Driver string `json:"driver,omitempty"`
}

// TextWording is what a person agrees to before they get texts. It is stored
// with the consent, so it is kept here and not in a template.
func TextWording(practice string) string {
	return fmt.Sprintf("I agree to get automated text messages from %s about my appointments at this number: "+
		"one a day at most and three a week, none of them about money and none of them advertising. Message and data rates may apply. "+
		"My number is not given to others for advertising. I need not agree to this to book. "+
		"I can end it at any time by answering STOP, and get help by answering HELP.", practice)
}

// TextsTo is the number at which the partner wants texts, or empty.
func (b *Booking) TextsTo(partner int) string {
	if p := b.Partners[partner]; p.Texts.Allows(p.Phone) {
		return p.Phone
	}
	return ""
}

// errNoPhone asks for the number that is to get the texts.
var errNoPhone = fault.InvalidFields(fault.Fields{"phone": "Please write the number of your mobile phone."})

// AllowTexts notes that the partner wants texts, at the number that they write
// beside it; an empty one is the number that is known. Doing it twice is
// harmless.
func (s *Service) AllowTexts(ctx context.Context, id string, partner int, phone, source string) error {
	return s.changeTexts(ctx, id, partner, func(b *Booking, now time.Time) error {
		p := &b.Partners[partner]
		number, err := people.Phone(phone, people.RegionOf(p.Zone))
		switch {
		case err != nil:
			return fault.InvalidFields(fault.Fields{"phone": fault.TextOf(err)})
		case number == "":
			number = p.Phone
		}
		if number == "" {
			return errNoPhone
		}
		if p.Texts.Allows(number) && p.Phone == number {
			return nil
		}
		if p.Texts != nil {
			b.PastTexts = append(slices.Clone(b.PastTexts), PastTextConsent{TextConsent: *p.Texts, Partner: partner})
		}
		p.Phone, p.Texts = number, NewTextConsent(s.practice, number, source, now)
		b.replan(now)
		return nil
	})
}

// StopTexts notes that the partner wants no texts any more. What was planned as
// a text comes by mail.
func (s *Service) StopTexts(ctx context.Context, id string, partner int, by string) error {
	return s.changeTexts(ctx, id, partner, func(b *Booking, now time.Time) error {
		p := &b.Partners[partner]
		if p.Texts != nil && p.Texts.StoppedAt == nil {
			p.Texts = p.Texts.Stopped(by, now)
			b.replan(now)
		}
		return nil
	})
}

// ResumeTexts notes that the partner wants texts again at the number at which
// they had stopped them by a text.
func (s *Service) ResumeTexts(ctx context.Context, id string, partner int, phone string) error {
	return s.changeTexts(ctx, id, partner, func(b *Booking, now time.Time) error {
		p := &b.Partners[partner]
		if p.Texts == nil || p.Texts.StoppedAt == nil || p.Texts.Phone != phone || p.Phone != phone {
			return nil
		}
		b.PastTexts = append(slices.Clone(b.PastTexts), PastTextConsent{TextConsent: *p.Texts, Partner: partner})
		p.Texts = NewTextConsent(s.practice, phone, ByText, now)
		b.replan(now)
		return nil
	})
}

// changeTexts changes what a partner has said of texts. Wanting none can be
// said at any time; a booking that is over gets none anyway.
func (s *Service) changeTexts(ctx context.Context, id string, partner int, act func(*Booking, time.Time) error) error {
	if err := checkPartner(partner); err != nil {
		return err
	}
	return s.update(ctx, id, act)
}
