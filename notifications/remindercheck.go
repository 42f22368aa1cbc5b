package notifications

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/internal/sms"
	"lantern/retreats"
)

// What a reminder of organizers can be like. Which parts fit each other is
// decided here, so that planning need not.

const (
	longestReminding = 365 // days
	longestUse       = 60 * 24
	longestBody      = 4000
)

// Anchors are those that organizers can count from, in the order of a form.
var Anchors = []Anchor{AtSessionStart, AtSessionEnd, AtCohortStart, AtCohortEnd, AtConfirmed, AtChargeDue, AtJoined, AtOfferEnd, AtPickUp}

// SessionKinds are the kinds of sessions, in the order of a form.
var SessionKinds = []retreats.SessionKind{retreats.Preparation, retreats.Medicine, retreats.Integration, retreats.Gathering, retreats.Consultation}

// Audiences are those that organizers can write to.
var Audiences = []Audience{ToPartners, ToFirst, ToDriver, ToStaff}

// Conditions are those that organizers can choose from.
var Conditions = []Condition{"", DriverNotNamed, DriverNotConfirmed, NotReplied, ConsentMissing, FormsMissing, PapersMissing, BalanceUnpaid}

// Lates are what can become of a reminder for who comes late.
var Lates = []Late{LateNearest, LateSendNow, LateSkip}

// isOfSessions reports whether the reminder is about each session of a kind.
func (r Reminder) isOfSessions() bool { return r.Anchor == AtSessionStart || r.Anchor == AtSessionEnd }

// tidy is what organizers wrote without what its other parts leave no room for.
func (r Reminder) tidy() Reminder {
	r.Subject = strings.Join(strings.Fields(r.Subject), " ")
	r.Short = sms.Plainly(strings.Join(strings.Fields(r.Short), " "))
	r.Body = strings.TrimSpace(strings.ReplaceAll(r.Body, "\r\n", "\n"))
	if r.Text {
		r.Beside = false
	}
	if !r.isOfSessions() {
		r.Sessions = ""
	}
	if r.Anchor == AtPickUp {
		r.Sessions = retreats.Medicine
	}
	if r.Anchor == AtConfirmed || r.Anchor == AtJoined {
		r.After = true
	}
	if r.Template != TellNote {
		r.Subject, r.Body, r.Short = "", "", ""
	} else if !r.Text && !r.Beside {
		r.Short = ""
	}
	return r
}

// check gives what is wrong with a reminder, by field.
func (r Reminder) check(practice string) fault.Fields {
	fields := fault.Fields{}
	r.checkTime(fields)
	if !slices.Contains(Lates, r.Late) {
		fields["late"] = "Please choose what becomes of it for couples who come late."
	}
	if r.UsefulHours < 0 || r.UsefulHours > longestUse {
		fields["useful"] = fmt.Sprintf("Please write how many hours, at most %d, or leave it empty.", longestUse)
	}
	if r.IsOwn() {
		r.checkWhom(fields)
		r.checkCondition(fields)
		r.checkTemplate(fields)
	}
	r.checkChannel(fields)
	if r.Template == TellNote {
		r.checkNote(practice, fields)
	}
	return fields
}

func (r Reminder) checkTime(fields fault.Fields) {
	if r.IsAtOnce() || r.Anchor == AtMaterial && r.Clock == "" {
		return
	}
	if r.Clock == "" {
		r.checkMinutes("minutes", fields)
		return
	}
	if _, err := civil.ParseClock(string(r.Clock)); err != nil {
		fields["clock"] = fault.TextOf(err)
	}
	r.checkDays("days", fields)
}

func (r Reminder) checkMinutes(field string, fields fault.Fields) {
	const day = 24 * 60
	switch {
	case r.After && (r.Minutes < 0 || r.Minutes > day):
		fields[field] = "Please write how many minutes after, 0 to 1440."
	case !r.After && (r.Minutes >= 0 || r.Minutes < -day):
		fields[field] = "Please write how many minutes before, 1 to 1440."
	}
}

func (r Reminder) checkDays(field string, fields fault.Fields) {
	least, most, words := -longestReminding, -1, fmt.Sprintf("Please write how many days before, 1 to %d.", longestReminding)
	switch {
	case r.IsOwn() && r.After:
		least, most, words = 0, longestReminding, fmt.Sprintf("Please write how many days after, 0 to %d.", longestReminding)
	case r.IsOwn():
		most, words = 0, fmt.Sprintf("Please write how many days before, 0 to %d.", longestReminding)
	case r.After:
		least, most, words = 0, 30, "Please write how many days after, 0 to 30."
	}
	if r.Days < least || r.Days > most {
		fields[field] = words
	}
}

// checkWhom checks from what it is counted, and who reads it.
func (r Reminder) checkWhom(fields fault.Fields) {
	switch {
	case !slices.Contains(Anchors, r.Anchor):
		fields["anchor"] = "Please choose what it is counted from."
	case r.isOfSessions() && !slices.Contains(SessionKinds, r.Sessions):
		fields["sessions"] = "Please choose which sessions."
	case r.Anchor == AtOfferEnd && r.After:
		fields["direction"] = "An offer is spoken of only before it ends."
	case r.Anchor == AtPickUp && r.To != ToDriver:
		fields["anchor"] = "Only drivers are expected at a time of their own. Please choose something else for others."
	}
	switch {
	case !slices.Contains(Audiences, r.To):
		fields["to"] = "Please choose who reads it."
	case r.To == ToDriver && r.Anchor != AtPickUp && (!r.isOfSessions() || r.Sessions != retreats.Medicine):
		fields["to"] = "Drivers are told of the medicine session after which they drive, or of when they are expected."
	}
}

