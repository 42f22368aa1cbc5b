package notifications_test

import (
	"strings"
	"testing"

	"lantern/notifications"
)

// TestADraftHoldsNobodysLink, of two who share a mailbox neither's: who reads
// drafts must not be able to act as a couple.
func TestADraftHoldsNobodysLink(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		o := openOfficeWith(t, shared, func(options *notifications.Options) {
			options.Render = func(rule string, data notifications.MailData) (notifications.Rendered, error) {
				text := data.Link
				if data.Other != nil {
					text += " " + data.Other.Link
				}
				return notifications.Rendered{Subject: rule, Text: text, HTML: text}, nil
			}
		})
		o.plan(t)
		messages, err := o.OfBooking(t.Context(), o.booking, 0)
		must(t, err)
		if len(messages) == 0 {
			t.Fatal("nothing is planned")
		}
		for _, m := range messages {
			words, err := o.Draft(t.Context(), m)
			must(t, err)
			if words.Text == "" || strings.Contains(words.Text+words.HTML, "/b/") {
				t.Errorf("a shared mailbox: %v; the draft says %q", shared, words.Text)
			}
		}
	}
}
