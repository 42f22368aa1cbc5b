package sms

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/twilio/twilio-go/client"
	api "github.com/twilio/twilio-go/rest/api/v2010"
)

// Config is what Twilio needs to know.
type Config struct {
	SID, Token string
	// From is a number in the form +14155550132 or a messaging service (MG…).
	From string
	// WebhookURL is where Twilio tells what becomes of texts, as it reaches it.
	WebhookURL string
	// Transport makes the requests; nil is http.DefaultTransport.
	Transport http.RoundTripper
}

var (
	accountSID = regexp.MustCompile(`^AC[0-9a-f]{32}$`)
	serviceSID = regexp.MustCompile(`^MG[0-9a-f]{32}$`)
	letters    = regexp.MustCompile(`^[0-9A-Za-z]{16,}$`)
	number     = regexp.MustCompile(`^\+[1-9][0-9]{7,14}$`)
)

// Check finds what is wrong with the config before anything is sent. It does
// not repeat what is secret.
func (c Config) Check() error {
	switch {
	case !accountSID.MatchString(c.SID):
		return errors.New("the account's SID is AC and 32 hex digits")
	case !letters.MatchString(c.Token):
		return errors.New("the token is letters and digits")
	case !number.MatchString(c.From) && !serviceSID.MatchString(c.From):
		return errors.New("the sender is a number such as +14155550132, or a messaging service: MG and 32 hex digits")
	}
	return nil
}

// Twilio sends texts by an account there.
type Twilio struct {
	config    Config
	validator client.RequestValidator
}

// NewTwilio checks the config.
func NewTwilio(c Config) (*Twilio, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	return &Twilio{config: c, validator: client.NewRequestValidator(c.Token)}, nil
}

// sendTime bounds one request.
const sendTime = 20 * time.Second

// Send hands a text over and gives Twilio's name of it. Twilio has no key by
// which a repeated request is known, so the errors tell whether to repeat it:
// see IsPermanent and MaySendAgain.
func (t *Twilio) Send(ctx context.Context, text Text) (string, error) {
	// The library takes no context, so the transport brings it in.
	own := &client.Client{
		Credentials: client.NewCredentials(t.config.SID, t.config.Token),
		HTTPClient:  &http.Client{Timeout: sendTime, Transport: bound{ctx, t.config.Transport}},
	}
	own.SetAccountSid(t.config.SID)
	params := (&api.CreateMessageParams{}).SetTo(text.To).SetBody(text.Body).SetStatusCallback(t.callback(text.ID))
	if serviceSID.MatchString(t.config.From) {
		params.SetMessagingServiceSid(t.config.From)
	} else {
		params.SetFrom(t.config.From)
	}
	made, err := api.NewApiServiceWithClient(own).CreateMessage(params)
	if err != nil {
		return "", refusalOf(err)
	}
	if made.Sid == nil {
		return "", errors.New("twilio has made a text without a name")
	}
	return *made.Sid, nil
}

// callback is where Twilio tells of the text, whose ID comes back that way.
func (t *Twilio) callback(id string) string {
	return t.config.WebhookURL + "?text=" + url.QueryEscape(id)
}

type bound struct {
	ctx   context.Context
	inner http.RoundTripper
}

func (b bound) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(b.ctx)
	stop := context.AfterFunc(r.Context(), cancel)
	response, err := b.inner.RoundTrip(r.WithContext(ctx))
	if err != nil {
		stop()
		cancel()
	}
	return response, err
}

// Refusal is Twilio's no to a text. Its text has no number and no words of
// anybody in it.
type Refusal struct{ Status, Code int }

func (r *Refusal) Error() string {
	return fmt.Sprintf("twilio refuses a text: status %d, code %d", r.Status, r.Code)
}

// refusalOf keeps of an error what may be logged: Twilio's own texts repeat the
// number.
func refusalOf(err error) error {
	var told *client.TwilioRestError
	if errors.As(err, &told) {
		return &Refusal{Status: told.Status, Code: told.Code}
	}
	var failed *url.Error
	if errors.As(err, &failed) {
		return fmt.Errorf("reaching twilio: %w", failed.Err)
	}
	return errors.New("twilio's answer cannot be read")
}

// IsPermanent reports whether Twilio has said no to a text and will do so again.
func IsPermanent(err error) bool {
	var no *Refusal
	return errors.As(err, &no) && no.Status >= 400 && no.Status < 500 && no.Status != http.StatusTooManyRequests
}

// CodeOf is Twilio's number of what was wrong with a text; 0 if it gave none.
func CodeOf(err error) int {
	var no *Refusal
	if errors.As(err, &no) {
		return no.Code
	}
	return 0
}

// MaySendAgain reports whether the text has surely not been taken, and may be
// later. After any other error that is not permanent it may have been: sending
// again could be sending twice.
func MaySendAgain(err error) bool {
	var no *Refusal
	if errors.As(err, &no) {
		return no.Status == http.StatusTooManyRequests
	}
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

// SignatureHeader is where Twilio signs what it says.
const SignatureHeader = "X-Twilio-Signature"

// errForged answers what Twilio has not signed.
var errForged = errors.New("this does not come from Twilio")

// Hear checks a request to the webhook and reads it: a word of somebody, or news
// of a text. query is what stood after the ? of its address.
func (t *Twilio) Hear(query string, body []byte, signature string) (*Word, *News, error) {
	address := t.config.WebhookURL
	if query != "" {
		address += "?" + query
	}
	if !t.validator.ValidateBody(address, body, signature) {
		return nil, nil, errForged
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, nil, fmt.Errorf("reading what Twilio says: %w", err)
	}
	if state := form.Get("MessageStatus"); state != "" {
		asked, err := url.ParseQuery(query)
		if err != nil {
			return nil, nil, fmt.Errorf("reading which text Twilio tells of: %w", err)
		}
		code, _ := strconv.Atoi(form.Get("ErrorCode")) // none when all is well
		return nil, &News{ID: asked.Get("text"), Status: statusOf(state), Code: code}, nil
	}
	return &Word{
		ID: form.Get("MessageSid"), From: form.Get("From"), Body: form.Get("Body"), Answered: form.Get("OptOutType") != "",
	}, nil, nil
}

func statusOf(said string) Status {
	switch Status(said) {
	case Sent, Delivered, Undelivered, Failed:
		return Status(said)
	case "read":
		return Delivered
	case "canceled":
		return Failed
	}
	return Queued // accepted, scheduled, sending
}

// Reply is what the webhook answers: a text to whoever wrote, or none.
func Reply(body string) ([]byte, error) {
	type message struct {
		Message string   `xml:"Message,omitempty"`
		XMLName struct{} `xml:"Response"`
	}
	out, err := xml.Marshal(message{Message: body})
	if err != nil {
		return nil, fmt.Errorf("writing an answer: %w", err)
	}
	return append([]byte(xml.Header), out...), nil
}
