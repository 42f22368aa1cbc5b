package retreatsweb

import (
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/markdown"
	"lantern/internal/picture"
	"lantern/internal/web"
	"lantern/retreats"
)

// pageCache keeps the rendered page of each cohort for its revision: everybody
// sees the same, so it is worth rendering once.
type pageCache struct {
	mu    sync.RWMutex
	pages map[string]cachedPage
}

type cachedPage struct {
	rev  int64
	body []byte
	etag string
	// until is when time alone changes what the page says.
	until time.Time
}

const (
	// maxCached bounds the memory of the cache; a page has about 15 KB.
	maxCached = 1000
	// longestCached makes a page follow the calendar, whatever else happens.
	longestCached = time.Minute
)

func (p *pageCache) get(id string, rev int64, now time.Time) (cachedPage, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	page, ok := p.pages[id]
	return page, ok && page.rev == rev && now.Before(page.until)
}

func (p *pageCache) put(id string, page cachedPage) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.pages) >= maxCached {
		clear(p.pages)
	}
	p.pages[id] = page
}

func (h *Handlers) cohort(c echo.Context) error {
	id := c.Param("id")
	rev, err := h.retreats.CohortRev(c.Request().Context(), id)
	if err != nil {
		return err
	}
	now := h.retreats.Now()
	page, ok := h.cached.get(id, rev, now)
	if !ok {
		if page, err = h.renderCohort(c, id, now); err != nil {
			return err
		}
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", page.etag)
	if c.Request().Header.Get("If-None-Match") == page.etag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.HTMLBlob(http.StatusOK, page.body)
}

func (h *Handlers) renderCohort(c echo.Context, id string, now time.Time) (cachedPage, error) {
	cohort, err := h.retreats.OfferedCohort(c.Request().Context(), id)
	if err != nil {
		return cachedPage{}, err
	}
	body, err := h.server.Renderer().Page("cohort", cohortData(cohort, now))
	if err != nil {
		return cachedPage{}, err
	}
	page := cachedPage{rev: cohort.Rev, body: body, until: now.Add(longestCached)}
	page.etag = `"` + retreats.Hash(string(body))[:20] + `"`
	changes := []*time.Time{cohort.NextDeadline, ptr(cohort.Start())}
	if cohort.EarlyBird != nil {
		changes = append(changes, ptr(cohort.EarlyBirdEnds()))
	}
	for _, change := range changes {
		if change != nil && change.After(now) && change.Before(page.until) {
			page.until = *change
		}
	}
	h.cached.put(id, page)
	return page, nil
}

func ptr[T any](v T) *T { return &v }

func cohortData(c *retreats.Cohort, now time.Time) *cohortPage {
	zone := c.Location()
	data := &cohortPage{
		Page: web.Page{Title: c.Name}, Name: c.Name, Summary: c.Summary, Location: c.Programme.Location, Guides: c.Guides,
		Dates: web.Dates(c.StartsOn, c.EndsOn), ZoneName: web.ZoneName(c.Zone),
		Line: lineOf(c), Price: c.PriceNow(now).Price.String(), Early: earlyOf(c, now), Due: dueOf(c, now), Refunds: refundsOf(c, now),
		Refill: c.Policy.RefillSentence(),
		Houses: housesOf(c, now), HoldMinutes: c.HoldMinutes, Text: markdown.Render(c.Text),
		TalkURL: "/talk?cohort=" + url.QueryEscape(c.ID),
	}
	data.Places, _ = placesInWords(c, now)
	for _, s := range c.Sessions {
		data.Sessions = append(data.Sessions, sessionOf(c, s, zone))
	}
	data.ButtonURL, data.ButtonText, data.Why = wayOn(c, now)
	return data
}

// wayOn is the one thing to do on the page, or why there is nothing.
func wayOn(c *retreats.Cohort, now time.Time) (address, text, why string) {
	address = "/cohorts/" + url.PathEscape(c.ID) + "/book"
	switch {
	case c.Bookable(now) != nil:
		return "", "", fault.TextOf(c.Bookable(now))
	case c.Free(now) > 0:
		return address, "Hold a place for two", ""
	case len(c.Settled(now).Waitlist) < c.WaitlistCap:
		return address, "Join the waitlist", ""
	}
	return "", "", "All places are taken, and the waitlist is full."
}

// kindNames are the kinds of sessions in words.
var kindNames = map[retreats.SessionKind]string{
	retreats.Preparation: "Preparation", retreats.Medicine: "Medicine session", retreats.Integration: "Integration",
	retreats.Gathering: "Gathering", retreats.Consultation: "Consultation",
}

var receivesNames = map[retreats.Receives]string{
	retreats.ReceivesBoth:   "Both of you receive medicine.",
	retreats.ReceivesFirst:  "One of you receives medicine, the other is witness.",
	retreats.ReceivesSecond: "The other one receives medicine.",
}

func sessionOf(c *retreats.Cohort, s retreats.Session, zone *time.Location) sessionView {
	view := sessionView{
		Kind: string(s.Kind), Title: s.Title, Where: c.Programme.Location, Receives: receivesNames[s.Receives],
		When: web.At(s.StartsAt, zone).Text, Until: web.Clock(s.EndsAt, zone), ISO: s.StartsAt.UTC().Format(time.RFC3339),
	}
	if s.Online {
		view.Where = "By video"
	}
	return view
}

// refundsOf leaves out the periods that are over: who reads it now cannot
// cancel in them any more.
func refundsOf(c *retreats.Cohort, now time.Time) []refundView {
	today := civil.DateOf(now, c.Location())
	var views []refundView
	for _, p := range c.Policy.Periods(c.StartsOn) {
		if p.Until < today {
			continue
		}
		view := refundView{When: "Until " + p.Until.Words(), Share: fmt.Sprintf("%d %% of what you paid", p.Percent)}
		if p.From > today {
			view.When = "From " + p.From.Words() + " until " + p.Until.Words()
		}
		switch p.Percent {
		case 0:
			view.Share = "Nothing"
		case 100:
			view.Share = "Everything you paid"
		}
		views = append(views, view)
	}
	return views
}

func housesOf(c *retreats.Cohort, now time.Time) picture.Houses {
	counts := c.Settled(now).Counts()
	return picture.Places{
		// That there are more couples than places is for staff to know.
		Capacity: max(c.Capacity, counts.Confirmed+counts.Held+counts.Offered+counts.KeptBack), Taken: counts.Confirmed, Held: counts.Held, Offered: counts.Offered, KeptBack: counts.KeptBack,
	}.Draw()
}

func lineOf(c *retreats.Cohort) picture.TimeLine {
	var moments []picture.Moment
	for _, s := range c.Sessions {
		moments = append(moments, picture.Moment{At: s.StartsAt, Kind: string(s.Kind), Text: kindNames[s.Kind] + ": " + s.Title})
	}
	return picture.Line(moments, c.Location())
}
