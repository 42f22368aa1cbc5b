package notificationsweb

import "lantern/notifications"

// channels are those by which somebody can narrow what they look for, with the
// words of pages. The API has the same values.
var channels = []struct {
	value, words string
	is           notifications.Channel
}{{"mail", "Mail", notifications.ByMail}, {"text", "Text message", notifications.ByText}}

// channelIn is the channel that was asked for, nil for both.
func channelIn(value string) *notifications.Channel {
	for _, c := range channels {
		if c.value == value {
			return &c.is
		}
	}
	return nil
}

func byChannel(here *notifications.Channel) []choice {
	var out []choice
	for _, c := range channels {
		out = append(out, choice{Value: c.value, Text: c.words, Here: here != nil && *here == c.is})
	}
	return out
}
