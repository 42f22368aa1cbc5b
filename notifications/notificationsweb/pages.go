package notificationsweb

import "lantern/internal/web"

// outboxPage lists what would have been sent.
type outboxPage struct {
	web.Page
	Messages []messageView
	Next     string
}

// messagePage shows one message as it would arrive.
type messagePage struct {
	web.Page
	Message messageView
}

type messageView struct {
	URL, To, Subject, Text string
	When                   web.Moment
	// Zone is that of When, in words.
	Zone string
	// IsText is a text message, which has no subject and no HTML.
	IsText bool
}
