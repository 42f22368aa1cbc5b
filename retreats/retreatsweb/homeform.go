package retreatsweb

import (
	"net/url"

	"lantern/retreats"
)

// The part of the form that says how couples come home after a session.

const guestsStay = "stay"

var nightChoices = []choice{
	{"", "Couples leave the site after each medicine session"},
	{guestsStay, "Couples sleep on the site until the last day"},
}

var rideChoices = []choice{
	{string(retreats.RidesAccompanied), "Only with the driver in it"},
	{string(retreats.RidesAllowed), "Allowed"},
	{string(retreats.RidesNotAllowed), "Not allowed"},
}

func homeFields(field func(name, label, hint string, longest int) fieldView) []fieldView {
	nights := field("guests_stay", "Nights", "After each medicine session that couples leave from, they need a driver; where they stay, only after the last one, if they go home within a day of it.", 10)
	nights.Choices = nightChoices
	rides := field("rides", "A taxi home", "Couples and their drivers are told.", 20)
	rides.Choices = rideChoices
	return []fieldView{nights, rides}
}

func addHome(v url.Values, t retreats.Terms) {
	if t.GuestsStay {
		v.Set("guests_stay", guestsStay)
	}
	v.Set("rides", string(t.Rides.Is()))
}

func readHome(v url.Values, t *retreats.Terms) {
	t.GuestsStay = v.Get("guests_stay") == guestsStay
	if t.Rides = retreats.RidePolicy(v.Get("rides")); t.Rides == retreats.RidesAccompanied {
		t.Rides = "" // what it is without a choice
	}
}

func nightWords(stay bool) string {
	if stay {
		return "couples sleep on the site"
	}
	return "couples leave after each session"
}
