package mailer

import (
	"context"
	"fmt"
	"sync"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// pool bounds how many connections there are, and keeps those that nobody uses.
type pool struct {
	// turns has a place for each connection. It is a channel, so that waiting
	// for one ends with a context.
	turns chan struct{}

	mu sync.Mutex
	// idle are the connections that stand, the one used last at the end: it is
	// used first, so that few mails do not keep many connections.
	idle   []*smtp.Client
	closed bool
}

func newPool(connections int) *pool {
	return &pool{turns: make(chan struct{}, max(1, min(MostConnections, connections)))}
}

// take waits for a turn and gives a connection that stands, nil if there is none.
func (p *pool) take(ctx context.Context) (*smtp.Client, error) {
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil, nil
	}
	session := p.idle[last]
	p.idle = p.idle[:last]
	return session, nil
}

// give ends a turn and keeps its connection, if there is one.
func (p *pool) give(session *smtp.Client) {
	p.mu.Lock()
	keep := session != nil && !p.closed
	if keep {
		p.idle = append(p.idle, session)
	}
	p.mu.Unlock()
	if session != nil && !keep {
		hangUp(session, true)
	}
	<-p.turns
}

// close ends the connections that nobody uses; others end with their mail.
func (p *pool) close() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.closed = nil, true
	p.mu.Unlock()
	var all sync.WaitGroup
	for _, session := range idle {
		all.Go(func() { hangUp(session, true) })
	}
	all.Wait()
	for range cap(p.turns) { // whoever sends ends first
		p.turns <- struct{}{}
	}
	for range cap(p.turns) {
		<-p.turns
	}
}

// Send hands the mail over. A connection that the server has closed meanwhile
// is opened again. When Send fails, the mail may have gone out all the same;
// sending it again is safe as far as recipients heed its ID.
func (s *SMTP) Send(ctx context.Context, m Mail) error {
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	session, err := s.pool.take(ctx)
	if err != nil {
		return err
	}
	defer func() { s.pool.give(session) }()
	reused := session != nil
	session, err = s.sendBy(ctx, session, message)
	if reused && wasStale(err) && ctx.Err() == nil {
		session, err = s.sendBy(ctx, nil, message)
	}
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("handing a mail over: %w", ctx.Err())
	}
	return err
}

// sendBy sends by that connection, or by a new one if it is nil. It gives the
// connection if it is good for another mail.
func (s *SMTP) sendBy(ctx context.Context, session *smtp.Client, message *mail.Msg) (*smtp.Client, error) {
	if session == nil {
		var err error
		if session, err = s.dial(ctx); err != nil {
			return nil, fmt.Errorf("connecting to the mail server: %w", err)
		}
	}
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cut)
		_ = session.Text.Close() // ends what waits for the server
	})
	// An idle connection is past its deadline; if it is broken, sending says so.
	_ = session.UpdateDeadline(timeout)
	err := s.client.SendWithSMTPClient(session, message)
	stands := true
	if !stop() {
		<-cut
		stands = false
	}
	switch {
	case err == nil && stands:
		return session, nil
	case err == nil:
		return nil, nil
	}
	err = withoutAddresses(err)
	if stands {
		hangUp(session, answered(err))
	}
	if message.IsDelivered() {
		return nil, nil // only what came after the server had taken it went wrong
	}
	return nil, fmt.Errorf("handing a mail over: %w", err)
}

// dial connects and greets. The library heeds ctx only until the connection
// stands, so a server that says nothing is left behind; its timeout ends it.
func (s *SMTP) dial(ctx context.Context) (*smtp.Client, error) {
	type outcome struct {
		session *smtp.Client
		err     error
	}
	dialled := make(chan outcome, 1)
	go func() {
		session, err := s.client.DialToSMTPClientWithContext(ctx)
		dialled <- outcome{session, err}
	}()
	select {
	case o := <-dialled:
		return o.session, o.err
	case <-ctx.Done():
		go func() {
			if o := <-dialled; o.err == nil {
				_ = o.session.Close()
			}
		}()
		return nil, ctx.Err()
	}
}

// hangUp ends a connection: in due form when the server still talks, else at
// once.
func hangUp(session *smtp.Client, politely bool) {
	if politely && session.UpdateDeadline(farewell) == nil && session.Quit() == nil {
		return
	}
	_ = session.Close() // it may be broken already
}

// Close ends the connections when those who send have ended. Closing twice is
// fine.
func (s *SMTP) Close() error {
	s.pool.close()
	return nil
}
