package notifications

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"lantern/internal/wording"
)

// Saying is one message whose words an installation can change.
type Saying struct {
	// ID is "mail.confirmed" or "text.offered"; Name is the rule's, or the
	// template's.
	ID, Name string
	Channel  Channel
	// Title says for staff what it is about.
	Title string
	// May are the fields that its words may read.
	May map[string]bool
	// Own are Lantern's own words.
	Own wording.Source
}

// IsText reports whether it is a text message.
func (s Saying) IsText() bool { return s.Channel == ByText }

// scope is what its words may read, with the type of that.
func (s Saying) scope() wording.Scope { return wording.Scope{Data: dataType, May: s.May} }

var dataType = reflect.TypeFor[MailData]()

// sayingTitles say what each message is about, in the order in which pages show
// them: as a couple comes to read them.
var sayingTitles = []struct{ id, title string }{
	{"mail.talk_asked", "First talk: asked for"}, {"mail.talk_fixed", "First talk: its time"}, {"mail.talk_withdrawn", "First talk: given up"},
	{"mail.talk_invited", "First talk: welcome to book"}, {"mail.talk_declined", "First talk: a kind no"},
	{"mail.held", "A place is held until it is paid"}, {"mail.lapsed", "A held place was not paid in time"},
	{"mail.confirmed", "The place is theirs"}, {"mail.readdressed", "The mail address is another one"},
	{"mail.waiting", "They are on the waitlist"}, {"mail.offered", "A place is offered"}, {"mail.nudged", "An offer still waits for an answer"},
	{"mail.offer_ended", "An offer has ended, the turn stays"}, {"mail.turn_ended", "The turn on the waitlist has ended"},
	{"mail.removed", "Taken off the waitlist by staff"}, {"mail.moved", "The turn is for other dates"},
	{"mail.transferred", "The place is for other dates"}, {"mail.rescheduled", "Dates or times have changed"},
	{"mail.balance_soon", "A payment is due soon"}, {"mail.balance_late", "A payment is late"}, {"mail.card_failed", "A card was declined"},
	{"mail.receipt", "A payment has come"}, {"mail.price_lowered", "The price is lower"},
	{"mail.card_saved", "A card is saved"}, {"mail.card_removed", "A card is not saved any more"},
	{"mail.papers", "Reminder: consent and forms"}, {"mail.driver_missing", "Reminder: no driver named"}, {"mail.ride", "To the driver"},
	{"mail.preparation", "Reminder: preparation session"}, {"mail.afterwards", "A word afterwards"}, {"mail.material", "There is something to read"}, {"mail.integration", "Reminder: integration session"},
	{"mail.cancelled", "The couple has given its booking up"}, {"mail.booking_ended", "Staff have ended a booking"},
	{"mail.called_off", "The dates do not take place"}, {"mail.refilled", "More money comes back: the place was taken again"},
	{"mail.money_returned", "Money goes back"}, {"mail.late_refunded", "Money came too late and goes back"}, {"mail.refund_failed", "Money could not be returned"},
	{"mail.sign_in", "To staff: the link to sign in"}, {"mail.talk_request", "To staff: somebody asks for a first talk"},
	{"text.offered", "A place is offered"}, {"text.preparation", "Reminder: preparation session"}, {"text.texts_on", "The first text, after agreeing to texts"},
	{"text.ride", "To the driver"}, {"text.texts_on_ride", "The first text to a driver, after agreeing to texts"},
	{"text.reply_yes", "Answer to YES"}, {"text.reply_ride_yes", "Answer to a driver's YES"}, {"text.reply_ride_no", "Answer to a driver's NO"}, {"text.reply_stop", "Answer to STOP"}, {"text.reply_start", "Answer to START"},
	{"text.reply_help", "Answer to HELP"}, {"text.reply_other", "Answer to anything else"},
}

// What is there in every message of a kind.
var (
	ofBookings = []string{"Hello", "Practice", "Link", "Own", "Other", "Ref", "StartsOn", "EndsOn", "At", "Short", "ZoneName", "HasPlace", "Sessions", "Charges", "Open"}
	ofNotices  = []string{"Hello", "Practice", "Link"}
	ofTexts    = []string{"Practice", "At", "Short"}
)

// noticeExtras are what notices bring along, by their rules.
var noticeExtras = map[string][]string{
	"sign_in": {"Data", "Data.time"}, "talk_fixed": {"Data", "Data.when", "Data.where"},
	"talk_request": {"Data", "Data.who"}, "talk_withdrawn": {"Data", "Data.when"}, "talk_invited": {"Data", "Data.dates"},
}

// Sayings are all messages that have words, in order.
var Sayings = sync.OnceValue(func() []Saying {
	var all []Saying
	for _, title := range sayingTitles {
		channel, name, _ := strings.Cut(title.id, ".")
		s := Saying{ID: title.id, Name: name, Title: title.title}
		var err error
		if channel == ByText.String() {
			s.Channel = ByText
			s.Own, err = wording.OwnText(name)
		} else {
			s.Own, err = wording.OwnMail(name)
		}
		if err != nil {
			panic("there are no words for " + title.id) // they are part of the program
		}
		s.May = wording.Reads(s.Own, dataType)
		for _, field := range slices.Concat(everywhere(s), noticeExtras[name]) {
			s.May[field] = true
		}
		all = append(all, s)
	}
	return all
})

// everywhere are the fields that all messages of the kind have.
func everywhere(s Saying) []string {
	switch {
	case s.IsText():
		return ofTexts
	case s.isNotice(), s.Name == TellRide:
		return ofNotices
	}
	return ofBookings
}

// isNotice reports whether it is about no booking.
func (s Saying) isNotice() bool { return s.Name == "sign_in" || strings.HasPrefix(s.Name, "talk_") }

// SayingOf finds a message by its id.
func SayingOf(id string) (Saying, bool) {
	all := Sayings()
	i := slices.IndexFunc(all, func(s Saying) bool { return s.ID == id })
	if i < 0 {
		return Saying{}, false
	}
	s := all[i]
	s.May = maps.Clone(s.May)
	return s, true
}

// wordingID names the words of a rule on a channel.
func wordingID(channel Channel, name string) string { return channel.String() + "." + name }
