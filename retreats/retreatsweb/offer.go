package retreatsweb

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/web"
	"lantern/retreats"
)

// cardsOnPage is how many cohorts the front page shows at a time.
const cardsOnPage = 24

func (h *Handlers) offer(c echo.Context) error {
	page, err := h.retreats.Offer(c.Request().Context(), cardsOnPage, c.QueryParam("after"))
	if err != nil {
		return err
	}
	now := h.retreats.Now()
	data := &offerPage{Page: web.Page{Title: "Retreats for couples"}}
	for _, cohort := range page.Items {
		data.Cards = append(data.Cards, cardOf(cohort, now))
	}
	if page.Next != "" {
		data.Next = "/?after=" + url.QueryEscape(page.Next)
	}
	return h.server.Render(c, http.StatusOK, "offer", data)
}

func cardOf(c *retreats.Cohort, now time.Time) card {
	places, full := placesInWords(c, now)
	return card{
		URL: "/cohorts/" + url.PathEscape(c.ID), Name: c.Name, Summary: c.Summary, Location: c.Programme.Location,
		Dates: web.Dates(c.StartsOn, c.EndsOn), Price: c.PriceNow(now).Price.String(),
		Places: places, Full: full, Closed: c.Bookable(now) != nil,
	}
}

// placesInWords says what is left for a couple that comes now.
func placesInWords(c *retreats.Cohort, now time.Time) (text string, full bool) {
	if c.Bookable(now) != nil {
		return "Booking closed", true
	}
	if free := c.Free(now); free > 0 {
		return web.Count(free, "place for a couple", "places for couples"), false
	}
	if waiting := len(c.Settled(now).Waitlist); waiting > 0 {
		return fmt.Sprintf("Full, %d waiting", waiting), true
	}
	return "Full", true
}
