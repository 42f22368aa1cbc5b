package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"lantern/internal/money"
)

// controlShown is how many objects of a kind the control page shows, the newest
// first.
const controlShown = 40

// Bounds of what may be typed on the control page.
const (
	maxTroubles    = 1000
	maxHoldMinutes = 7 * 24 * 60
)

type controlPage struct {
	page
	Payments  []controlPayment
	Refunds   []controlRefund
	Saved     []controlCard
	TestCards []testCard
	Shown     int
	Trouble   Trouble
	Hold      int64 // minutes
	Version   string
	Right     string // the version of the API that is spoken
}

type controlPayment struct {
	ID, Item, Amount, At, State string
	Left                        string // what can be refunded; empty if nothing can
	Disputable                  bool
	Dispute                     string // id of an open one, or empty
}

type controlRefund struct {
	ID, Item, Amount, At, State string
	CanFail                     bool
}

type controlCard struct {
	ID, Card, Says string
}

func (s *Sandbox) mountControl(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection()
	mux.Handle("GET /control", guard.Handler(http.HandlerFunc(s.showControl)))
	for name, do := range map[string]func(url.Values) error{
		"refund": s.controlRefund, "dispute": s.controlDispute, "decide": s.controlDecide,
		"fail": s.controlFail, "card": s.controlCard, "trouble": s.controlTrouble,
	} {
		mux.Handle("POST /control/"+name, guard.Handler(s.controlling(do)))
	}
}

// controlling answers a form of the control page: the page again, or why not.
func (s *Sandbox) controlling(do func(url.Values) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, ok := s.readForm(w, r)
		if !ok {
			return
		}
		if err := do(form); err != nil {
			s.show(w, http.StatusUnprocessableEntity, "notice", view{}, noticePage{
				page: s.page("That did not work"), Text: sentence(err), Onward: s.prefix + "/control", LinkText: "Back to the control page",
			})
			return
		}
		http.Redirect(w, r, s.prefix+"/control", http.StatusSeeOther)
	})
}

// sentence makes an error of ours one to read.
func sentence(err error) string {
	return strings.TrimSuffix(capital(err.Error()), ".") + "."
}

