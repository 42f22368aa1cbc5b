package sms

import "testing"

// TestWhatAnswersMean: the fixed words in any case, and free text that a
// reasonable person reads as an end [D36]; yes and C confirm, words that end
// texts never do [D37].
func TestWhatAnswersMean(t *testing.T) {
	t.Parallel()
	for want, bodies := range map[Meaning][]string{
		Stop: {
			"STOP", "stop", " Stop. ", "STOPALL", "Unsubscribe", "CANCEL", "END", "quit", "REVOKE", "OPTOUT", "opt-out", "Opt out!",
			"please stop", "Stop please", "Please stop texting me", "I told you three times to please stop sending these", "STOP!!!", "stop\nthanks",
			"don't text me", "Don’t text me again", "do not contact me", "never message this number", "no more texts please", "NO MORE MESSAGES",
			"remove me from your list", "take me off", "leave me alone", "wrong number", "sorry, wrong person", "cancel these texts",
			"I revoke my consent", "opt me out", "Please cancel", "yes, stop", "remove",
		},
		Start: {"START", "unstop", "Start."},
		Help:  {"HELP", "help", "info", "Help?"},
		Yes:   {"YES", "yes", "Yes!", "y", "C", "c.", "Confirm", "yes please", "Yes, thank you"},
		No:    {"NO", "no", "n", "No, sorry", "I can't", "Sorry, I cannot"},
		Other: {
			"", "👍", "Can we cancel Tuesday and come on Thursday instead?", "Yes but ten minutes late", "ok", "no idea", "I cannot find the house", "Where is the end of the road?",
			"I will be there", "What should I bring?", "help me find the house", "yes yes yes no",
		},
	} {
		for _, body := range bodies {
			if got := Read(body); got != want {
				t.Errorf("%q means %s, want %s", body, got, want)
			}
		}
	}
}
