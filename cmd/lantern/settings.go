package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"lantern/internal/civil"
	"lantern/internal/mailer"
	"lantern/internal/seal"
	"lantern/internal/sms"
)

// settings are what a running service needs to know. The README has them as a
// table.
type settings struct {
	Addr     string `default:"127.0.0.1:8080" env:"LANTERN_ADDR" placeholder:"HOST:PORT" help:"Listen on this address (${default})."`
	URL      string `env:"LANTERN_URL" placeholder:"URL" help:"Where people reach the service: https://book.example.org. By default http://localhost and the port."`
	Data     string `default:"./data" env:"LANTERN_DATA" placeholder:"FOLDER" help:"Keep files in this folder (${default})."`
	Store    string `env:"LANTERN_STORE" placeholder:"URI" help:"Keep documents here: sqlite:FILE or mongodb://HOST/DATABASE. By default lantern.db in the data folder."`
	Secret   string `env:"LANTERN_SECRET" placeholder:"HEX" help:"32 random bytes as 64 hex digits. By default made on the first start and kept in the data folder."`
	Practice string `default:"Cedar House" env:"LANTERN_PRACTICE" placeholder:"NAME" help:"Name of the practice, on pages and in mail (${default})."`
	Proxies  int    `default:"0" env:"LANTERN_PROXIES" placeholder:"NUMBER" help:"So many proxies stand in front of the service, each of which adds to X-Forwarded-For (${default})."`
	Zone     string `default:"UTC" env:"LANTERN_ZONE" placeholder:"ZONE" help:"The practice's time zone, in which its nights are: America/Los_Angeles (${default})."`
	Contact  string `default:"" env:"LANTERN_CONTACT" placeholder:"TEXT" help:"How couples reach the practice, on pages and in mail: a phone number, an address."`

	StripeKey     string `name:"stripe-secret-key" env:"STRIPE_SECRET_KEY" placeholder:"KEY" help:"Take real cards with this Stripe account. By default cards are a sandbox in which no money moves."`
	StripeWebhook string `name:"stripe-webhook-secret" env:"STRIPE_WEBHOOK_SECRET" placeholder:"SECRET" help:"Signing secret of the webhook endpoint /webhooks/stripe."`

	SMTP        string `env:"LANTERN_SMTP" placeholder:"URL" help:"Send mail by this server: smtp://USER:PASSWORD@HOST:587 or smtps://HOST:465. By default mail is shown on the outbox page instead."`
	Connections int    `name:"smtp-connections" default:"4" env:"LANTERN_SMTP_CONNECTIONS" placeholder:"NUMBER" help:"Hand mail over by so many connections at once (${default})."`
	From        string `name:"mail-from" env:"LANTERN_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of mail: Cedar House <office@example.org>."`

	TwilioSID   string `name:"twilio-sid" env:"LANTERN_TWILIO_SID" placeholder:"SID" help:"Send text messages by this account at Twilio: AC and 32 hex digits. By default they are shown on the outbox page instead."`
	TwilioToken string `name:"twilio-token" env:"LANTERN_TWILIO_TOKEN" placeholder:"TOKEN" help:"That account's auth token, which also signs what Twilio says to /webhooks/twilio."`
	TwilioFrom  string `name:"twilio-from" env:"LANTERN_TWILIO_FROM" placeholder:"NUMBER" help:"Sender of text messages: +14155550100, or a messaging service (MG…)."`

	// twilioWire makes the requests to Twilio; nil outside tests.
	twilioWire http.RoundTripper
}

// unnamedPractice is what a practice is called that has not said its name.
const unnamedPractice = "Cedar House"

// mostProxies is more than anybody has in front of a service.
const mostProxies = 10

// settingFaults are all that is wrong with the settings, a line each.
type settingFaults []string

func (f settingFaults) Error() string { return strings.Join(f, "\n") }

