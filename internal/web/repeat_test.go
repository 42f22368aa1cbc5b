package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lantern/internal/access"
	"lantern/internal/web"
)

// till is a desk with an operation that answers with how often it was done.
type till struct {
	*desk
	answers *web.Answers
	done    int
	mu      sync.Mutex
}

type doneOutput struct {
	Body struct{ Times int }
}

func newTill(t *testing.T) *till {
	t.Helper()
	x := &till{}
	x.desk = newDeskThat(t, "http://localhost", func(o *web.Options) { x.answers = o.Answers })
	for _, right := range []access.Right{access.Public, access.ManageTeam, access.OwnPartner} {
		web.Register(x.API(), web.Operation{
			ID: "do-" + string(right), Method: http.MethodPost, Path: "/api/v1/things/{id}/" + string(right), Tag: "Test", Right: right,
		}, func(context.Context, *struct {
			ID string `path:"id"`
		}) (*doneOutput, error) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.done++
			out := &doneOutput{}
			out.Body.Times = x.done
			return out, nil
		})
	}
	return x
}

func (x *till) post(right access.Right, bearer, key string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/api/v1/things/a/"+string(right), strings.NewReader(""))
	r.Header.Set("Idempotency-Key", key)
	if bearer != "" {
		r.Header.Set("Authorization", "Bearer "+bearer)
	}
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	return w
}

// TestWhatWasAnsweredIsReadByWhoMayStill: a token that was withdrawn reads
// nothing of what it was answered before.
func TestWhatWasAnsweredIsReadByWhoMayStill(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	token, err := x.tokens.Create(t.Context(), access.Console(), "site", access.Organizer, false)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if w := x.post(access.ManageTeam, token, "k"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"Times":1`) {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
	}
	if w := x.post(access.OwnPartner, "bk_x.y", "k"); w.Code != http.StatusOK {
		t.Errorf("a couple was answered %d", w.Code)
	}
	for range 2 {
		if w := x.post(access.Public, "", "k"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"Times":3`) {
			t.Errorf("a stranger was answered %d %s", w.Code, w.Body)
		}
	}
	list, err := x.tokens.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.tokens.Withdraw(t.Context(), access.Console(), list[0].PublicID()); err != nil {
		t.Fatal(err)
	}
	w := x.post(access.ManageTeam, token, "k")
	if w.Code != http.StatusUnauthorized || strings.Contains(w.Body.String(), "Times") || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a withdrawn token was answered %d %s", w.Code, w.Body)
	}
	if w := x.post(access.OwnPartner, "bk_x.y", "k"); w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("a couple that asks again was answered %d %s", w.Code, w.Body)
	}
}

// TestTwoWhoUseOneKeyAreTwo: a key is its sender's own, so that nobody reads what
// somebody else with the same right was answered.
func TestTwoWhoUseOneKeyAreTwo(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	for i := range 2 {
		token, err := x.tokens.Create(t.Context(), access.Console(), "site", access.Organizer, false)
		if err != nil {
			t.Fatal(err)
		}
		w := x.post(access.ManageTeam, token, "k")
		if want := fmt.Sprintf(`"Times":%d`, i+1); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) || w.Header().Get("Idempotency-Replayed") != "" {
			t.Errorf("token %d was answered %d %s", i+1, w.Code, w.Body)
		}
	}
}

func TestAllOldAnswersAreForgotten(t *testing.T) {
	t.Parallel()
	x := newTill(t)
	const asked = 510
	all := func() {
		var group sync.WaitGroup
		for i := range asked {
			group.Go(func() { x.post(access.Public, "", fmt.Sprint(i)) })
		}
		group.Wait()
	}
	all()
	x.wait(31 * 24 * time.Hour)
	if err := x.answers.Forget(t.Context(), x.time()); err != nil {
		t.Fatal(err)
	}
	all()
	if x.done != 2*asked {
		t.Errorf("%d of %d answers were kept", 2*asked-x.done, asked)
	}
}
