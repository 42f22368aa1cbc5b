package main

import (
	"net"
	"strings"
	"testing"
)

func TestAllFaultsOfTheSettingsAreToldTogether(t *testing.T) {
	t.Parallel()
	_, stderr, code := lantern(t, []string{
		"LANTERN_ADDR=nonsense", "LANTERN_URL=http://book.example.org", "LANTERN_STORE=postgres://x", "LANTERN_SECRET=short",
		"STRIPE_SECRET_KEY=sk_live_x", "LANTERN_SMTP=smtp://user:hunter2@mail.example.org", "LANTERN_DATA=" + t.TempDir(), "LANTERN_PROXIES=-1", "LANTERN_ZONE=Pacific", "LANTERN_SMTP_CONNECTIONS=17",
	}, "serve")
	if code != exitSettings {
		t.Errorf("exit code %d, want %d", code, exitSettings)
	}
	for _, name := range []string{"LANTERN_ADDR", "LANTERN_URL", "LANTERN_STORE", "LANTERN_SECRET", "STRIPE_WEBHOOK_SECRET", "LANTERN_MAIL_FROM", "LANTERN_PROXIES", "LANTERN_ZONE", "LANTERN_SMTP_CONNECTIONS"} {
		if strings.Count(stderr, name) == 0 {
			t.Errorf("nothing is said about %s", name)
		}
	}
	for line := range strings.Lines(stderr) {
		if !strings.HasPrefix(line, "lantern: ") {
			t.Errorf("not a line of its own: %q", line)
		}
	}
	if strings.Contains(stderr, "hunter2") || strings.Contains(stderr, "sk_live_x") {
		t.Error("a secret is told")
	}
}

func TestTheSandboxStaysOffPublicAddresses(t *testing.T) {
	t.Parallel()
	s := settings{Addr: "0.0.0.0:8080", URL: "https://book.example.org", Data: t.TempDir()}
	if err := s.check(); err == nil || !strings.Contains(err.Error(), "STRIPE_SECRET_KEY") {
		t.Errorf("got %v", err)
	}
	s = settings{Addr: "0.0.0.0:8080", Data: t.TempDir()}
	if err := s.check(); err == nil || !strings.Contains(err.Error(), "LANTERN_URL") {
		t.Errorf("an address for all without a public one: %v", err)
	}
	s = settings{Addr: "127.0.0.1:8080", Data: t.TempDir()}
	if err := s.check(); err != nil {
		t.Errorf("no setting at all: %v", err)
	}
}

// TestSettingsThatWereMixedUp: what is copied from the wrong line of a dashboard
// is told at the start, and a name that is empty is none.
func TestSettingsThatWereMixedUp(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ key, webhook, wrong string }{
		{"sk_live_x", "whsec_x", ""},
		{"rk_live_x", "whsec_x", ""},
		{"pk_live_x", "whsec_x", "STRIPE_SECRET_KEY: "},
		{"whsec_x", "sk_live_x", "STRIPE_SECRET_KEY: "},
		{"sk_live_x", "we_x", "STRIPE_WEBHOOK_SECRET: "},
		{"sk_live_x", "", "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET: "},
		{"", "whsec_x", "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET: "},
	} {
		s := settings{Addr: "127.0.0.1:8080", Data: t.TempDir(), StripeKey: c.key, StripeWebhook: c.webhook, Practice: " "}
		err := s.check()
		if (err == nil) != (c.wrong == "") || err != nil && (!strings.HasPrefix(err.Error(), c.wrong) || strings.Contains(err.Error(), "live_x")) {
			t.Errorf("%q and %q: %v", c.key, c.webhook, err)
		}
		if s.Practice != unnamedPractice {
			t.Errorf("the practice is called %q", s.Practice)
		}
	}
}

func TestATakenAddressIsOneClearLine(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, stderr, code := lantern(t, nil, "serve", "--addr", listener.Addr().String(), "--data", t.TempDir())
	if code != exitFailure || strings.Count(strings.TrimSpace(stderr), "\n") != 0 || !strings.Contains(stderr, "address already in use") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestVersionAndHelp(t *testing.T) {
	t.Parallel()
	if out, _, code := lantern(t, nil, "version"); code != 0 || !strings.HasPrefix(out, "lantern ") {
		t.Errorf("version: %d %q", code, out)
	}
	out, _, code := lantern(t, nil, "serve", "--help")
	if code != 0 || !strings.Contains(out, "LANTERN_STORE") || !strings.Contains(out, "STRIPE_SECRET_KEY") {
		t.Errorf("help: %d %q", code, out)
	}
}

func TestATokenNeedsARole(t *testing.T) {
	t.Parallel()
	if _, stderr, code := lantern(t, nil, "token", "create", "--role", "owner", "--data", t.TempDir()); code != exitSettings || !strings.Contains(stderr, "organizer") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// TestTextsNeedAllOfTheirSettings, and an address at which Twilio can say who
// answers STOP [D36].
func TestTextsNeedAllOfTheirSettings(t *testing.T) {
	t.Parallel()
	sid, token := "AC"+strings.Repeat("0a", 16), strings.Repeat("7f", 16)
	for name, c := range map[string]struct {
		s    settings
		want string
	}{
		"all":        {settings{TwilioSID: sid, TwilioToken: token, TwilioFrom: "+14155550100"}, ""},
		"one":        {settings{TwilioSID: sid}, "set all or none"},
		"no sender":  {settings{TwilioSID: sid, TwilioToken: token}, "set all or none"},
		"wrong":      {settings{TwilioSID: "hunter2", TwilioToken: token, TwilioFrom: "+14155550100"}, "SID is AC"},
		"no address": {settings{TwilioSID: sid, TwilioToken: token, TwilioFrom: "+14155550100", URL: "http://localhost:8080"}, "cannot reach"},
	} {
		if c.s.URL == "" {
			c.s.URL = "https://book.example.org"
		}
		err := c.s.checkTexts()
		if (err == nil) != (c.want == "") || (err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2"))) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
