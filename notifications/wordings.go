package notifications

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"lantern/internal/sms"
	"lantern/internal/store"
	"lantern/internal/wording"
)

// wordingFresh is how long the words that were read are taken to be those that
// are stored, so that a pass does not read them for each message. Another
// process's change is seen after that.
const wordingFresh = time.Second

// wordings are an installation's own words, parsed.
type wordings struct {
	stored *store.Collection[Wording]
	now    func() time.Time
	log    *slog.Logger

	mu     sync.Mutex
	readAt time.Time
	known  map[string]ownWords
}

// ownWords are the words of one revision of a message; words is nil where they
// cannot be read, or are Lantern's.
type ownWords struct {
	doc   *Wording
	words *wording.Words
}

func openWordings(ctx context.Context, o Options) (*wordings, error) {
	stored, err := store.Define[Wording](ctx, o.DB, "wordings")
	if err != nil {
		return nil, fmt.Errorf("opening the wordings' documents: %w", err)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &wordings{stored: stored, now: o.Now, log: log, known: map[string]ownWords{}}, nil
}

// of gives an installation's own words for a message, if it has some.
func (w *wordings) of(ctx context.Context, id string) (ownWords, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if since := now.Sub(w.readAt); since < 0 || since >= wordingFresh {
		if err := w.read(ctx); err != nil {
			return ownWords{}, err
		}
		w.readAt = now
	}
	return w.known[id], nil
}

// read brings what is known in line with what is stored. Of what is known, only
// the revisions are asked for.
func (w *wordings) read(ctx context.Context) error {
	var ids []string
	for _, s := range Sayings() {
		ids = append(ids, s.ID)
	}
	docs, err := w.stored.PeekAll(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading the wordings: %w", err)
	}
	for _, s := range Sayings() {
		doc, ok := docs[s.ID]
		if !ok {
			delete(w.known, s.ID)
			continue
		}
		if known := w.known[s.ID]; known.doc != nil && known.doc.Rev == doc.Rev {
			continue
		}
		own := ownWords{doc: doc}
		if doc.Own {
			own.words, _ = wording.Parse(doc.Source(), s.scope())
		}
		w.known[s.ID] = own
	}
	return nil
}

// forget lets what is stored be read anew.
func (w *wordings) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.readAt = time.Time{}
}

// failed notes, and tells the log once, that own words could not be used for a
// message. What the words or their data say does not come into the log.
func (w *wordings) failed(ctx context.Context, doc *Wording, cause error) error {
	if doc.FailedAt != nil {
		return nil
	}
	line := 0
	if cause != nil {
		line = wording.Place(cause)
	}
	w.log.WarnContext(ctx, "own words could not be used, so Lantern's were", "message", doc.ID, "version", doc.Version, "line", line)
	w.forget()
	err := w.stored.Update(ctx, doc.ID, func(stored *Wording) error {
		stored.fail(doc.Version, line, w.now())
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting that wording %s failed: %w", doc.ID, err)
	}
	return nil
}

// render puts a mail into words: the installation's own, or else Lantern's. A
// mail is sent whatever becomes of the own words.
func (s *Service) render(ctx context.Context, rule string, data MailData) (Rendered, error) {
	own, err := s.wordings.of(ctx, wordingID(ByMail, rule))
	if err != nil {
		return Rendered{}, err
	}
	if own.doc == nil || !own.doc.Own {
		return s.renderDefault(rule, data)
	}
	if own.words != nil {
		var words Rendered
		if words, err = renderOwn(own.words, data); err == nil && tells(withoutNames(words.Subject, data)) != "" {
			err = errTelling
		}
		if err == nil {
			return words, nil
		}
	}
	words, renderErr := s.renderDefault(rule, data)
	if renderErr != nil {
		return Rendered{}, errors.Join(renderErr, err)
	}
	s.noteFailed(ctx, own.doc, err)
	return words, nil
}

// renderDefault puts a mail into Lantern's words.
func (s *Service) renderDefault(rule string, data MailData) (Rendered, error) {
	words, err := s.options.Render(rule, data)
	words.Text = withRemark(words.Text, data)
	return words, err
}

func renderOwn(words *wording.Words, data MailData) (r Rendered, err error) {
	if r.Subject, err = words.Subject(data); err != nil {
		return Rendered{}, err
	}
	if r.Text, err = words.Text(data); err != nil {
		return Rendered{}, err
	}
	r.Text = withRemark(r.Text, data)
	if r.HTML, err = words.HTML(data.Practice.Name, data.Remark, data); err != nil {
		return Rendered{}, err
	}
	if r.Subject == "" {
		return Rendered{}, errNoSubject
	}
	return r, nil
}

// withoutNames leaves out what tells nothing new, however it reads: from whom a
// mail is, and for whom.
func withoutNames(text string, data MailData) string {
	for _, name := range []string{data.Practice.Name, data.Practice.Contact, data.Hello, data.Own} {
		if name != "" {
			text = strings.ReplaceAll(text, name, " ")
		}
	}
	return text
}

var (
	errNoSubject = errors.New("the subject is empty")
	// errTelling is of what a subject shows that somebody has written since the
	// words were checked, such as a reason [D38].
	errTelling = errors.New("the subject tells what kind of practice it is from")
)

// renderText puts a text message into words, like render. Own words that are
// longer than one text give way too.
func (s *Service) renderText(ctx context.Context, rule string, data MailData) (string, error) {
	own, err := s.wordings.of(ctx, wordingID(ByText, rule))
	if err != nil {
		return "", err
	}
	if own.doc == nil || !own.doc.Own {
		return s.options.RenderText(rule, data)
	}
	if own.words != nil {
		var line string
		line, err = own.words.Line(data)
		if line = sms.Plainly(line); err == nil && line != "" && sms.Fits(line) {
			return line, nil
		}
	}
	s.noteFailed(ctx, own.doc, err)
	return s.options.RenderText(rule, data)
}

// noteFailed notes a failure that must not keep a message from being sent.
func (s *Service) noteFailed(ctx context.Context, doc *Wording, cause error) {
	if err := s.wordings.failed(ctx, doc, cause); err != nil {
		s.wordings.log.WarnContext(ctx, "noting own words that failed", "message", doc.ID, "error", err.Error())
	}
}
