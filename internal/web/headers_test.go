package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestEveryAnswerKeepsThirdPartiesOut, errors and answers for programs included:
// an address that is a personal link goes to nobody else, nothing of another site
// is loaded, and no page is shown within another's.
func TestEveryAnswerKeepsThirdPartiesOut(t *testing.T) {
	t.Parallel()
	for base, strict := range map[string]string{"http://localhost": "", "https://book.example.org": "max-age=31536000"} {
		d := newDesk(t, base)
		for _, path := range []string{"/signin", "/signin/none", "/staff/team", "/nowhere", "/api/v1/nowhere", "/static/none"} {
			w := httptest.NewRecorder()
			d.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
			for name, want := range map[string]string{
				"Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
				"Cache-Control": "no-store", "Strict-Transport-Security": strict,
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s%s: %s is %q, want %q", base, path, name, got, want)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			for _, want := range []string{"default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s%s: the policy %q lacks %s", base, path, policy, want)
				}
			}
			if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
				t.Errorf("%s%s: the policy is %q", base, path, policy)
			}
		}
	}
}
