package notifications

import (
	"context"
	"errors"
	"time"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/retreats"
)

// Texts to who drives a couple home: time and place, and nothing of anybody [D31].

// welcomedDriver is the text by which a driver's number learns what it has agreed
// to.
const welcomedDriver = "texts_on_ride"

// channelOfDriver is by what a driver is told. Who has no mail address and has
// ended texts is the couple's to tell.
func (o occasion) channelOfDriver() Channel {
	if o.text == instead && o.driver.TextsTo() != "" {
		return ByText
	}
	return ByMail
}

// welcomesOfDrivers are the first texts to drivers who have just agreed, one for
// each person.
func welcomesOfDrivers(c booking.Case, now time.Time) []Message {
	var texts []Message
	known := map[string]bool{}
	for _, d := range c.Booking.Drivers {
		o, ok := firstText(c, d)
		if !ok || known[d.LinkHash] {
			continue
		}
		known[d.LinkHash] = true
		text := textOf(c, welcomedDriver, 0, o, now)
		text.Driver = d.Session
		texts = append(texts, text)
	}
	return texts
}

// firstText is the occasion of the first text to a driver.
func firstText(c booking.Case, d booking.Driver) (occasion, bool) {
	if d.TextsTo() == "" || c.Booking.IsOver() {
		return occasion{}, false
	}
	given := d.Texts.At
	return occasion{key: keyOf(given) + "." + retreats.Hash(d.LinkHash)[:8], due: given, until: given.Add(welcomeUse), driver: &d}, true
}

// welcomeOfDriver finds what a driver's first text is about, if it still applies.
func welcomeOfDriver(c booking.Case, m Message) (occasion, bool) {
	for _, d := range c.Booking.Drivers {
		if o, ok := firstText(c, d); ok && m.ID == idOf(welcomedDriver, m.BookingID, o.key, 0)+textSuffix {
			return o, true
		}
	}
	return occasion{}, false
}

// letterToDriver puts the driver's name and address on a letter, or ends one that
// has neither an address nor somebody who wants texts.
func (s *Service) letterToDriver(c booking.Case, m Message, o occasion, l letter, byText bool) (letter, result, error) {
	l.name, l.email = o.driver.Name, o.driver.Email
	switch {
	case byText:
		l.phone, l.consentedAt, l.question = o.driver.Phone, o.driver.Texts.At, o.asks(c, m)
	case l.email == "":
		return letter{}, result{state: Failed}, nil
	}
	return l, result{}, nil
}

// wordsOf puts a text into words. It leaves out the place where that would make
// it two texts.
func (s *Service) wordsOf(ctx context.Context, rule string, data MailData) (string, error) {
	body, err := s.renderText(ctx, rule, data)
	if err != nil || data.PickUpPlace == "" || sms.Fits(body) {
		return body, err
	}
	data.PickUpPlace = ""
	return s.renderText(ctx, rule, data)
}

// personOf is whom a text is for.
func personOf(m Message) numberPerson {
	return numberPerson{Booking: m.BookingID, Partner: m.Partner, Driver: m.Driver != ""}
}

func (s *Service) stopTexts(ctx context.Context, p numberPerson, phone, by string) error {
	if p.Driver {
		return s.options.Bookings.StopDriverTexts(ctx, p.Booking, phone, by)
	}
	return s.options.Bookings.StopTexts(ctx, p.Booking, p.Partner, by)
}

func (s *Service) resumeTexts(ctx context.Context, p numberPerson, phone string) error {
	if p.Driver {
		return s.options.Bookings.ResumeDriverTexts(ctx, p.Booking, phone)
	}
	return s.options.Bookings.ResumeTexts(ctx, p.Booking, p.Partner, phone)
}

// asksDriver reports whether the last question was whether somebody drives.
func (n *Number) asksDriver() bool { return n.Asked != nil && n.Asked.Driver }

// answerRide says for the driver whether they drive, if it is still to be at that
// time [D29], [D37].
func (s *Service) answerRide(ctx context.Context, q Question, from string, meaning sms.Meaning, silent bool) (string, error) {
	answer := booking.DriverYes
	if meaning == sms.No {
		answer = booking.DriverNo
	}
	ride, err := s.options.Bookings.AnswerRideByText(ctx, q.Booking, q.Session, from, q.StartsAt, answer)
	switch {
	case err != nil && fault.KindOf(err) == fault.Internal && !errors.Is(err, store.ErrNotFound):
		return "", err
	case silent:
		return "", nil
	case err != nil:
		return s.reply(ctx, string(sms.Other), time.Time{}, nil), nil
	}
	return s.reply(ctx, "ride_"+string(answer), ride.PickUpAt, ride.Zone), nil
}
