package mailer

import (
	"context"
	"fmt"
)

// Check connects to the server, with TLS and the login of its address, asks
// whether it listens and goes. It sends nothing.
func (s *SMTP) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	session, err := s.dial(ctx)
	if err != nil {
		return fmt.Errorf("connecting to the mail server: %w", err)
	}
	if err := session.Noop(); err != nil {
		_ = session.Close() // what it said counts
		return fmt.Errorf("asking the mail server: %w", err)
	}
	_ = session.Quit() // it has answered; how it ends does not matter
	return nil
}
