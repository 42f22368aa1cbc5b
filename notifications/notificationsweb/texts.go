package notificationsweb

import (
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/sms"
	"lantern/internal/web"
	"lantern/notifications"
)

// texts hears what Twilio says.
type texts struct {
	notices *notifications.Service
	twilio  *sms.Twilio
}

// MountTexts adds Twilio's webhook: what people answer to texts, and what becomes
// of these.
func MountTexts(server *web.Server, notices *notifications.Service, twilio *sms.Twilio) {
	h := &texts{notices: notices, twilio: twilio}
	server.Mount([]web.Route{
		{Method: http.MethodPost, Path: "/webhooks/twilio", Right: access.Signed, Handle: h.hear},
	})
}

// hear does nothing before the signature is checked. What is said twice is done
// and answered once.
func (h *texts) hear(c echo.Context) error {
	ctx, request := c.Request().Context(), c.Request()
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return err
	}
	word, news, err := h.twilio.Hear(request.URL.RawQuery, body, request.Header.Get(sms.SignatureHeader))
	if err != nil {
		web.Note(ctx, err)
		return echo.NewHTTPError(http.StatusForbidden)
	}
	if news != nil {
		if err := h.notices.HearNews(ctx, *news); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	}
	said, err := h.notices.Hear(ctx, *word)
	if err != nil {
		return err
	}
	answer, err := sms.Reply(said)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", answer)
}

// whyWords say to staff why a message did not go as a text.
var whyWords = map[string]string{
	notifications.WhyStopped: "the reader has ended texts", notifications.WhyLost: "no text reaches that phone",
	notifications.WhyFull: "the reader has had as many texts as they may get", notifications.WhyUnsure: "nobody can say whether it left",
	notifications.WhyLength: "it is longer than one text", notifications.WhyRefused: "Twilio has refused it",
	notifications.WhyOff: "no texts are sent here", notifications.WhyLate: "not within the hours for texts",
	string(sms.Undelivered): "it did not reach the phone", string(sms.Failed): "it could not be sent",
}

// textFacts are what staff see of a text beyond what every message has.
func textFacts(m *notifications.Message) []factView {
	var facts []factView
	if m.Channel == notifications.ByText {
		facts = append(facts, factView{"Goes by", "text message"})
	}
	if m.Delivery != nil {
		facts = append(facts, factView{"Twilio says", string(m.Delivery.Status)})
	}
	if m.Why != "" {
		facts = append(facts, factView{"Not as a text", whyWords[m.Why]})
	}
	return facts
}
