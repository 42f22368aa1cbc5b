// Package notifications says what has to be said, to whom and when, once.
//
// Messages are planned, not fired. Plan is a pure function from a booking, its
// cohort and where the couple stands to the messages that ought to exist; each
// has an id made of its rule, booking, occasion and recipient, so planning
// again adds nothing twice. At sending time the plan is asked once more, the
// text is made of today's data, and the message is claimed with a lease, sent
// under a stable Message-ID and marked. What could not be sent before it
// became useless is marked missed, never sent late.
//
// What follows from no booking, such as a link to sign in, is asked for as a
// Notice and then takes the same way.
package notifications