func (r Reminder) checkCondition(fields fault.Fields) {
	const field = "while"
	switch {
	case !slices.Contains(Conditions, r.While):
		fields[field] = "Please choose what has to be so."
	case (r.Anchor == AtJoined || r.Anchor == AtOfferEnd) && r.While != "":
		fields[field] = "Couples without a place owe nothing yet. Please choose “whatever is so”."
	case r.To == ToDriver && r.While != "" && r.While != DriverNotConfirmed:
		fields[field] = "Of drivers it can only be asked whether they have said yes."
	case r.While == NotReplied && (r.Sessions != retreats.Preparation || r.Anchor != AtSessionStart || r.After):
		fields[field] = "Couples say only of preparation sessions that they come, so this fits only before one."
	}
}

// checkTemplate checks that what it says fits to whom it is said, and when.
func (r Reminder) checkTemplate(fields fault.Fields) {
	toCouple := r.To == ToPartners || r.To == ToFirst
	before := func(kind retreats.SessionKind) bool {
		return toCouple && r.Anchor == AtSessionStart && !r.After && r.Sessions == kind
	}
	var fits bool
	var words string
	switch r.Template {
	case TellNote:
		return
	case TellPreparation:
		fits, words = before(retreats.Preparation), "This text fits only before preparation sessions, to the couple."
	case TellIntegration:
		fits, words = before(retreats.Integration), "This text fits only before integration sessions, to the couple."
	case TellPapers:
		fits = toCouple && slices.Contains([]Condition{PapersMissing, ConsentMissing, FormsMissing}, r.While)
		words = "This text fits only for the couple, while consent or forms are missing."
	case TellNoDriver:
		fits, words = before(retreats.Medicine) && r.While == DriverNotNamed, "This text fits only before medicine sessions, to the couple, while nobody is named to drive."
	case TellRide:
		fits, words = r.To == ToDriver && !r.After, "This text fits only for drivers, before they are expected."
	case TellAfterwards:
		fits, words = toCouple && r.Anchor == AtSessionEnd && r.After && r.Sessions == retreats.Medicine, "This text fits only after medicine sessions, to the couple."
	default:
		words = "Please choose what it says."
	}
	if !fits {
		fields["template"] = words
	}
}

// comesByText reports whether a template has a text message.
func comesByText(template string) bool { return template == TellPreparation || template == TellNote }

// checkChannel checks by what it comes: money never by text [D14].
func (r Reminder) checkChannel(fields fault.Fields) {
	if !r.Text && !r.Beside {
		return
	}
	switch {
	case r.Anchor == AtChargeDue || r.While == BalanceUnpaid:
		fields["by"] = "What speaks of money comes by mail alone."
	case r.To == ToDriver || r.To == ToStaff:
		fields["by"] = "Drivers and staff get mail alone."
	case !comesByText(r.Template):
		fields["by"] = "This has no text message. Please choose mail, or words of your own."
	}
}

func (r Reminder) checkNote(practice string, fields fault.Fields) {
	r.checkWords("subject", r.Subject, longestSubject, fields)
	r.checkWords("body", r.Body, longestBody, fields)
	if !r.Text && !r.Beside {
		return
	}
	r.checkWords("short", r.Short, longestBody, fields)
	if fields["short"] != "" {
		return
	}
	body := shortNote(practice, r.atTheLongest())
	length, ok := sms.Septets(body)
	switch {
	case !ok:
		fields["short"] = "It has a letter that text messages do not have. Please write it with plain letters."
	case length > sms.Longest:
		fields["short"] = fmt.Sprintf("With the name of the practice and “STOP ends texts.” it has up to %d characters, and %d fit. Please make it %d shorter.", length, sms.Longest, length-sms.Longest)
	}
}

// checkWords checks one of the texts: that there is one, its length, its
// placeholders, and that it does not tell strangers too much.
func (r Reminder) checkWords(field, text string, longest int, fields fault.Fields) {
	open := r.Placeholders(field)
	var unknown []string
	for _, p := range placeholder.FindAllString(text, -1) {
		if !slices.Contains(open, p) {
			unknown = append(unknown, p)
		}
	}
	tells := Telling(text)
	switch length := utf8.RuneCountInString(text); {
	case text == "":
		fields[field] = "Please write what it says."
	case length > longest:
		fields[field] = fmt.Sprintf("It has %d characters, and %d are the most.", length, longest)
	case len(unknown) > 0 && len(open) == 0:
		fields[field] = fmt.Sprintf("Nothing can be filled in here, so please write it without %s.", strings.Join(unknown, ", "))
	case len(unknown) > 0:
		fields[field] = fmt.Sprintf("%s cannot be filled in here. What can be: %s.", strings.Join(unknown, ", "), strings.Join(open, ", "))
	case len(tells) > 0 && (field != "body" || r.To == ToDriver):
		fields[field] = fmt.Sprintf("Others may see this, so it must not say what kind of days these are. Please write it without “%s”.", strings.Join(tells, "”, “"))
	}
}
