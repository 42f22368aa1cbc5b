package sandbox

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxAPIBody bounds the body of an API request.
const maxAPIBody = 64 << 10

// maxExpand is how deep Stripe expands.
const maxExpand = 4

// operation carries out one API request with the state to itself. It answers
// with an object, or with an error before it has changed anything.
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

// render writes an object, with the ids at the given paths replaced by the
// objects they stand for.
func (s *Sandbox) render(object any, expand []string) (json.RawMessage, *apiError) {
	body := mustMarshal(object)
	if len(expand) == 0 {
		return body, nil
	}
	document := decodeDocument(body)
	for _, path := range expand {
		names := strings.Split(path, ".")
		if len(names) > maxExpand {
			return nil, badRequest("", "expand", "You cannot expand more than %d levels: %s", maxExpand, path)
		}
		if !s.expand(document, names) {
			return nil, badRequest("", "expand", "This property cannot be expanded (%s).", path)
		}
	}
	return mustMarshal(document), nil
}

// expand reports whether there is such a path; an empty place ends it well.
func (s *Sandbox) expand(document map[string]any, names []string) bool {
	value, ok := document[names[0]]
	if !ok {
		return false
	}
	if id, ok := value.(string); ok {
		object, found := s.state.find(id)
		if !found {
			return false
		}
		value = decodeDocument(mustMarshal(object))
		document[names[0]] = value
	}
	if items, ok := value.([]any); ok && len(names) > 1 {
		for _, item := range items {
			inner, ok := item.(map[string]any)
			if !ok || !s.expand(inner, names[1:]) {
				return false
			}
		}
		return true
	}
	inner, ok := value.(map[string]any)
	if !ok || len(names) == 1 {
		return value == nil || ok
	}
	return s.expand(inner, names[1:])
}

func decodeDocument(body []byte) map[string]any {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var document map[string]any
	if err := decoder.Decode(&document); err != nil {
		panic(fmt.Sprintf("sandbox: an object that is none: %v", err))
	}
	return document
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

// list is a page of a list, the newest first, as limit and starting_after ask.
func list[T any](c *call, oldestFirst []T, id func(T) string) (any, *apiError) {
	limit, given, failure := c.params.integer("limit")
	if failure != nil {
		return nil, failure
	}
	if !given {
		limit = 10
	}
	if limit < 1 || limit > 100 {
		return nil, badRequest("parameter_invalid_integer", "limit", "limit is from 1 to 100.")
	}
	newest := slices.Clone(oldestFirst)
	slices.Reverse(newest)
	if after := c.params.text("starting_after"); after != "" {
		i := slices.IndexFunc(newest, func(item T) bool { return id(item) == after })
		if i < 0 {
			return nil, missing(http.StatusBadRequest, "object", "starting_after", after)
		}
		newest = newest[i+1:]
	}
	shown := newest[:min(int(limit), len(newest))]
	return map[string]any{"object": "list", "url": c.path, "has_more": len(shown) < len(newest), "data": shown}, nil
}
