package sandbox

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxAPIBody bounds the body of an API request.
const maxAPIBody = 64 << 10

// operation carries out one API request with the state to itself. It answers
// with an object, or with an error: before it has changed anything, unless the
// error says that it was executed.
type operation func(s *Sandbox, c *call) (any, *apiError)

// call is an API request, decoded.
type call struct {
	method string
	path   string
	id     string // from the path
	key    string // Idempotency-Key
	params params
	now    time.Time
}

// apiError is an error in Stripe's form (docs.stripe.com/api/errors).
type apiError struct {
	status  int
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Param   string `json:"param,omitempty"`

	// What a declined card brings along.
	DeclineCode   string         `json:"decline_code,omitempty"`
	Charge        string         `json:"charge,omitempty"`
	PaymentIntent *paymentIntent `json:"payment_intent,omitempty"`
	PaymentMethod *paymentMethod `json:"payment_method,omitempty"`

	// executed says that the request was carried out so far that Stripe keeps
	// the failure with the idempotency key.
	executed bool
}

func badRequest(code, param, format string, args ...any) *apiError {
	return &apiError{
		status: http.StatusBadRequest, Type: "invalid_request_error",
		Code: code, Param: param, Message: fmt.Sprintf(format, args...),
	}
}

// missing is the answer for an id that is unknown: 404 when it stands in the
// path, 400 when it stands in a parameter.
func missing(status int, kind, param, id string) *apiError {
	return &apiError{
		status: status, Type: "invalid_request_error", Code: "resource_missing",
		Param: param, Message: fmt.Sprintf("No such %s: '%s'", kind, id),
	}
}

// keptAnswer is what an idempotency key was answered.
type keptAnswer struct {
	Request string          `json:"request"` // hash of path and parameters
	Path    string          `json:"path"`
	Status  int             `json:"status"`
	Body    json.RawMessage `json:"body"`
	Created int64           `json:"created"`
}

func (s *Sandbox) unknownOperation(c *call) (any, *apiError) {
	return nil, &apiError{
		status: http.StatusNotFound, Type: "invalid_request_error",
		Message: fmt.Sprintf("Unrecognized request URL (%s: %s).", c.method, c.path),
	}
}

// serveAPI is the way of every API request: key, parameters, idempotency,
// operation, save, answer.
func (s *Sandbox) serveAPI(do operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Request-Id", newID("req"))
		w.Header().Set("Stripe-Version", APIVersion)
		c, failure := s.decode(w, r)
		if failure != nil {
			writeJSON(w, failure.status, failure.body())
			return
		}
		trouble := s.takeTrouble()
		if s.fail(w, trouble) {
			return
		}
		var answer keptAnswer
		var replayed bool
		err := s.do(func(now time.Time) {
			c.now = now
			answer, replayed = s.answer(c, do)
		})
		if err != nil {
			s.options.Log.Error("the sandbox could not keep its state", "error", err)
			lost := &apiError{Type: "api_error", Message: "The sandbox could not keep its state."}
			writeJSON(w, http.StatusInternalServerError, lost.body())
			return
		}
		if trouble == lateAnswer {
			hangUp(w)
			return
		}
		if c.key != "" {
			w.Header().Set("Idempotency-Key", c.key)
		}
		if replayed {
			w.Header().Set("Idempotent-Replayed", "true")
		}
		writeJSON(w, answer.Status, answer.Body)
	})
}

// decode reads and checks what every request has in common.
func (s *Sandbox) decode(w http.ResponseWriter, r *http.Request) (*call, *apiError) {
	given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	// Hashing first keeps the length of the key from showing in the time taken.
	want, got := sha256.Sum256([]byte(s.options.Secret)), sha256.Sum256([]byte(given))
	if subtle.ConstantTimeCompare(want[:], got[:]) != 1 {
		return nil, &apiError{status: http.StatusUnauthorized, Type: "invalid_request_error", Message: "Invalid API Key provided."}
	}
	if version := r.Header.Get("Stripe-Version"); version != "" && version != APIVersion {
		return nil, badRequest("", "", "The sandbox speaks version %s only, not %s.", APIVersion, version)
	}
	c := &call{method: r.Method, path: strings.TrimSuffix(r.URL.Path, "/"), id: r.PathValue("id")}
	if r.Method != http.MethodPost {
		c.params = params(r.URL.Query())
		return c, nil
	}
	c.key = r.Header.Get("Idempotency-Key")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAPIBody))
	if err != nil {
		return nil, badRequest("", "", "The request's body cannot be read, or is longer than %d bytes.", maxAPIBody)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, badRequest("", "", "The request's body is not a form.")
	}
	c.params = params(values)
	return c, nil
}

// answer carries a request out, or gives the answer that is kept with its key.
func (s *Sandbox) answer(c *call, do operation) (answer keptAnswer, replayed bool) {
	sum := sha256.Sum256([]byte(c.path + "?" + url.Values(c.params).Encode()))
	request := hex.EncodeToString(sum[:])
	if kept, ok := s.state.Answers[c.key]; ok && c.key != "" && c.now.Sub(time.Unix(kept.Created, 0)) <= answersKept {
		if kept.Request == request {
			return kept, true
		}
		what := "parameters they were first used with"
		if kept.Path != c.path {
			what = "endpoint they were first used for"
		}
		reused := &apiError{Type: "idempotency_error", Message: "Keys for idempotent requests can only be used with the same " + what + "."}
		return keptAnswer{Status: http.StatusBadRequest, Body: reused.body()}, false
	}

	if c.method == http.MethodPost {
		s.version++
	}
	answer = keptAnswer{Request: request, Path: c.path, Status: http.StatusOK, Created: c.now.Unix()}
	object, failure := do(s, c)
	if failure == nil {
		answer.Body, failure = s.render(object, c.params.list("expand"))
	}
	if failure != nil {
		answer.Status, answer.Body = failure.status, failure.body()
	}
	if c.key != "" && (failure == nil || failure.executed) {
		s.state.Answers[c.key] = answer
	}
	return answer, false
}

// mustMarshal writes the sandbox's own plain structs, which cannot fail.
func mustMarshal(object any) json.RawMessage {
	body, err := json.Marshal(object)
	if err != nil {
		panic(fmt.Sprintf("sandbox: cannot encode %T: %v", object, err))
	}
	return body
}

func (e *apiError) body() json.RawMessage {
	return mustMarshal(map[string]*apiError{"error": e})
}

func writeJSON(w http.ResponseWriter, status int, body json.RawMessage) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no concern of ours
}
