package sms

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const webhook = "https://book.example.org/webhooks/twilio"

var good = Config{SID: "AC" + strings.Repeat("0a", 16), Token: strings.Repeat("7f", 16), From: "+14155550100", WebhookURL: webhook}

func TestAConfigIsChecked(t *testing.T) {
	t.Parallel()
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	service := good
	service.From = "MG" + strings.Repeat("1b", 16)
	if err := service.Check(); err != nil {
		t.Errorf("a messaging service: %v", err)
	}
	for name, spoil := range map[string]func(*Config){
		"SID": func(c *Config) { c.SID = "AC12" }, "token": func(c *Config) { c.Token = "hunter2 hunter2 hunter2" },
		"sender": func(c *Config) { c.From = "4155550100" },
	} {
		bad := good
		spoil(&bad)
		if err := bad.Check(); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a wrong %s: %v", name, err)
		}
	}
}

// wire answers requests in Twilio's place.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) { return w(r) }

func answering(status int, body string) wire {
	return func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func over(t *testing.T, w wire) *Twilio {
	t.Helper()
	c := good
	c.Transport = w
	client, err := NewTwilio(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestATextIsHandedOver(t *testing.T) {
	t.Parallel()
	var form url.Values
	twilio := over(t, func(r *http.Request) (*http.Response, error) {
		if user, token, _ := r.BasicAuth(); user != good.SID || token != good.Token || !strings.HasSuffix(r.URL.Path, good.SID+"/Messages.json") {
			t.Errorf("asked %s as %s", r.URL, user)
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		form = r.PostForm
		return answering(http.StatusCreated, `{"sid": "SM1", "status": "queued"}`)(r)
	})
	id, err := twilio.Send(t.Context(), Text{ID: "offered.bk_1&x.0", To: "+14155550132", Body: "Hello"})
	if err != nil || id != "SM1" {
		t.Fatalf("%q, %v", id, err)
	}
	for field, want := range map[string]string{
		"To": "+14155550132", "From": good.From, "Body": "Hello", "StatusCallback": webhook + "?text=offered.bk_1%26x.0",
	} {
		if form.Get(field) != want {
			t.Errorf("%s is %q, want %q", field, form.Get(field), want)
		}
	}
}

// TestWhetherATextMayBeSentAgain: only where the first was surely not taken.
func TestWhetherATextMayBeSentAgain(t *testing.T) {
	t.Parallel()
	const secret = "+14155550132"
	failing := func(err error) wire { return func(*http.Request) (*http.Response, error) { return nil, err } }
	for _, c := range []struct {
		name             string
		wire             wire
		permanent, again bool
	}{
		{"stopped", answering(400, `{"code": 21610, "message": "`+secret+` has stopped", "status": 400}`), true, false},
		{"too many", answering(429, `{"code": 20429, "message": "slower", "status": 429}`), false, true},
		{"broken", answering(503, `{"code": 20503, "message": "later", "status": 503}`), false, false},
		{"nonsense", answering(502, `<html>`+secret), false, false},
		{"nobody there", failing(&net.OpError{Op: "dial", Err: errors.New("refused")}), false, true},
		{"cut off", failing(&net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}), false, false},
		{"too slow", failing(context.DeadlineExceeded), false, false},
	} {
		_, err := over(t, c.wire).Send(t.Context(), Text{ID: "1", To: secret, Body: "Hello"})
		if err == nil || IsPermanent(err) != c.permanent || MaySendAgain(err) != c.again {
			t.Errorf("%s: %v, permanent %v, again %v", c.name, err, IsPermanent(err), MaySendAgain(err))
		}
		if err != nil && strings.Contains(err.Error(), secret[1:]) {
			t.Errorf("%s: the error names the number: %v", c.name, err)
		}
	}
}

// TestSendingEndsWithItsContext: the library itself takes none.
func TestSendingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	twilio := over(t, func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})
	if _, err := twilio.Send(ctx, Text{ID: "1", To: "+14155550132", Body: "Hello"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// signed is Twilio's signature as its documentation has it: the address, then
// each field's name and value in order, by HMAC-SHA1 with the token.
func signed(token, address string, form url.Values) string {
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(address))
	for _, field := range slices.Sorted(maps.Keys(form)) {
		mac.Write([]byte(field + form.Get(field)))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestOnlyTwilioIsHeard(t *testing.T) {
	t.Parallel()
	twilio := over(t, nil)
	form := url.Values{"MessageSid": {"SM9"}, "From": {"+14155550132"}, "Body": {"STOP & go"}, "OptOutType": {"STOP"}}
	body := []byte(form.Encode())
	word, news, err := twilio.Hear("", body, signed(good.Token, webhook, form))
	if err != nil || news != nil || *word != (Word{ID: "SM9", From: "+14155550132", Body: "STOP & go", Answered: true}) {
		t.Errorf("%+v, %+v, %v", word, news, err)
	}
	other := maps.Clone(form)
	other["From"] = []string{"+14155550199"}
	for name, forged := range map[string]string{
		"none": "", "another token": signed("x"+good.Token, webhook, form), "another address": signed(good.Token, webhook+"/x", form),
		"another number": signed(good.Token, webhook, other), "http": signed(good.Token, "http"+strings.TrimPrefix(webhook, "https"), form),
	} {
		if word, _, err := twilio.Hear("", body, forged); err == nil || word != nil {
			t.Errorf("%s: heard all the same", name)
		}
	}
	if _, _, err := twilio.Hear("text=1", body, signed(good.Token, webhook, form)); err == nil {
		t.Error("a query that was not signed is heard")
	}
}

func TestNewsOfATextAreRead(t *testing.T) {
	t.Parallel()
	twilio := over(t, nil)
	for said, want := range map[string]News{
		"accepted":    {Status: Queued},
		"sent":        {Status: Sent},
		"delivered":   {Status: Delivered},
		"read":        {Status: Delivered},
		"undelivered": {Status: Undelivered, Code: 30006},
		"failed":      {Status: Failed, Code: 30003},
	} {
		form := url.Values{"MessageSid": {"SM1"}, "MessageStatus": {said}}
		if want.Code != 0 {
			form.Set("ErrorCode", map[int]string{30006: "30006", 30003: "30003"}[want.Code])
		}
		want.ID = "a.b&c"
		const query = "text=a.b%26c"
		_, news, err := twilio.Hear(query, []byte(form.Encode()), signed(good.Token, webhook+"?"+query, form))
		if err != nil || *news != want {
			t.Errorf("%s: %+v, %v", said, news, err)
		}
	}
	if Queued.After(Delivered) || Delivered.After(Delivered) || !Delivered.After(Sent) || !Failed.IsLost() || Sent.IsLost() {
		t.Error("the states are out of order")
	}
	if !IsUnreachable(30006) || !IsUnreachable(CodeStopped) || IsUnreachable(30003) || IsUnreachable(0) {
		t.Error("phones are unreachable for another reason than theirs")
	}
}

func TestRepliesAreEscaped(t *testing.T) {
	t.Parallel()
	out, err := Reply("Fox & <Hound>")
	if err != nil || !strings.Contains(string(out), "<Response><Message>Fox &amp; &lt;Hound&gt;</Message></Response>") {
		t.Errorf("%s, %v", out, err)
	}
	if out, _ := Reply(""); !strings.Contains(string(out), "<Response></Response>") {
		t.Errorf("no reply is %s", out)
	}
}
