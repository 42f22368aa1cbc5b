package sandbox

import (
	"net/http"
	"time"
)

// Trouble is what goes wrong on purpose. Counts are of API requests to come and
// go down as they are met; the client repeats some failures by itself, each of
// which counts. The rest lasts until it is set otherwise. Trouble is forgotten
// on a restart.
type Trouble struct {
	APIErrors   int // requests that are answered 500 and not carried out
	RateLimits  int // requests that are answered 429 and not carried out
	Timeouts    int // requests whose connection ends before they are carried out
	LateAnswers int // requests whose connection ends after they were carried out

	HoldEvents    time.Duration // how much later events are delivered than they happen
	DoubleEvents  bool          // every event is delivered twice
	ReorderEvents bool          // what is due together is delivered newest first
	LoseEvents    bool          // events that happen now are never delivered; the API lists them as undelivered
}

// SetTrouble says what goes wrong from now on; the zero Trouble is none.
func (s *Sandbox) SetTrouble(t Trouble) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = t
}

// Trouble is what is still to go wrong.
func (s *Sandbox) Trouble() Trouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.trouble
}

// SetWebhookVersion makes events come in another version of the API, as from an
// endpoint that was made for it; empty is the right one.
func (s *Sandbox) SetWebhookVersion(version string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.webhookVersion = version
}

// failure is what befalls one request.
type failure int

const (
	noFailure failure = iota
	serverError
	rateLimit
	noAnswer
	lateAnswer
)

// takeTrouble says what befalls the next request.
func (s *Sandbox) takeTrouble() failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, kind := range []struct {
		left *int
		what failure
	}{
		{&s.trouble.APIErrors, serverError}, {&s.trouble.RateLimits, rateLimit},
		{&s.trouble.Timeouts, noAnswer}, {&s.trouble.LateAnswers, lateAnswer},
	} {
		if *kind.left > 0 {
			*kind.left--
			return kind.what
		}
	}
	return noFailure
}

// fail answers a request that is not carried out, and says whether it did.
func (s *Sandbox) fail(w http.ResponseWriter, what failure) bool {
	switch what {
	case serverError:
		broken := &apiError{Type: "api_error", Message: "An unknown error occurred."}
		writeJSON(w, http.StatusInternalServerError, broken.body())
	case rateLimit:
		busy := &apiError{Type: "invalid_request_error", Code: "rate_limit", Message: "Request rate limit exceeded."}
		writeJSON(w, http.StatusTooManyRequests, busy.body())
	case noAnswer:
		hangUp(w)
	default:
		return false
	}
	return true
}

// hangUp ends the connection without an answer.
func hangUp(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // has the server do the same
	}
	_ = connection.Close()
}
