package people_test

import (
	"strings"
	"testing"

	"lantern/internal/fault"
	"lantern/internal/people"
)

func TestName(t *testing.T) {
	t.Parallel()
	if got, err := people.Name("  Ana \t María  "); err != nil || got != "Ana María" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := people.Name("ليلى"); err != nil {
		t.Errorf("a name from right to left: %v", err)
	}
	for _, bad := range []string{"", " \n ", strings.Repeat("x", 101), "a\x00b", "a\xff"} {
		if _, err := people.Name(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		" Maya@Example.ORG ":            "Maya@example.org",
		"maya+retreat@mail.example.com": "maya+retreat@mail.example.com",
	} {
		if got, err := people.Email(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "maya", "maya@", "@example.org", "maya@localhost", "Maya <maya@example.org>",
		"a@b.org, c@d.org", "maya@example.org\r\nBcc: x@example.org", "maya@exa mple.org", "maya@.org", "maya@example.",
		strings.Repeat("x", 250) + "@example.org", `"a b"@example.org`} {
		if got, err := people.Email(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q passed as %q, %v", bad, got, err)
		}
	}
	if !people.SameEmail("Maya@example.org", "maya@example.org") {
		t.Error("the case of letters makes two mailboxes")
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, region, want string }{
		{"", "US", ""},
		{"(415) 555-0132", "US", "+14155550132"},
		{"+44 20 7946 0958", "US", "+442079460958"},
		{"030 901820", "DE", "+4930901820"},
	} {
		if got, err := people.Phone(c.in, c.region); err != nil || got != c.want {
			t.Errorf("%q in %s: got %q, %v", c.in, c.region, got, err)
		}
	}
	for _, bad := range []string{"12", "call me", "+999 12345", strings.Repeat("1", 50)} {
		if got, err := people.Phone(bad, "US"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q passed as %q, %v", bad, got, err)
		}
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	for _, zone := range people.Zones() {
		if _, err := people.Zone(zone); err != nil {
			t.Errorf("%s is offered and not accepted: %v", zone, err)
		}
	}
	if _, err := people.Zone("Asia/Thimphu"); err != nil {
		t.Errorf("a zone that is not in the list: %v", err)
	}
	for _, bad := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "PST8"} {
		if _, err := people.Zone(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzEmail(f *testing.F) {
	f.Add("maya@example.org")
	f.Add("a@b.c\r\nx: y")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := people.Email(text)
		if err != nil {
			return
		}
		if again, err := people.Email(got); err != nil || again != got || strings.ContainsAny(got, "\r\n ") {
			t.Errorf("%q became %q, and that %q, %v", text, got, again, err)
		}
	})
}

func FuzzPhone(f *testing.F) {
	f.Add("(415) 555-0132", "US")
	f.Fuzz(func(t *testing.T, text, region string) {
		got, err := people.Phone(text, region)
		if err == nil && got != "" && (got[0] != '+' || len(got) > 20) {
			t.Errorf("%q became %q", text, got)
		}
	})
}
