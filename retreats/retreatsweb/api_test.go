package retreatsweb_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lantern/internal/access"
)

// caller calls the API with a token, or without one.
type caller struct {
	*desk
	token string
}

func (d *desk) calling(role access.Role) caller {
	d.t.Helper()
	token, err := d.tokens.Create(d.t.Context(), access.Console(), "test", role, false)
	must(d.t, err)
	return caller{d, token}
}

// call answers with the status and the body.
func (c caller) call(method, path, body string, headers ...string) (int, map[string]any) {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		c.t.Fatalf("%s %s answered %d with %q", method, path, w.Code, w.Body)
	}
	return w.Code, out
}

// must is call for what has to go well.
func (c caller) must(method, path, body string) map[string]any {
	c.t.Helper()
	status, out := c.call(method, path, body)
	if status >= 300 {
		c.t.Fatalf("%s %s answered %d: %v", method, path, status, out)
	}
	return out
}

const weekendJSON = `{"name":"Weekend","location":"Cedar House","capacity":6,"price":{"amount":480000,"currency":"USD"},
	"plan":[{"kind":"medicine","title":"Session","day":1,"clock":"09:30","minutes":180,"receives":"both"},
	{"kind":"preparation","title":"Before","day":-7,"clock":"18:00","minutes":90,"online":true}]}`

func TestRetreatsByAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	id := api.must("POST", "/api/v1/retreats", weekendJSON)["id"].(string)
	path := "/api/v1/retreats/" + id
	retreat := api.must("GET", path, "")["retreat"].(map[string]any)
	if retreat["name"] != "Weekend" || retreat["waitlist_cap"] != 12.0 || len(retreat["plan"].([]any)) != 2 {
		t.Errorf("the retreat is %v", retreat)
	}
	changed := api.must("PATCH", path, `{"capacity":4,"text":"Slowly.","guides":["Ana"],"price":{"amount":98000,"currency":"JPY"},"deposit":{"amount":20000,"currency":"JPY"}}`)["retreat"].(map[string]any)
	if changed["capacity"] != 4.0 || changed["text"] != "Slowly." || changed["name"] != "Weekend" || changed["offer_hours"] != 48.0 {
		t.Errorf("after the change it is %v", changed)
	}
	for _, bad := range []string{`{"price":{"amount":0,"currency":"JPY"}}`, `{"hold_minutes":0}`, `{"plan":[]}`, `{"refund_tiers":[{"days_before":3,"percent":10}]}`, `{"nonsense":1}`} {
		if status, out := api.call("PATCH", path, bad); status != http.StatusUnprocessableEntity {
			t.Errorf("%s answered %d: %v", bad, status, out)
		}
	}
	if status, _ := api.call("GET", "/api/v1/retreats/none", ""); status != http.StatusNotFound {
		t.Errorf("an unknown retreat answered %d", status)
	}
	viewer := d.calling(access.Viewer)
	if list := viewer.must("GET", "/api/v1/retreats", "")["retreats"].([]any); len(list) != 1 {
		t.Errorf("the list is %v", list)
	}
	if status, _ := viewer.call("PATCH", path, `{}`); status != http.StatusForbidden {
		t.Errorf("a viewer's change answered %d", status)
	}
	made, err := d.retreats.Retreat(t.Context(), id)
	must(t, err)
	if len(made.Trail) < 4 || made.Trail[0].What != "made" || !strings.HasPrefix(made.Trail[0].ByID, "token:") {
		t.Errorf("the trail is %v", made.Trail)
	}
}

func TestCohortsByAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api, stranger := d.calling(access.Organizer), caller{desk: d}
	retreat := api.must("POST", "/api/v1/retreats", weekendJSON)["id"].(string)
	made := api.must("POST", "/api/v1/cohorts", `{"retreat":"`+retreat+`","time_zone":"Europe/Berlin","starts_on":"2027-04-09"}`)["cohort"].(map[string]any)
	path := "/api/v1/cohorts/" + made["id"].(string)
	for state, want := range map[string]int{"draft": 1, "open": 0, "closed": 0, "cancelled": 0, "finished": 0} {
		if list := api.must("GET", "/api/v1/cohorts?state="+state, "")["cohorts"].([]any); len(list) != want {
			t.Errorf("%d cohorts are %s, want %d", len(list), state, want)
		}
	}
	for _, who := range []caller{stranger, {d, "lantern_organizer_guess"}, {d, "bk_1.token"}} {
		if status, _ := who.call("GET", "/api/v1/cohorts?state=draft", ""); status != http.StatusUnauthorized {
			t.Errorf("drafts for a stranger answered %d", status)
		}
		if status, _ := who.call("GET", path, ""); status != http.StatusNotFound {
			t.Errorf("a draft for a stranger answered %d", status)
		}
	}
	if status, _ := api.call("GET", "/api/v1/cohorts?state=lost", ""); status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown state answered %d", status)
	}
	if got := api.must("GET", path, "")["cohort"].(map[string]any); got["state"] != "draft" {
		t.Errorf("the draft is %v", got)
	}
	for _, turn := range []struct{ act, state string }{{"publish", "open"}, {"close", "closed"}, {"reopen", "open"}} {
		if got := api.must("POST", path+"/"+turn.act, "")["cohort"].(map[string]any); got["state"] != turn.state {
			t.Errorf("after %s it is %v", turn.act, got["state"])
		}
	}
	changed := api.must("PATCH", path, `{"capacity":8,"undo_minutes":10,"refund_tiers":[{"days_before":14,"percent":50},{"days_before":0,"percent":0}]}`)["cohort"].(map[string]any)
	if changed["capacity"] != 8.0 || changed["retreat"] != "Weekend" {
		t.Errorf("after the change it is %v", changed)
	}
	if status, out := api.call("PATCH", path, `{"price":{"amount":5,"currency":"EUR"}}`); status != http.StatusUnprocessableEntity {
		t.Errorf("another currency answered %d: %v", status, out)
	}
	if status, _ := api.call("POST", path+"/cancel", `{"reason":" "}`); status != http.StatusUnprocessableEntity {
		t.Errorf("cancelling without a reason answered %d", status)
	}
	api.must("POST", path+"/cancel", `{"reason":"The house is flooded."}`)
	if status, _ := api.call("POST", path+"/publish", ""); status != http.StatusConflict {
		t.Errorf("publishing what is cancelled answered %d", status)
	}
	trail := api.must("GET", path+"/trail", "")["trail"].([]any)
	if newest := trail[0].(map[string]any); newest["to"] != "cancelled" || newest["reason"] != "The house is flooded." || newest["by"] != "test" {
		t.Errorf("the newest line is %v", newest)
	}
}

