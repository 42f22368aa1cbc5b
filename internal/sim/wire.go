package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"lantern/internal/stripepay"
)

// errHungUp is a connection that ended without an answer.
var errHungUp = errors.New("the connection was closed")

// wire is a process's connection to the card service.
type wire struct{ process *process }

func (t wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w := t.process.world
	if t.process.dead {
		return nil, errHungUp
	}
	body := ""
	if r.Body != nil {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(text)
	}
	w.calls(t.process)
	answer, err := w.ask(r, body)
	if err != nil || answer.Code == http.StatusTooManyRequests || answer.Code >= http.StatusInternalServerError {
		w.stumbled = true
	}
	if err != nil {
		return nil, err
	}
	if answer.Code/100 == 4 && strings.HasSuffix(r.URL.Path, "/refunds") {
		t.process.uneasy = true // a bank that gives nothing back, as while it is asked about
	}
	w.account.asked(r, body, answer.Body.Bytes())
	if again := w.doubles(r); again != nil {
		if twice, err := w.ask(again, body); err == nil {
			w.account.asked(again, body, twice.Body.Bytes())
		}
	}
	response := answer.Result()
	response.Request = r
	return response, nil
}

// ask has the card service answer a request.
func (w *world) ask(r *http.Request, body string) (answer *httptest.ResponseRecorder, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			if reason != http.ErrAbortHandler {
				panic(reason)
			}
			err = errHungUp
		}
	}()
	again := r.Clone(r.Context())
	again.Body, again.RequestURI = io.NopCloser(strings.NewReader(body)), r.URL.RequestURI()
	answer = httptest.NewRecorder()
	w.desk.ServeHTTP(answer, again)
	return answer, nil
}

// hook brings Stripe's events to one of the processes.
type hook struct{ world *world }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	w := h.world
	payload, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p := w.free(w.turn)
	status := http.StatusOK
	e, err := p.bookings.ParseEvent(payload, r.Header.Get(stripepay.SignatureHeader))
	if err == nil {
		err = p.bookings.TakeEvent(r.Context(), e)
	}
	if err != nil || p.dead {
		status = http.StatusInternalServerError
		w.say("the event %s is not taken: %v", e.Type, err)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, Request: r}, nil
}

// types has somebody type a card on a page of the card service, and answer their
// bank if it asks. It gives where they are sent then, empty if nowhere.
func (w *world) types(page, number string, agrees bool) string {
	to := w.sends(page, url.Values{"number": {number}, "exp": {"12/40"}, "cvc": {"123"}})
	if strings.HasSuffix(to, "/authenticate") {
		answer := "fail"
		if agrees {
			answer = "complete"
		}
		to = w.sends("http://cards.test"+to, url.Values{"answer": {answer}})
	}
	return to
}

func (w *world) sends(page string, form url.Values) (to string) {
	r := httptest.NewRequest(http.MethodPost, page, nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := w.ask(r, form.Encode())
	if err != nil {
		return ""
	}
	return answer.Header().Get("Location")
}

// doubles is the request once more under another key, where that mistake is
// planted; nil for none.
func (w *world) doubles(r *http.Request) *http.Request {
	path := map[string]string{"charged twice": "/v1/payment_intents", "refunded twice": "/v1/refunds"}[w.plant]
	if path == "" || r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, path) {
		return nil
	}
	again := r.Clone(r.Context())
	again.Header.Set("Idempotency-Key", fmt.Sprintf("again %d", w.rand.Uint64()))
	return again
}
