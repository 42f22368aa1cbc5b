package retreatsweb

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/money"
	"lantern/internal/web"
	"lantern/retreats"
)

// codeView is a code of a cohort on the page of its settings.
type codeView struct {
	Name, Off, Used, Until string
	// EndURL is empty for a code that has ended.
	EndURL string
}

func codeViews(c *retreats.Cohort) []codeView {
	var views []codeView
	for _, code := range c.Codes {
		view := codeView{
			Name: code.Name, Off: code.Words(), Used: web.Count(c.CodeUses(code.Name), "couple", "couples"), Until: "–",
			EndURL: settingsURL(c.ID) + "/codes/" + url.PathEscape(code.Name) + "/end",
		}
		if code.Limit > 0 {
			view.Used = fmt.Sprintf("%d of %s", c.CodeUses(code.Name), web.Count(code.Limit, "couple", "couples"))
		}
		if code.Until != "" {
			view.Until = code.Until.Words()
		}
		if code.Ended {
			view.Until, view.EndURL = "ended", ""
		}
		views = append(views, view)
	}
	return views
}

// newCodeFields are the fields of the form for a new code.
func newCodeFields(v url.Values, faults fault.Fields) []fieldView {
	fields := []fieldView{
		{Name: "code_name", Label: "Code", Hint: "3 to 24 letters, digits and hyphens. Couples may write it large or small.", Max: 40},
		{Name: "code_off", Label: "Takes off", Hint: "A share such as 15 %, or an amount. An early price comes first.", Max: 20},
		{Name: "code_limit", Label: "For how many couples", Hint: "Empty: any number.", Max: 6, Figures: true},
		{Name: "code_until", Label: "Until", Hint: "The last day on which it holds. Empty: as long as couples can book.", Max: 10, IsDate: true},
	}
	for i, f := range fields {
		fields[i].Value, fields[i].Fault = v.Get(f.Name), faults[f.Name]
	}
	return fields
}

// readCode reads the form for a new code.
func readCode(v url.Values, currency string) (retreats.Code, fault.Fields) {
	faults := fault.Fields{}
	code := retreats.Code{
		Name: at(v["code_name"], 0), Limit: readNumber(v.Get("code_limit"), "code_limit", 1, 0, faults), Until: civil.Date(at(v["code_until"], 0)),
	}
	off := at(v["code_off"], 0)
	if share, isShare := strings.CutSuffix(off, "%"); isShare {
		var err error
		if code.Percent, err = strconv.Atoi(strings.TrimSpace(share)); err != nil {
			faults["code_off"] = "Please write a whole number of per cent."
		}
	} else if off != "" {
		var err error
		if code.Amount, err = money.Parse(off, currency); err != nil {
			faults["code_off"] = fault.TextOf(err)
		}
	}
	return code, faults
}

// codeField is the form's field for one of the domain.
var codeField = map[string]string{
	"name": "code_name", "percent": "code_off", "amount": "code_off", "limit": "code_limit", "until": "code_until", "codes": "codes",
}

func (h *Handlers) codeAdd(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	cohort, err := h.retreats.Cohort(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	code, faults := readCode(form, cohort.Price.Currency)
	actor, _ := web.ActorOf(ctx)
	if len(faults) > 0 {
		tried := *cohort // only to hear what else is wrong
		err = tried.AddCode(code, actor.By(), h.retreats.Now())
	} else {
		_, err = h.retreats.AddCode(ctx, cohort.ID, code, actor.By())
	}
	for field, text := range fault.FieldsOf(err) {
		if name := codeField[field]; faults[name] == "" {
			faults[name] = text
		}
	}
	if len(faults) > 0 {
		return h.settingsAgain(c, fault.InvalidFields(faults), func(p *settingsPage) { p.NewCode = newCodeFields(form, faults) })
	}
	if err != nil {
		return h.settingsAgain(c, err, func(p *settingsPage) { p.NewCode = newCodeFields(form, nil) })
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=code")
}

func (h *Handlers) codeEnd(c echo.Context) error {
	ctx := c.Request().Context()
	actor, _ := web.ActorOf(ctx)
	cohort, err := h.retreats.EndCode(ctx, c.Param("id"), c.Param("code"), actor.By())
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, settingsURL(cohort.ID)+"?done=code_ended")
}
