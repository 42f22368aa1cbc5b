package main

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"lantern/retreats"
)

// TestDriversFromTheNameToTheDoor: a couple names a driver on its phone, who
// says yes on theirs; another cannot and is called about; at the door one couple
// goes with its driver while the network is away, the other for a reason
// [D28–D31], invariant 5.
func TestDriversFromTheNameToTheDoor(t *testing.T) {
	t.Parallel()
	st := newStory(t, 2)
	ana, ben := st.confirmed("ana"), st.confirmed("ben")
	phone := st.phone()
	name := func(id, driver, number string) {
		t.Helper()
		phone.opens(st.link(id, 0))
		phone.presses("Your driver after Session")
		phone.types("name-s1", driver)
		phone.types("phone-s1", number)
		phone.types("relation-s1", "a friend")
		phone.presses("Name our driver")
		phone.reads(driver+" is named: please send the link", "Send this to "+driver)
		phone.fits()
	}
	name(ana, "Kim", "+1 415 555 0177")
	phone.presses("We have sent the link")
	phone.reads("Kim has been asked")
	phone.opens(st.driverLink(ana, "s1"))
	phone.reads("Please drive two people home", "Friday 9 April 2027, 12:30")
	phone.fits()
	phone.presses("Yes, I drive them home")
	phone.reads("You have said yes. Thank you.")
	phone.opens(st.link(ana, 1))
	phone.reads("Kim said yes")

	name(ben, "Lee", "+1 415 555 0188")
	phone.opens(st.driverLink(ben, "s1"))
	phone.presses("I cannot")
	phone.reads("You have said that you cannot")
	phone.opens(st.link(ben, 0))
	phone.reads("Lee cannot drive: please name somebody else")

	desk := st.desk()
	desk.opens("/staff/calls")
	desk.reads("Lee cannot drive", "ben & Partner")
	desk.fits()
	desk.presses("No answer")
	desk.reads("Last call: no answer, Tess")

	st.at("2027-04-09", "12:31")
	desk.signsIn()
	desk.opens("/staff/cohorts/co")
	desk.presses("Departures 9 Apr")
	desk.reads("Still here: 2", "Kim, a friend: said yes", "Lee, a friend: said that they cannot")
	desk.fits()
	desk.offline(true)
	desk.presses("Released to Kim")
	desk.reads("Not sent yet, pressed at", "1 not sent yet")
	if _, gone := st.stands(ana, retreats.Confirmed, deposit).Booking.Departure("s1"); gone {
		t.Error("what was not sent is noted")
	}
	desk.offline(false)
	desk.reads("Still here: 1", "released to Kim at 12:31 by Tess")
	desk.types("reason-"+ben, "His brother came.")
	desk.presses("Released for this reason")
	desk.reads("Everybody has left", "His brother came.")
	desk.presses("They are still here: undo")
	desk.reads("Still here: 1")
	for id, want := range map[string]int{ana: 1, ben: 1} {
		if left := st.stands(id, retreats.Confirmed, deposit).Booking.Departures; len(left) != want {
			t.Errorf("departures %+v", left)
		}
	}
}

// offline cuts the tab off from the network, or lets it on again.
func (w *window) offline(cut bool) {
	w.t.Helper()
	do(w.t, w.ctx, func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: cut, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		return chromedp.Void{}, err
	})
}
