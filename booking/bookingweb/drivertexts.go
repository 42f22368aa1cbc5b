package bookingweb

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"lantern/booking"
	"lantern/internal/fault"
	"lantern/internal/web"
)

// Texts to the driver, who agrees to them on their own page [D31], [D36].

// addRideTexts shows what the driver has said of texts, and what they would agree
// to.
func (h *Handlers) addRideTexts(p *ridePage, rides booking.Rides, fail error) {
	if !h.options.Texts || !rides.Ahead(h.options.Retreats.Now()) {
		return
	}
	d := rides.List[0].Driver
	p.Texts = &textsView{Wording: booking.DriverTextWording(h.server.Renderer().Practice().Name), Phone: d.Phone}
	switch given := d.Texts; {
	case given == nil:
	case d.TextsTo() != "":
		p.Texts.Wording, p.Texts.Since = given.Wording, web.At(given.At, rides.Cohort.Location()).Text
	case given.StoppedBy == booking.ByText:
		p.Texts.Ended = "You have ended texts by answering STOP. To have them again, send START to the number that they came from, or agree here once more."
	case given.StoppedBy == booking.ByCarrier:
		p.Texts.Ended = "Our texts did not reach your phone. Is the number right? If not, those who asked you can change it."
	}
	if p.AgreeFault = fault.FieldsOf(fail)["agree"]; p.AgreeFault != "" {
		p.Goto = "texts-agree"
	}
}

var errTickForTexts = fault.InvalidFields(fault.Fields{"agree": "Please tick the box if you want texts."})

func (h *Handlers) rideTexts(c echo.Context) error {
	ctx, token := c.Request().Context(), c.Param("token")
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	switch answer := form.Get("answer"); {
	case answer == "stop":
		err = h.stopRideTexts(ctx, token, booking.ByPage)
	case answer == "allow" && form.Get("agree") == "":
		err = errTickForTexts
	case answer == "allow":
		err = h.allowRideTexts(ctx, token, booking.ByPage)
	default:
		return echo.NewHTTPError(http.StatusBadRequest)
	}
	switch fault.KindOf(err) {
	case "":
		return c.Redirect(http.StatusSeeOther, "/d/"+url.PathEscape(token))
	case fault.Invalid, fault.Conflict:
		web.Note(ctx, err)
		return h.showRide(c, web.Status(err), err)
	}
	return err
}
