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