func TestTheScheduleByAPI(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	c := d.makeCohort(true)
	path := "/api/v1/cohorts/" + c.ID
	tried := api.must("POST", path+"/reschedule", `{"starts_on":"2027-11-05","dry_run":true}`)
	first := tried["moves"].([]any)[0].(map[string]any)
	if len(tried["moves"].([]any)) != 9 || first["before"].(map[string]any)["starts_at"] != "2027-03-20T01:00:00Z" || first["after"].(map[string]any)["starts_at"] != "2027-10-16T01:00:00Z" {
		t.Errorf("the move would be %v", tried)
	}
	if d.cohort(c.ID).StartsOn != "2027-04-09" {
		t.Fatal("a dry run has moved the dates")
	}
	api.must("POST", path+"/reschedule", `{"starts_on":"2027-11-05"}`)
	if d.cohort(c.ID).StartsOn != "2027-11-05" {
		t.Error("the dates have not moved")
	}
	if status, _ := api.call("POST", path+"/reschedule", `{"starts_on":"2020-01-01"}`); status != http.StatusUnprocessableEntity {
		t.Errorf("a day that has been answered %d", status)
	}
	session := `{"kind":"gathering","title":"Music","day":1,"clock":"20:00","minutes":60}`
	for range 2 {
		if status, out := api.call("POST", path+"/sessions", session, "Idempotency-Key", "once"); status != http.StatusCreated {
			t.Errorf("adding answered %d: %v", status, out)
		}
	}
	if n := len(d.cohort(c.ID).Sessions); n != 10 {
		t.Errorf("there are %d sessions after one was added once", n)
	}
	api.must("PUT", path+"/sessions/s10", strings.Replace(session, "20:00", "21:00", 1))
	for body, field := range map[string]string{
		strings.Replace(session, "60", "1", 1): "minutes", strings.Replace(session, `"minutes"`, `"receives":"both","minutes"`, 1): "receives",
		strings.Replace(session, "20:00", "8pm", 1): "clock",
	} {
		status, out := api.call("PUT", path+"/sessions/s10", body)
		if status != http.StatusUnprocessableEntity || out["errors"].([]any)[0].(map[string]any)["field"] != field {
			t.Errorf("%s answered %d: %v", body, status, out)
		}
	}
	if s, _ := d.cohort(c.ID).Session("s10"); s.StartsAt.In(d.cohort(c.ID).Location()).Format("15:04") != "21:00" {
		t.Errorf("the session is at %s", s.StartsAt)
	}
	api.must("DELETE", path+"/sessions/s10", "")
	if status, _ := api.call("DELETE", path+"/sessions/s10", ""); status != http.StatusNotFound {
		t.Errorf("dropping twice answered %d", status)
	}
}

// TestTheDescriptionNamesEveryField that is answered: what is embedded is
// easily left out.
func TestTheDescriptionNamesEveryField(t *testing.T) {
	t.Parallel()
	d := newDesk(t, access.Organizer)
	api := d.calling(access.Organizer)
	c := d.makeCohort(true)
	schemas := api.must("GET", "/api/openapi.json", "")["components"].(map[string]any)["schemas"].(map[string]any)
	for schema, answered := range map[string]any{
		"CohortJSON":  api.must("GET", "/api/v1/cohorts/"+c.ID, "")["cohort"],
		"RetreatJSON": api.must("GET", "/api/v1/retreats/"+c.RetreatID, "")["retreat"],
	} {
		described := schemas[schema].(map[string]any)["properties"].(map[string]any)
		for field := range answered.(map[string]any) {
			if described[field] == nil {
				t.Errorf("%s does not describe %q", schema, field)
			}
		}
	}
}
