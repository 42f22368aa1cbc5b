package notifications

import (
	"slices"
	"time"

	"lantern/internal/civil"
)

// sample is a message that could be, to try words on.
type sample struct {
	// about says in words what is so in it.
	about string
	data  MailData
}

// longPractice is a long name of a practice.
const longPractice = "The Old Boathouse by the Lake"

const (
	sampleContact = "+1 415 555 0132"
	sampleLink    = "https://book.example.org/b/bk_K7F392QM.Qm9va2luZ1Rva2VuMTIzNDU2Nzg5MA"
	otherLink     = "https://book.example.org/b/bk_K7F392QM.QW5vdGhlclRva2VuMTIzNDU2Nzg5MA"
	longSample    = "Anneliese-Magdalena von Oberndorf-Castillo"
	rightToLeft   = "ליאת כהן־לוי"
)

// sampleTime is a Wednesday in September: no day has a longer name.
var sampleTime = time.Date(2027, 9, 30, 0, 30, 0, 0, time.UTC)

// samples are the occasions on which words have to work: with all that can be
// there and with the least, with long names, with names that are written from
// the right, in a mailbox that two share. The first is what a page shows.
func (s Saying) samples(practice Practice) []sample {
	long := practice
	if len(long.Name) < len(longPractice) {
		long.Name = longPractice
	}
	least := s.least("Maya", Practice{Name: practice.Name})
	all := s.full("Maya", practice)
	video := s.full("Maya", practice)
	video.Coming, video.Overdue, video.All, video.ByPolicy, video.LastOffer, video.Refill = true, true, true, false, true, false
	video.StartsOn = video.EndsOn
	if video.Meeting != nil {
		byVideo := *video.Meeting
		byVideo.ByVideo = true
		video.Meeting = &byVideo
	}
	list := []sample{
		{"with everything that can be there", all}, {"where nothing is there that need not be", least}, {"on one day, by video, when all is said", video},
		{"with long names", s.full(longSample, long)}, {"with a name that is written from the right", s.full(rightToLeft, practice)},
	}
	if slices.Contains(everywhere(s), "Other") {
		shared := s.full("Maya and Jon", practice)
		shared.Other = &OwnPage{Name: "Jon", Link: otherLink}
		list = append(list, sample{"for two who share a mailbox", shared})
	}
	return list
}

// least is a message with what it always has.
func (s Saying) least(name string, practice Practice) MailData {
	zone := civil.ZoneOrUTC("America/Los_Angeles")
	data := MailData{Hello: name, Practice: practice, Link: sampleLink, Zone: zone}
	if s.isNotice() {
		data.Zone, data.Data = time.UTC, map[string]string{"link": sampleLink, "who": name}
		return data
	}
	meeting := SessionLine{StartsAt: sampleTime, EndsAt: sampleTime.Add(2 * time.Hour), Zone: zone}
	switch s.Name {
	case "held", "offered", "nudged", "reply_yes", "reply_ride_yes":
		data.Until = sampleTime
	case TellPreparation, TellIntegration:
		data.Meeting = &meeting
	case "balance_soon", "balance_late", "card_failed":
		data.Dues = []DueLine{{What: "the rest of your price", Amount: "$3,840.00", When: sampleMoment(zone)}}
	case "card_saved":
		data.AgreedAt, data.Card = sampleTime, "the card ending in 4242"
	}
	if s.Name == TellRide {
		data.PickUpShort = sampleTime.In(zone).Format("Monday 2 January, ") + clock(sampleTime, zone)
		return data
	}
	data.Own, data.Ref, data.Since = name, "K7F3-92QM", sampleTime.AddDate(0, -3, 0)
	data.StartsOn = time.Date(2027, 9, 29, 12, 0, 0, 0, time.UTC)
	data.EndsOn = data.StartsOn.AddDate(0, 0, 2)
	return data
}

func sampleMoment(zone *time.Location) string {
	return moment(sampleTime, zone) + " (" + civil.ZoneName(zone.String()) + ")"
}

// full is a message with everything that it can have.
func (s Saying) full(name string, practice Practice) MailData {
	data := s.least(name, practice)
	data.Practice.Contact = sampleContact
	if practice.Contact != "" {
		data.Practice.Contact = practice.Contact
	}
	when := sampleMoment(data.Zone)
	if s.isNotice() {
		data.Data = map[string]string{"link": sampleLink, "time": "20 minutes", "when": when, "who": name + " and Jon", "where": "By phone, " + sampleContact, "dates": "29 September to 1 October 2027"}
		return data
	}
	data.PickUp, data.PickUpDay = when, sampleTime.In(data.Zone).Format("Monday 2 January")
	if s.Name == TellRide {
		data.PickUpPlace = "Cedar House" // left out where there is no room for it
		return data
	}
	meeting := SessionLine{StartsAt: sampleTime, EndsAt: sampleTime.Add(2 * time.Hour), Zone: data.Zone}
	data.Until, data.HasPlace, data.Position, data.Reason, data.Due = sampleTime, true, 2, "A guide is ill.", "$960.00"
	data.Sessions = []SessionLine{meeting, {StartsAt: meeting.EndsAt.Add(20 * time.Hour), EndsAt: meeting.EndsAt.Add(23 * time.Hour), Zone: data.Zone}}
	data.MoneyWords = MoneyWords{
		Charges: []ChargeLine{{Name: "the deposit", Amount: "$960.00", When: when, Paid: true}, {Name: "the rest of your price", Amount: "$3,840.00", Own: "$1,920.00", When: when}},
		Dues:    []DueLine{{What: "your part of instalment 2 of 3", Amount: "$600.00", When: when, Card: "the card ending in 4242", ChargeOn: when}},
		Day:     sampleTime.In(data.Zone).Format("Monday 2 January"),
		Amount:  "$960.00", What: "the deposit", Payer: name, Method: "transfer", OldPrice: "$4,800.00", NewPrice: "$4,200.00",
		Card: "the card ending in 4242", Statement: "You allow us to charge this card.\nOn the days that are named.", AgreedAt: sampleTime,
		Returned: "$910.00", WayBack: WayBack{Card: true, Hand: true}, Why: "exception", Waived: true,
		Paid: "$1,920.00", ByPolicy: true, Percent: 50, Refill: true, Fee: "$50.00",
	}
	data.Meeting, data.Next, data.Drives = &meeting, &data.Sessions[1], data.Sessions
	data.Consent, data.Forms, data.By = true, true, "Wednesday 8 September 2027"
	return data
}
