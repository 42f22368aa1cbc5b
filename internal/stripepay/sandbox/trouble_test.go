package sandbox

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Behind a real server, no answer is an end of the connection.
func TestHangingUp(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	server := httptest.NewServer(b.handler)
	t.Cleanup(server.Close)
	ask := func() (int, error) {
		form := url.Values{"name": {"Ana"}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/sandbox/v1/customers", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+testSecret)
		response, err := server.Client().Do(request)
		if err != nil {
			return 0, err
		}
		response.Body.Close()
		return response.StatusCode, nil
	}
	b.SetTrouble(Trouble{APIErrors: 1, RateLimits: 1, Timeouts: 1, LateAnswers: 1})
	for _, want := range []struct{ status, made int }{{500, 0}, {429, 0}, {0, 0}, {0, 1}, {200, 2}} {
		status, err := ask()
		b.mu.Lock()
		made := len(b.state.Customers.items)
		b.mu.Unlock()
		if status != want.status || (err == nil) != (want.status > 0) || made != want.made {
			t.Errorf("got %d, %v and %d customers; want %+v", status, err, made, want)
		}
	}
	if left := b.Trouble(); left != (Trouble{}) {
		t.Errorf("left of the trouble: %+v", left)
	}
}

// The pay page lists every test card.
func TestPayPageListsTheTestCards(t *testing.T) {
	t.Parallel()
	b := newBench(t, "")
	page := b.visit("/pay/" + b.newSession()).Body.String()
	for _, c := range testCards {
		if !strings.Contains(page, c.Spaced()) || !strings.Contains(page, c.says) {
			t.Errorf("the page does not list %s, which %s", c.Spaced(), c.says)
		}
	}
}