func capital(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func (s *Sandbox) controlRefund(form url.Values) error {
	id, typed := form.Get("id"), strings.TrimSpace(form.Get("amount"))
	if typed == "" {
		return s.RefundAtStripe(id, 0)
	}
	s.mu.Lock()
	intent, ok := s.state.Intents.get(id)
	s.mu.Unlock()
	if !ok {
		return fmt.Errorf("there is no payment %q", id)
	}
	amount, err := parseAmount(typed, intent.Currency)
	if err != nil {
		return err
	}
	return s.RefundAtStripe(id, amount)
}

// parseAmount reads an amount above zero such as 1250 or 1250.50.
func parseAmount(typed, currency string) (minor int64, err error) {
	digits := money.Digits(strings.ToUpper(currency))
	whole, part, _ := strings.Cut(typed, ".")
	if len(part) > digits {
		return 0, fmt.Errorf("amounts in %s have %d digits after the point", strings.ToUpper(currency), digits)
	}
	minor, err = strconv.ParseInt(whole+part+strings.Repeat("0", digits-len(part)), 10, 64)
	if err != nil || minor < 1 {
		return 0, errors.New("type an amount such as 250 or 250.50")
	}
	return minor, nil
}

func (s *Sandbox) controlDispute(form url.Values) error {
	_, err := s.OpenDispute(form.Get("id"), "fraudulent")
	return err
}

func (s *Sandbox) controlDecide(form url.Values) error {
	return s.CloseDispute(form.Get("id"), form.Get("for") == "practice")
}

func (s *Sandbox) controlFail(form url.Values) error { return s.FailRefund(form.Get("id")) }

func (s *Sandbox) controlCard(form url.Values) error {
	return s.SetCard(form.Get("id"), form.Get("number"))
}

func (s *Sandbox) controlTrouble(form url.Values) error {
	var wanted Trouble
	var minutes int
	for _, field := range []struct {
		name string
		to   *int
		most int
	}{
		{"api_errors", &wanted.APIErrors, maxTroubles}, {"rate_limits", &wanted.RateLimits, maxTroubles},
		{"timeouts", &wanted.Timeouts, maxTroubles}, {"late_answers", &wanted.LateAnswers, maxTroubles},
		{"hold", &minutes, maxHoldMinutes},
	} {
		text := strings.TrimSpace(form.Get(field.name))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > field.most {
			return fmt.Errorf("type whole numbers from 0 to %d; nothing was changed", field.most)
		}
		*field.to = n
	}
	version := strings.TrimSpace(form.Get("version"))
	if len(version) > 40 {
		return errors.New("a version looks like 2023-10-16; nothing was changed")
	}
	wanted.HoldEvents = time.Duration(minutes) * time.Minute
	wanted.DoubleEvents = form.Get("double") != ""
	wanted.ReorderEvents = form.Get("reorder") != ""
	wanted.LoseEvents = form.Get("lose") != ""
	s.SetTrouble(wanted)
	s.SetWebhookVersion(version)
	return nil
}

func (s *Sandbox) showControl(w http.ResponseWriter, _ *http.Request) {
	shown := controlPage{page: s.page("What happens at Stripe and at banks"), TestCards: testCards, Shown: controlShown, Right: APIVersion}
	err := s.do(func(time.Time) {
		shown.Payments = newest(s.state.Intents.items, s.state.controlPayment)
		shown.Refunds = newest(s.state.Refunds.items, s.state.controlRefund)
		shown.Saved = newest(s.state.Methods.items, s.state.controlCard)
		shown.Trouble, shown.Version = s.trouble, s.eventVersion()
	})
	if err != nil {
		s.showIfNotOpen(w, view{}, err)
		return
	}
	shown.Hold = int64(shown.Trouble.HoldEvents / time.Minute)
	s.show(w, http.StatusOK, "control", view{}, shown)
}

// newest tells of the last items that there is something to tell of.
func newest[T, S any](items []T, tell func(T) (S, bool)) (told []S) {
	for i := len(items) - 1; i >= 0 && len(told) < controlShown; i-- {
		if one, ok := tell(items[i]); ok {
			told = append(told, one)
		}
	}
	return told
}

// statusWords say where a payment stands, for a person.
var statusWords = map[string]string{
	intentNeedsMethod: "Not paid", intentNeedsAction: "The bank asks the payer", intentSucceeded: "Paid", intentCanceled: "Ended without payment",
}

func (s *state) controlPayment(p *paymentIntent) (controlPayment, bool) {
	shown := controlPayment{
		ID: p.ID, Item: string(p.Description), Amount: amountText(p.Amount, p.Currency), At: readable(p.Created),
		State: statusWords[p.Status],
	}
	paid, ok := s.Charges.get(string(p.LatestCharge))
	if !ok || !paid.Paid {
		if p.LastPaymentError != nil {
			shown.State += ": " + p.LastPaymentError.Message
		}
		return shown, true
	}
	d := s.disputeOf(nullable(p.ID))
	left := paid.Amount - paid.AmountRefunded
	if left > 0 && (d == nil || !d.takes()) {
		shown.Left = money.Of(left, strings.ToUpper(p.Currency)).Decimal()
	}
	shown.Disputable = left > 0 && d == nil
	if paid.AmountRefunded > 0 {
		shown.State += ", " + amountText(paid.AmountRefunded, p.Currency) + " refunded"
	}
	if d != nil {
		shown.State += ", dispute: " + strings.ReplaceAll(d.Status, "_", " ")
		if d.open() {
			shown.Dispute = d.ID
		}
	}
	return shown, true
}

func (s *state) controlRefund(r *refund) (controlRefund, bool) {
	shown := controlRefund{
		ID: r.ID, Amount: amountText(r.Amount, r.Currency), At: readable(r.Created), State: r.Status, CanFail: r.Status != refundFailed,
	}
	if of, ok := s.Intents.get(string(r.PaymentIntent)); ok {
		shown.Item = string(of.Description)
	}
	return shown, true
}

// controlCard tells of a card that is saved for later.
func (s *state) controlCard(m *paymentMethod) (controlCard, bool) {
	shown := controlCard{ID: m.ID, Card: capital(m.Card.Brand) + " that ends in " + m.Card.Last4, Says: "pays"}
	for _, like := range testCards {
		if name := s.Behaviours[m.ID]; name != "" && like.name == name {
			shown.Says = like.says
		}
	}
	return shown, m.Customer != ""
}

func readable(at int64) string { return time.Unix(at, 0).UTC().Format("2 January 2006, 15:04 UTC") }
