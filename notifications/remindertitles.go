package notifications

import (
	"fmt"
	"strings"

	"lantern/retreats"
)

// How reminders are named for staff.

// titles say for staff what is said.
var titles = map[string]string{
	TellPapers: "consent and forms", TellNoDriver: "no driver named", TellPreparation: "preparation session",
	TellRide:       "to the driver",
	TellAfterwards: "after the medicine sessions", TellIntegration: "integration session",
	TellMaterial: "material to read", TellNote: "in your own words",
}

// TitleOf says for staff what a reminder's template says.
func TitleOf(template string) string { return titles[template] }

// Title says for staff what it says.
func (r Reminder) Title() string { return titles[r.Template] }

// anchors are the anchors in words.
var anchors = map[Anchor]string{
	AtSessionStart: "the session", AtSessionEnd: "the session", AtCohortStart: "the first day", AtCohortEnd: "the last day",
	AtConfirmed: "they have their place", AtJoined: "they joined the waitlist", AtOfferEnd: "their offer ends", AtChargeDue: "a payment is due",
	AtPickUp: "they are expected", AtMaterial: "the material is handed out",
}

// kindWords name the sessions of a kind, each by itself.
var kindWords = map[retreats.SessionKind]string{
	retreats.Preparation: "each preparation session", retreats.Medicine: "each medicine session", retreats.Integration: "each integration session",
	retreats.Gathering: "each gathering", retreats.Consultation: "each consultation",
}

// AnchorWords say what the reminder is counted from, and in which direction.
func (r Reminder) AnchorWords() string {
	words := anchors[r.Anchor]
	if kind := kindWords[r.Sessions]; kind != "" && r.IsOwn() && (r.Anchor == AtSessionStart || r.Anchor == AtSessionEnd) {
		words = map[Anchor]string{AtSessionStart: "the start of ", AtSessionEnd: "the end of "}[r.Anchor] + kind
	}
	switch {
	case r.IsAtOnce():
		return "when they are named"
	case r.After:
		return "after " + words
	}
	return "before " + words
}

// conditions are the conditions in words.
var conditions = map[Condition]string{
	PapersMissing: "only to those whose consent or forms are missing", NotReplied: "only to those who have not said that they come",
	ConsentMissing: "only to those whose consent is missing", FormsMissing: "only to those whose forms are missing",
	DriverNotNamed: "only while nobody is named to drive", DriverNotConfirmed: "only while nobody has said that they drive",
	BalanceUnpaid:   "only to those who have something left to pay",
	RideNotAnswered: "only to drivers whose address is known, until they have answered",
	RideNotRefused:  "only to drivers whose address is known and who have not said no",
}

// ConditionWords say to whom it goes, empty for everybody.
func (r Reminder) ConditionWords() string { return conditions[r.While] }

// audiences are the audiences in words.
var audiences = map[Audience]string{
	ToPartners: "each of the two", ToFirst: "the first partner", ToDriver: "their driver", ToStaff: "staff on duty",
}

// AudienceWords say who reads it.
func (r Reminder) AudienceWords() string { return audiences[r.To] }

// ChannelWords say by what it comes.
func (r Reminder) ChannelWords() string {
	switch {
	case r.Text:
		return "by text to those who want texts, by mail to others"
	case r.Beside:
		return "by mail, and by text too to those who want texts"
	}
	return "by mail"
}

// Words say when it is sent: "21 days before the session, 10:00".
func (r Reminder) Words() string {
	var words string
	switch {
	case r.IsAtOnce():
		words = "at once " + r.AnchorWords()
	case r.Clock == "":
		words = fmt.Sprintf("%d minutes %s", max(r.Minutes, -r.Minutes), r.AnchorWords())
	default:
		days := max(r.Days, -r.Days)
		words = fmt.Sprintf("%d days %s, %s", days, r.AnchorWords(), r.Clock)
		if days == 1 {
			words = strings.Replace(words, "1 days", "1 day", 1)
		}
	}
	if r.Off {
		words += ", off"
	}
	return words
}
