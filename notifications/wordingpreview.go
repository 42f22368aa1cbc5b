package notifications

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/internal/wording"
)

// Occasion is a message that was or will be sent, to try words on.
type Occasion struct {
	// Message is its id, Hello whom it greets, DueAt when it is or was due.
	Message, Hello string
	DueAt          time.Time
}

const (
	// mostTried bounds the messages that are looked at for occasions, mostCases
	// the bookings that are read for them, and mostOccasions how many are offered.
	mostTried, mostCases, mostOccasions = 300, 20, 8
)

// Occasions are the latest messages of a kind that still say what is so.
func (s *Service) Occasions(ctx context.Context, id string) ([]Occasion, error) {
	saying, ok := SayingOf(id)
	if !ok || saying.isNotice() {
		return nil, nil // a notice is between the program and its reader
	}
	page, err := s.messages.Find(ctx, store.Query{Index: byTime, Desc: true, Limit: mostTried})
	if err != nil {
		return nil, fmt.Errorf("looking for messages like %s: %w", id, err)
	}
	var found []Occasion
	cases := 0
	for _, m := range page.Items {
		if m.Rule != saying.Name || m.BookingID == "" || (m.Channel == ByText) != saying.IsText() {
			continue
		}
		data, applies, err := s.dataOf(ctx, m)
		if err != nil {
			return nil, err
		}
		if applies {
			found = append(found, Occasion{Message: m.ID, Hello: data.Hello, DueAt: m.DueAt})
		}
		if cases++; cases == mostCases || len(found) == mostOccasions {
			break
		}
	}
	return found, nil
}

// Tried is what comes of words.
type Tried struct {
	Rendered
	// Faults are what is wrong with the words, by field; empty if they can be
	// used. What can be shown of faulty words is shown all the same.
	Faults fault.Fields
	// Septets is the length of a text message at its longest.
	Septets int
}

// TryWords shows what words make of a message that was or will be sent, or of a
// sample if none is named. It holds nobody's link.
func (s *Service) TryWords(ctx context.Context, id, message string, source wording.Source) (Tried, error) {
	saying, ok := SayingOf(id)
	if !ok {
		return Tried{}, errNoSaying
	}
	source = tidied(source)
	_, err := saying.Check(source, s.options.Practice)
	tried := Tried{Faults: fault.FieldsOf(err)}
	words, _ := wording.Parse(source, saying.scope())
	if words == nil {
		return tried, nil
	}
	data := saying.samples(s.options.Practice)[0].data
	if message != "" {
		m, err := s.messages.Get(ctx, message)
		if err != nil {
			return Tried{}, fmt.Errorf("trying words on message %s: %w", message, err)
		}
		if m.Rule != saying.Name || m.BookingID == "" {
			return Tried{}, errNoSaying
		}
		real, applies, err := s.dataOf(ctx, m)
		if err != nil {
			return Tried{}, err
		}
		if applies {
			data = real
		}
	}
	data.Link = ownLink
	if data.Other != nil {
		data.Other = &OwnPage{Name: data.Other.Name, Link: ownLink}
	}
	saying.show(words, data, &tried)
	return tried, nil
}

// show puts words to data. Words that fail have a fault already.
func (s Saying) show(words *wording.Words, data MailData, tried *Tried) {
	if !s.IsText() {
		tried.Rendered, _ = renderOwn(words, data)
		return
	}
	line, _ := words.Line(data)
	tried.Text = sms.Plainly(line)
	for _, sample := range s.samples(data.Practice) {
		line, _ := words.Line(sample.data)
		septets, _ := sms.Septets(sms.Plainly(line))
		tried.Septets = max(tried.Septets, septets)
	}
}

// dataOf is what a message is made of today; it does not apply if it would not
// be sent.
func (s *Service) dataOf(ctx context.Context, m *Message) (data MailData, applies bool, err error) {
	c, err := s.options.Bookings.Case(ctx, m.BookingID)
	if err != nil {
		return MailData{}, false, fmt.Errorf("drafting message %s: %w", m.ID, err)
	}
	reminders, err := s.remindersOf(ctx, c.Booking.CohortID)
	if err != nil {
		return MailData{}, false, err
	}
	o, applies := occasionOf(c, *m, reminders)
	if !applies {
		return MailData{}, false, nil
	}
	return s.mailData(c, *m, o, s.options.Now()), true, nil
}

// draft is words in the making, with the message that they are tried on.
type draft struct {
	Source  wording.Source
	Message string
}

// KeepDraft writes words in the making into a text that only this service has
// made and can read, for the address of the frame that shows them: a page
// cannot hold a mail's own styles.
func (s *Service) KeepDraft(id, message string, source wording.Source) (string, error) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		return "", fmt.Errorf("keeping a draft: %w", err)
	}
	if err := json.NewEncoder(w).Encode(draft{tidied(source), message}); err != nil {
		return "", fmt.Errorf("keeping a draft: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("keeping a draft: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(s.drafts.Seal(packed.Bytes(), []byte(id))), nil
}

// mostOfDraft bounds what is unpacked, in bytes.
const mostOfDraft = 8 * wording.LongestSource

var errNoDraft = fault.New(fault.Invalid, "This preview cannot be read. Please make it again.")

// ShowDraft is what comes of words that KeepDraft has written.
func (s *Service) ShowDraft(ctx context.Context, id, text string) (Tried, error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return Tried{}, errNoDraft.Because(err)
	}
	packed, err := s.drafts.Open(raw, []byte(id))
	if err != nil {
		return Tried{}, errNoDraft.Because(err)
	}
	var d draft
	if err := json.NewDecoder(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), mostOfDraft)).Decode(&d); err != nil {
		return Tried{}, errNoDraft.Because(err)
	}
	return s.TryWords(ctx, id, d.Message, d.Source)
}
