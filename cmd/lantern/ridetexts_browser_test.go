package main

import "testing"

// TestADriverAgreesToTextsOnAPhone, with the tick that is not preset [D36], and ends
// them there.
func TestADriverAgreesToTextsOnAPhone(t *testing.T) {
	t.Parallel()
	st, wire, id := newTextStory(t)
	st.must(st.bookings.NameDriver(t.Context(), id, "s2", 0, kim))
	phone := st.phone()
	phone.opens(st.driverLink(id, "s2"))
	phone.presses("Text messages")
	phone.fits()
	phone.presses("Yes, text me")
	phone.reads("Please tick the box if you want texts.")
	phone.fits()
	phone.presses("I agree to get automated text messages from Cedar House about the drives")
	phone.presses("Yes, text me")
	phone.reads("Text messages on")
	phone.presses("Text messages")
	phone.reads("You get texts at +1 415-555-0177")
	phone.fits()
	st.tick()
	if texts := wire.taken(); len(texts) != 1 {
		t.Errorf("the first text: %v", texts)
	}
	phone.presses("No texts any more")
	phone.reads("Text messages off")
}
