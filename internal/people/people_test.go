package people_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"lantern/internal/fault"
	"lantern/internal/mutated"
	"lantern/internal/people"
)

func TestName(t *testing.T) {
	t.Parallel()
	if got, err := people.Name("  Ana \t María  "); err != nil || got != "Ana María" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, name := range []string{"ليلى", "علی\u200cرضا", "O’Neill-Smith", "李", "J.R.R. St.John", "Wwwen", strings.Repeat("é", 100)} {
		if got, err := people.Name(name); err != nil || got != name {
			t.Errorf("%q: got %q, %v", name, got, err)
		}
	}
	for _, bad := range []string{"", " \n ", "\u200b", strings.Repeat("x", 101), "a\x00b", "a\u202eb", "a\xff",
		"You have won: http://x.example/a", "HTTPS://x.example", "Ana (see www.x.example)"} {
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
		"jürgen@München.example":        "jürgen@xn--mnchen-3ya.example",
	} {
		if got, err := people.Email(in); err != nil || got != want {
			t.Errorf("%q: got %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "maya", "maya@", "@example.org", "maya@localhost", "Maya <maya@example.org>",
		"a@b.org, c@d.org", "maya@example.org\r\nBcc: x@example.org", "maya@exa mple.org", "maya@exa\u202emple.org", "maya@-example.org", "maya@.org", "maya@example.",
		strings.Repeat("x", 250) + "@example.org", "maya@" + strings.Repeat("ü.", 100_000) + "org", `"a b"@example.org`} {
		got, err := people.Email(bad)
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q passed as %q, %v", bad, got, err)
			continue
		}
		if strings.Contains(err.Error(), "maya") || strings.Contains(err.Error(), "c@d.org") {
			t.Errorf("%q is repeated in the log: %v", bad, err)
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
	for _, bad := range []string{"12", "911", "555-0132", "+1 555 0132", "call me", "+999 12345", strings.Repeat("1", 50)} {
		if got, err := people.Phone(bad, "US"); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q passed as %q, %v", bad, got, err)
		}
	}
}

// TestNumbersAreReadWithSpaces: and mean the same number when they are typed so.
func TestNumbersAreReadWithSpaces(t *testing.T) {
	t.Parallel()
	for phone, want := range map[string]string{
		"+14155550132": "+1 415-555-0132", "+442079460958": "+44 20 7946 0958", "+4930901820": "+49 30 901820", "": "", "call me": "call me", "12": "12",
	} {
		got := people.Spaced(phone)
		if got != want {
			t.Errorf("%q reads %q, want %q", phone, got, want)
		}
		if again, err := people.Phone(got, ""); strings.HasPrefix(phone, "+") && (err != nil || again != phone) {
			t.Errorf("%q, typed as it reads, is %q, %v", phone, again, err)
		}
	}
}

func TestANumberWithoutACountryIsNotGuessed(t *testing.T) {
	t.Parallel()
	const inBelgrade = "064 123 4567" // ten digits, as American numbers have
	region := people.RegionOf("Europe/Belgrade")
	if got, err := people.Phone(inBelgrade, region); fault.KindOf(err) != fault.Invalid {
		t.Errorf("it became %q, %v", got, err)
	}
	if got, err := people.Phone("+381 64 123 4567", region); err != nil || got != "+381641234567" {
		t.Errorf("with its code: %q, %v", got, err)
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
	for _, bad := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "PST8",
		"America//New_York", "./UTC", "America/../UTC", "/usr/share/zoneinfo/UTC", "localtime", "posixrules", "Factory", "posix/UTC", "right/UTC",
		strings.Repeat("x", 100)} {
		if _, err := people.Zone(bad); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestRegionOf(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"Europe/Zurich": "CH", "America/Toronto": "CA", "Asia/Calcutta": "IN", "America/Nome": "US", "US/Pacific": "US",
		"America/Indiana/Knox": "US", "Asia/Thimphu": "", "UTC": "", "": "",
	} {
		if got := people.RegionOf(zone); got != want {
			t.Errorf("%q: got %s, want %s", zone, got, want)
		}
	}
	for _, zone := range people.Zones() {
		if zone != "UTC" && !phonenumbers.GetSupportedRegions()[people.RegionOf(zone)] {
			t.Errorf("%s has a region without phones: %s", zone, people.RegionOf(zone))
		}
	}
}

func FuzzName(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	seeds.Add("  Ana \t María  ")
	seeds.Add("a\u202eb")
	seeds.Fuzz(func(t *testing.T, text string) {
		got, err := people.Name(text)
		if err != nil {
			return
		}
		if again, err := people.Name(got); err != nil || again != got || utf8.RuneCountInString(got) > 100 {
			t.Errorf("%q became %q, and that %q, %v", text, got, again, err)
		}
	})
}

func FuzzZone(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	seeds.Add("America/Los_Angeles")
	seeds.Add("../etc/passwd")
	seeds.Fuzz(func(t *testing.T, name string) {
		if got, err := people.Zone(name); err == nil && (got != name || name == "" || name == "Local") {
			t.Errorf("%q passed as %q", name, got)
		}
	})
}

func FuzzEmail(f *testing.F) {
	seeds := mutated.Of(f, 2000)
	seeds.Add("maya@example.org")
	seeds.Add("a@b.c\r\nx: y")
	seeds.Fuzz(func(t *testing.T, text string) {
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
	seeds := mutated.Of(f, 2000)
	seeds.Add("(415) 555-0132", "US")
	seeds.Add("+44 20 7946 0958", "")
	e164 := regexp.MustCompile(`^\+[1-9][0-9]{4,16}$`)
	seeds.Fuzz(func(t *testing.T, text, region string) {
		if got, err := people.Phone(text, region); err == nil && got != "" && !e164.MatchString(got) {
			t.Errorf("%q in %q became %q", text, region, got)
		}
	})
}
