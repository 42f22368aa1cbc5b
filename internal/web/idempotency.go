package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/fault"
	"lantern/internal/seal"
	"lantern/internal/store"
)

// IdempotencyHeader names a request so that repeating it does it once.
const IdempotencyHeader = "Idempotency-Key"

// savedAnswer is what a key was answered with. Its id is made of who asked,
// where, and the key. The body is sealed: it may hold a booking's token, which
// is stored nowhere else either.
type savedAnswer struct {
	store.Meta
	Request     string    `json:"request"` // hash of what was asked
	Status      int       `json:"status"`
	ContentType string    `json:"content_type"`
	Sealed      string    `json:"sealed"`
	CreatedAt   time.Time `json:"created_at"`
}

// Answers remembers the answers to requests with an idempotency key.
type Answers struct {
	answers *store.Collection[savedAnswer]
	key     seal.Key
	now     func() time.Time
}

const byAge = "age"

// NewAnswers defines the collection in the store.
func NewAnswers(ctx context.Context, db *store.DB, key seal.Key, now func() time.Time) (*Answers, error) {
	answers, err := store.Define[savedAnswer](ctx, db, "answers", store.Index{Name: byAge, Fields: []string{"created_at"}})
	if err != nil {
		return nil, fmt.Errorf("opening the saved answers: %w", err)
	}
	return &Answers{answers: answers, key: key.Derive("saved answers"), now: now}, nil
}

var (
	errKeyLength = fault.New(fault.Invalid, "An Idempotency-Key has 1 to 255 characters.")
	errOtherBody = fault.New(fault.Invalid, "This Idempotency-Key was used with another request. Use a new key for a new request.")
)

type repeatKey struct{}

// RepeatKey identifies a request with an idempotency key, empty without one.
// Handlers make ids of it, so that a request which was cut off before its
// answer was saved finds what it had begun.
func RepeatKey(ctx context.Context) string {
	key, _ := ctx.Value(repeatKey{}).(string)
	return key
}

// middleware answers a repeated request as it was answered first, to whoever
// still has the right that it asks for. The answer is saved before it is given,
// so it is the same after a crash.
func (a *Answers) middleware(allowed func(echo.Context) error, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		key := r.Header.Get(IdempotencyHeader)
		if key == "" {
			return next(c)
		}
		if len(key) > 255 {
			return errKeyLength
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		id := digest(r.Header.Get(echo.HeaderAuthorization), r.Method, r.URL.Path, key)
		request := digest(string(body), r.URL.RawQuery)
		found, err := a.answers.Get(r.Context(), id)
		switch {
		case err == nil:
			if err := allowed(c); err != nil {
				return err
			}
			return a.repeat(c, found, request)
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		c.SetRequest(r.WithContext(context.WithValue(r.Context(), repeatKey{}, id)))
		return a.serve(c, next, id, request)
	}
}

func digest(parts ...string) string {
	hash := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(hash, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (a *Answers) repeat(c echo.Context, saved *savedAnswer, request string) error {
	if saved.Request != request {
		return errOtherBody
	}
	sealed, err := base64.StdEncoding.DecodeString(saved.Sealed)
	if err != nil {
		return fmt.Errorf("reading a saved answer: %w", err)
	}
	body, err := a.key.Open(sealed, []byte(saved.ID))
	if err != nil {
		return err
	}
	c.Response().Header().Set("Idempotency-Replayed", "true")
	return c.Blob(saved.Status, saved.ContentType, body)
}

// recorder holds an answer back until it is saved.
type recorder struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (a *Answers) serve(c echo.Context, next echo.HandlerFunc, id, request string) error {
	real := c.Response().Writer
	rec := &recorder{ResponseWriter: real, status: http.StatusOK}
	c.Response().Writer = rec
	err := next(c)
	c.Response().Writer = real
	if err != nil {
		return err
	}
	if isFinal(rec.status) {
		saved := &savedAnswer{
			Meta: store.Meta{ID: id}, Request: request, Status: rec.status,
			ContentType: c.Response().Header().Get(echo.HeaderContentType),
			Sealed:      base64.StdEncoding.EncodeToString(a.key.Seal(rec.body.Bytes(), []byte(id))),
			CreatedAt:   a.now(),
		}
		err := a.answers.Insert(c.Request().Context(), saved)
		if errors.Is(err, store.ErrExists) {
			// The same request came twice at once; both get the first answer.
			first, err := a.answers.Get(c.Request().Context(), id)
			if err != nil {
				return err
			}
			c.Response().Committed = false
			return a.repeat(c, first, request)
		}
		if err != nil {
			c.Response().Committed = false
			return err
		}
	}
	real.WriteHeader(rec.status)
	_, err = real.Write(rec.body.Bytes())
	return err
}

// isFinal tells the answers that stay: what was done, and decisions against
// it. A request that could not be read or served may be put right and sent
// again with its key.
func isFinal(status int) bool {
	return status < 400 || status == http.StatusConflict || status == http.StatusGone
}

// answersKept is how long an answer is repeated. Clients give up long before.
const answersKept = 30 * 24 * time.Hour

// Forget removes all answers that are too old.
func (a *Answers) Forget(ctx context.Context, now time.Time) error {
	return a.answers.All(ctx, store.Query{Index: byAge, To: now.Add(-answersKept)}, func(answer *savedAnswer) error {
		if err := a.answers.Delete(ctx, answer.ID, answer.Rev); !errors.Is(err, store.ErrStale) {
			return err
		}
		return nil // somebody else was faster
	})
}