// check finds all faults at once and fills in what follows from other
// settings.
func (s *settings) check() error {
	var faults settingFaults
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }

	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		fault("LANTERN_ADDR: %q is not an address such as 127.0.0.1:8080", s.Addr)
	}
	if s.URL == "" {
		s.URL = "http://localhost:" + port
	}
	s.URL = strings.TrimSuffix(s.URL, "/")
	base, err := url.Parse(s.URL)
	switch {
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		fault("LANTERN_URL: %q is not an address such as https://book.example.org", s.URL)
	case base.Scheme == "http" && !isLoopback(base.Hostname()):
		fault("LANTERN_URL: %s is public and must begin with https://, since personal links travel over it", s.URL)
	case s.StripeKey == "" && !isLoopback(base.Hostname()):
		fault("STRIPE_SECRET_KEY: is not set, and the sandbox for cards must not run on the public address %s", s.URL)
	}
	if !isLoopback(host) && base != nil && isLoopback(base.Hostname()) {
		fault("LANTERN_URL: must be set when LANTERN_ADDR (%s) can be reached from other machines", s.Addr)
	}
	if s.Proxies < 0 || s.Proxies > mostProxies {
		fault("LANTERN_PROXIES: %d is not a number of proxies between 0 and %d", s.Proxies, mostProxies)
	}
	if s.SMTP != "" && (s.Connections < 1 || s.Connections > mailer.MostConnections) {
		fault("LANTERN_SMTP_CONNECTIONS: %d is not a number of connections between 1 and %d", s.Connections, mailer.MostConnections)
	}
	if strings.TrimSpace(s.Practice) == "" {
		s.Practice = unnamedPractice
	}
	if s.Zone == "" {
		s.Zone = "UTC"
	}
	if _, err := civil.Zone(s.Zone); err != nil {
		fault("LANTERN_ZONE: %q is not a time zone such as America/Los_Angeles", s.Zone)
	}
	if s.Secret != "" {
		if _, err := seal.Parse(s.Secret); err != nil {
			fault("LANTERN_SECRET: %v", err)
		}
	}
	for _, problem := range []error{s.checkStore(), s.checkStripe(), s.checkMail(), s.checkTexts()} {
		if problem != nil {
			fault("%v", problem)
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

func (s *settings) checkStore() error {
	switch {
	case s.Store == "":
		s.Store = "sqlite:" + filepath.Join(s.Data, "lantern.db")
	case strings.HasPrefix(s.Store, "sqlite:"), strings.HasPrefix(s.Store, "mongodb://"), strings.HasPrefix(s.Store, "mongodb+srv://"):
	default:
		return errors.New("LANTERN_STORE: must begin with sqlite: or mongodb://")
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("LANTERN_DATA: %w", err)
	}
	return nil
}

// checkStripe refuses what was copied from the wrong line of Stripe's dashboard:
// cards would be taken for nothing, or payments be missed, until somebody
// read the log.
func (s *settings) checkStripe() error {
	switch {
	case (s.StripeKey == "") != (s.StripeWebhook == ""):
		return errors.New("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET: set both or none; without the webhook, payments would be missed")
	case s.StripeKey == "":
		return nil
	case !strings.HasPrefix(s.StripeKey, "sk_") && !strings.HasPrefix(s.StripeKey, "rk_"):
		return errors.New("STRIPE_SECRET_KEY: a secret key begins with sk_ or rk_")
	case !strings.HasPrefix(s.StripeWebhook, "whsec_"):
		return errors.New("STRIPE_WEBHOOK_SECRET: the signing secret of a webhook endpoint begins with whsec_")
	}
	return nil
}

func (s *settings) checkMail() error {
	if s.SMTP == "" {
		return nil
	}
	if _, err := mail.ParseAddress(s.From); err != nil {
		return errors.New("LANTERN_MAIL_FROM: must be a mail address such as Cedar House <office@example.org> when LANTERN_SMTP is set")
	}
	if _, err := mailer.New(s.SMTP, s.From); err != nil {
		return fmt.Errorf("LANTERN_SMTP: %w", err)
	}
	return nil
}

// twilio is what the settings say of the account there.
func (s *settings) twilio() sms.Config {
	return sms.Config{SID: s.TwilioSID, Token: s.TwilioToken, From: s.TwilioFrom, WebhookURL: s.URL + "/webhooks/twilio", Transport: s.twilioWire}
}

func (s *settings) checkTexts() error {
	if s.TwilioSID == "" && s.TwilioToken == "" && s.TwilioFrom == "" {
		return nil
	}
	if s.TwilioSID == "" || s.TwilioToken == "" || s.TwilioFrom == "" {
		return errors.New("LANTERN_TWILIO_SID, LANTERN_TWILIO_TOKEN and LANTERN_TWILIO_FROM: set all or none; who sends texts must hear STOP")
	}
	if err := s.twilio().Check(); err != nil {
		return fmt.Errorf("LANTERN_TWILIO_SID, LANTERN_TWILIO_TOKEN and LANTERN_TWILIO_FROM: %w", err)
	}
	if base, err := url.Parse(s.URL); err == nil && isLoopback(base.Hostname()) {
		return fmt.Errorf("LANTERN_TWILIO_SID: Twilio cannot reach %s to tell who answers STOP; set LANTERN_URL to a public address", s.URL)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || (ip != nil && ip.IsLoopback())
}
