package notificationsweb

import (
	"strings"

	"lantern/notifications"
)

// The fields of the form for a reminder, and their choices in words.

// fields lays out the form with what was typed: all of it for a reminder of
// organizers, else what a cohort decides.
func (p *reminderPage) fields(r notifications.Reminder, t typedReminder) {
	text := func(name, label, hint, value string, most int) formField {
		return formField{ID: name, Name: name, Label: label, Hint: hint, Value: value, Max: most}
	}
	choose := func(name, label, hint, value string, choices []choice) formField {
		return formField{ID: name, Name: name, Label: label, Hint: hint, Value: value, Choices: choices}
	}
	count := text("count", "How many", "", t.Count, 6)
	count.Figures = true
	clock := text("clock", "At", "Such as 10:00. Minutes need none.", t.Clock, 5)
	late := choose("late", "Couples who come after its time", "", t.Late, lateChoices)
	by := choose("by", "By", "Texts go only to those who have agreed to them; money never comes by text", t.By, channelChoices)
	useful := text("useful", "Of use for how many hours", "From when it is due; what could not be sent by then is not sent. Empty: what suits it.", t.Useful, 6)
	useful.Figures = true
	if !p.IsOwn {
		clock.Hint = "Such as 10:00"
		switch {
		case r.IsAtOnce():
		case r.Clock == "":
			count.Label = "Minutes " + r.AnchorWords()
			p.When = append(p.When, count)
		default:
			count.Label = "Days " + r.AnchorWords()
			p.When = append(p.When, count, clock)
		}
		p.When = append(p.When, useful, late)
		p.Whom = []formField{by}
		return
	}
	p.When = []formField{
		count, choose("unit", "Days or minutes", "", t.Unit, unitChoices), choose("direction", "Before or after", "", t.Direction, directionChoices),
		choose("anchor", "Counted from", "", t.Anchor, anchorChoices()), clock, useful, late,
	}
	p.Whom = []formField{
		choose("to", "To", "", t.To, audienceChoices()), choose("while", "While", "Looked at when it is planned, and again before it is sent", t.While, conditionChoices()), by,
	}
	body := text("body", "Text", "An empty line begins a paragraph. Greeting, link and your name come by themselves.", t.Body, 8000)
	body.Lines = 8
	short := text("short", "Text message", "Only where it comes by text: short, without a name or a link", t.Short, 400)
	short.Lines = 2
	p.Text = []formField{
		choose("template", "What it says", "Words that are there fit only what they are about. The fields below are for your own.", t.Template, templateChoices()),
		text("subject", "Subject", "Others may see it, so it does not say what kind of days these are", t.Subject, 200), body, short,
	}
	p.Placeholders = placeholderViews
}

var (
	unitChoices      = []choice{{Value: "days", Text: "days, at a time of day"}, {Value: "minutes", Text: "minutes"}}
	directionChoices = []choice{{Value: "before", Text: "before"}, {Value: "after", Text: "after"}}
	channelChoices   = []choice{
		{Value: "mail", Text: "mail"}, {Value: "text", Text: "text in the place of the mail"}, {Value: "both", Text: "mail, and a text beside it"},
	}
	lateChoices = []choice{
		{Value: string(notifications.LateNearest), Text: "get only the last of these, at once"},
		{Value: string(notifications.LateSendNow), Text: "get it at once"}, {Value: string(notifications.LateSkip), Text: "do not get it"},
	}
)

func anchorChoices() []choice {
	var choices []choice
	for _, anchor := range notifications.Anchors {
		r := notifications.Reminder{ID: "own-", Anchor: anchor}
		if anchor != notifications.AtSessionStart && anchor != notifications.AtSessionEnd {
			choices = append(choices, choice{Value: string(anchor), Text: strings.TrimPrefix(r.AnchorWords(), "before ")})
			continue
		}
		for _, kind := range notifications.SessionKinds {
			r.Sessions = kind
			choices = append(choices, choice{Value: string(anchor) + ":" + string(kind), Text: strings.TrimPrefix(r.AnchorWords(), "before ")})
		}
	}
	return choices
}

func audienceChoices() []choice {
	var choices []choice
	for _, to := range notifications.Audiences {
		choices = append(choices, choice{Value: string(to), Text: notifications.Reminder{To: to}.AudienceWords()})
	}
	return choices
}

func conditionChoices() []choice {
	choices := []choice{}
	for _, while := range notifications.Conditions {
		words := notifications.Reminder{While: while}.ConditionWords()
		if words == "" {
			words = "whatever is so"
		}
		choices = append(choices, choice{Value: string(while), Text: words})
	}
	return choices
}

func templateChoices() []choice {
	choices := []choice{{Value: notifications.TellNote, Text: "your own words, below"}}
	for _, template := range notifications.Templates {
		if template != notifications.TellNote && template != notifications.TellMaterial {
			choices = append(choices, choice{Value: template, Text: "the words about: " + notifications.TitleOf(template)})
		}
	}
	return choices
}
