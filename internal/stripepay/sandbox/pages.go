package sandbox

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxForm bounds what a payment page may send.
const maxForm = 16 << 10

//go:embed page
var pageFiles embed.FS

var pageTemplates = map[string]*template.Template{
	"pay":          parsePage("pay.html"),
	"authenticate": parsePage("authenticate.html"),
	"notice":       parsePage("notice.html"),
	"control":      parsePage("control.html"),
}

func parsePage(name string) *template.Template {
	return template.Must(template.ParseFS(pageFiles, "page/layout.html", "page/"+name))
}

// page is what every page shows.
type page struct {
	Title  string
	Prefix string // the path below which the sandbox is mounted
}

// purchase is what is to be paid, for a person to read.
type purchase struct {
	Item   string
	Amount string
	Until  string
}

type payPage struct {
	page
	purchase
	Saves    bool // a card, and takes no money
	Cards    []testCard
	Action   string
	Back     string // empty when there is no way back
	Exp      string // as typed; number and code are never sent back
	Faults   cardFaults
	Declined string // why the last try failed
}

type authenticatePage struct {
	page
	purchase
	Action string
}

type noticePage struct {
	page
	Text     string
	Onward   string // address to go on to, or empty
	LinkText string
}

func (s *Sandbox) mountPages(mux *http.ServeMux) {
	guard := http.NewCrossOriginProtection()
	guarded := func(do http.HandlerFunc) http.Handler { return guard.Handler(do) }
	mux.Handle("GET /pay/{id}", guarded(s.showPay))
	mux.Handle("POST /pay/{id}", guarded(s.takePay))
	mux.Handle("GET /pay/{id}/authenticate", guarded(s.showAuthenticate))
	mux.Handle("POST /pay/{id}/authenticate", guarded(s.takeAuthenticate))
	mux.HandleFunc("GET /page.css", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "max-age=300")
		http.ServeFileFS(w, r, pageFiles, "page/page.css")
	})
}

// view is a copy of what a page needs, taken while the state was held.
type view struct {
	found    bool
	session  session
	item     string
	intent   string // its status, empty when there is none
	declined string
}

// look copies a session as it stands now. What f does to it first is part of
// the same change; f is not called for one that is not open.
func (s *Sandbox) look(id string, f func(co *checkout, now time.Time)) (view, error) {
	var v view
	err := s.do(func(now time.Time) {
		co, ok := s.state.Checkouts.get(id)
		if !ok {
			return
		}
		if f != nil && co.Session.Status == sessionOpen {
			f(co, now)
		}
		v = view{found: true, session: co.Session, item: co.ItemName}
		v.intent, v.declined = s.state.intentOf(co)
	})
	return v, err
}

// intentOf tells where the payment of a session stands, or the saving of its
// card, and why the last try failed.
func (s *state) intentOf(co *checkout) (status, declined string) {
	var why *paymentError
	if intent, ok := s.Intents.get(string(co.Session.PaymentIntent)); ok {
		status, why = intent.Status, intent.LastPaymentError
	}
	if setup, ok := s.Setups.get(string(co.Session.SetupIntent)); ok {
		status, why = setup.Status, setup.LastSetupError
	}
	if why != nil {
		declined = why.Message
	}
	return status, declined
}

func (s *Sandbox) showPay(w http.ResponseWriter, r *http.Request) {
	v, err := s.look(r.PathValue("id"), nil)
	if s.showIfNotOpen(w, v, err) {
		return
	}
	s.showCardForm(w, http.StatusOK, v, "", cardFaults{})
}

func (s *Sandbox) takePay(w http.ResponseWriter, r *http.Request) {
	form, ok := s.readForm(w, r)
	if !ok {
		return
	}
	typed := cardForm{Number: form.Get("number"), Exp: form.Get("exp"), CVC: form.Get("cvc")}
	parsed, faults := parseCard(typed, s.options.Now())
	var pay func(*checkout, time.Time)
	if faults == (cardFaults{}) {
		pay = func(co *checkout, now time.Time) {
			if co.setup() {
				s.saveCard(co, parsed, now)
			} else {
				s.pay(co, parsed, now)
			}
		}
	}
	v, err := s.look(r.PathValue("id"), pay)
	if s.goOn(w, r, v, err) {
		return
	}
	if pay == nil {
		v.declined = "" // about an earlier try
	}
	s.showCardForm(w, http.StatusUnprocessableEntity, v, typed.Exp, faults)
}

func (s *Sandbox) showAuthenticate(w http.ResponseWriter, r *http.Request) {
	v, err := s.look(r.PathValue("id"), nil)
	if s.showIfNotOpen(w, v, err) {
		return
	}
	if v.intent != intentNeedsAction {
		http.Redirect(w, r, s.payPath(v), http.StatusSeeOther)
		return
	}
	s.show(w, http.StatusOK, "authenticate", v, authenticatePage{
		page: s.page("Your bank asks"), purchase: v.purchase(), Action: s.payPath(v) + "/authenticate",
	})
}

