package mailer

import (
	"errors"
	"fmt"

	"github.com/wneessen/go-mail"
)

// errAddress is a recipient that no server can take.
var errAddress = errors.New("the recipient's address cannot be written")

// refusal is a server's answer without the addresses that it may repeat.
type refusal struct {
	reason    mail.SendErrReason
	temporary bool
	code      int
}

func (r *refusal) Error() string {
	if r.code == 0 {
		return fmt.Sprintf("the mail server did not answer (%s)", r.reason)
	}
	return fmt.Sprintf("the mail server answered %d (%s)", r.code, r.reason)
}

func withoutAddresses(err error) error {
	failed, ok := errors.AsType[*mail.SendError](err)
	if !ok {
		return err
	}
	return &refusal{reason: failed.Reason, temporary: failed.IsTemp(), code: failed.ErrorCode()}
}

// answered reports whether the server said no, rather than nothing.
func answered(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.code != 0
}

// wasStale reports whether the server had closed the connection before this
// mail: it said nothing, and had not been given the mail to its end.
func wasStale(err error) bool {
	r, ok := errors.AsType[*refusal](err)
	return ok && r.code == 0 && r.reason != mail.ErrSMTPDataClose
}

// Permanent reports whether trying again is useless: the server refuses this
// recipient or this mail for good.
func Permanent(err error) bool {
	if errors.Is(err, errAddress) {
		return true
	}
	r, ok := errors.AsType[*refusal](err)
	return ok && !r.temporary && r.code >= 500 && (r.reason == mail.ErrSMTPRcptTo || r.reason == mail.ErrSMTPData || r.reason == mail.ErrSMTPDataClose)
}