func (s *Sandbox) takeAuthenticate(w http.ResponseWriter, r *http.Request) {
	form, ok := s.readForm(w, r)
	if !ok {
		return
	}
	v, err := s.look(r.PathValue("id"), func(co *checkout, now time.Time) {
		passed := form.Get("answer") == "complete"
		switch status, _ := s.state.intentOf(co); {
		case status != intentNeedsAction:
		case co.setup():
			s.cardAuthenticated(co, passed, now)
		default:
			s.authenticated(co, passed, now)
		}
	})
	if s.goOn(w, r, v, err) {
		return
	}
	http.Redirect(w, r, s.payPath(v), http.StatusSeeOther)
}

// goOn answers a sent form whenever the card form is not to be shown again.
func (s *Sandbox) goOn(w http.ResponseWriter, r *http.Request, v view, err error) bool {
	switch {
	case err == nil && v.session.Status == sessionComplete:
		// A form sent twice ends here too, paid once.
		http.Redirect(w, r, v.onward(), http.StatusSeeOther)
	case err == nil && v.session.Status == sessionOpen && v.intent == intentNeedsAction:
		http.Redirect(w, r, s.payPath(v)+"/authenticate", http.StatusSeeOther)
	default:
		return s.showIfNotOpen(w, v, err)
	}
	return true
}

// showIfNotOpen answers for sessions that cannot be paid, and says whether it
// did.
func (s *Sandbox) showIfNotOpen(w http.ResponseWriter, v view, err error) bool {
	notice := noticePage{}
	status := http.StatusOK
	switch {
	case err != nil:
		s.options.Log.Error("the sandbox could not keep its state", "error", err)
		status = http.StatusInternalServerError
		notice.page, notice.Text = s.page("That did not work"), "The payment sandbox could not save what it did. Please try again."
	case !v.found:
		status = http.StatusNotFound
		notice.page, notice.Text = s.page("No such payment page"), "The address may be incomplete. Please go back to where you came from and start the payment again."
	case v.session.Status == sessionComplete:
		title := "This is already paid"
		if v.saves() {
			title = "This card is already saved"
		}
		notice.page, notice.Text = s.page(title), "There is nothing more to do here."
		notice.Onward, notice.LinkText = v.onward(), "Continue"
	case v.session.Status == sessionExpired:
		status = http.StatusGone
		notice.page, notice.Text = s.page("This payment page has expired"), "Nothing was paid. Please go back and start the payment again."
		notice.Onward, notice.LinkText = string(v.session.CancelURL), "Go back"
	default:
		return false
	}
	s.show(w, status, "notice", v, notice)
	return true
}

func (s *Sandbox) showCardForm(w http.ResponseWriter, status int, v view, exp string, faults cardFaults) {
	title := "Pay by card"
	if v.saves() {
		title = "Save a card"
	}
	s.show(w, status, "pay", v, payPage{
		page: s.page(title), Saves: v.saves(), Cards: testCards, purchase: v.purchase(), Action: s.payPath(v), Back: string(v.session.CancelURL),
		Exp: exp, Faults: faults, Declined: v.declined,
	})
}

func (s *Sandbox) readForm(w http.ResponseWriter, r *http.Request) (url.Values, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		s.show(w, http.StatusBadRequest, "notice", view{}, noticePage{
			page: s.page("That did not work"), Text: "The form could not be read. Please go back and try again.",
		})
		return nil, false
	}
	return r.PostForm, true
}

// show renders first, so that a fault in a template is a clean 500.
func (s *Sandbox) show(w http.ResponseWriter, status int, name string, v view, data any) {
	var body bytes.Buffer
	if err := pageTemplates[name].ExecuteTemplate(&body, "layout", data); err != nil {
		s.options.Log.Error("a page of the sandbox failed", "page", name, "error", err)
		http.Error(w, "The page could not be shown.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	// A browser holds the redirect after a form to form-action as well.
	header.Set("Content-Security-Policy",
		strings.TrimSpace("default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' "+origin(v.session.SuccessURL)))
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a browser that has gone is no concern of ours
}

func (s *Sandbox) page(title string) page { return page{Title: title, Prefix: s.prefix} }

func (s *Sandbox) payPath(v view) string { return s.prefix + "/pay/" + v.session.ID }

func (v view) purchase() purchase {
	return purchase{
		Item:   v.item,
		Amount: v.amount(),
		Until:  time.Unix(v.session.ExpiresAt, 0).UTC().Format("Monday 2 January 2006, 15:04 UTC"),
	}
}

// saves says whether the page saves a card and takes no money.
func (v view) saves() bool { return v.session.Mode == modeSetup }

func (v view) amount() string {
	if v.saves() {
		return "Nothing is paid now"
	}
	return amountText(v.session.AmountTotal, string(v.session.Currency))
}

// onward is where a payer goes after paying.
func (v view) onward() string {
	return strings.ReplaceAll(v.session.SuccessURL, "{CHECKOUT_SESSION_ID}", v.session.ID)
}

func origin(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}
