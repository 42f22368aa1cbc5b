package mailer_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"lantern/internal/mailer"
)

// AuthMechanisms and Auth let in one user, once the connection is encrypted.
func (session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "office@example.org" || password != "hunter2" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// certificate gives a server's certificate for 127.0.0.1 and who vouches for it.
func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return server.TLS.Certificates[0], pool
}

func TestConnectionsAreEncrypted(t *testing.T) {
	t.Parallel()
	own, pool := certificate(t)
	config := &tls.Config{Certificates: []tls.Certificate{own}}
	for _, c := range []struct {
		name, scheme, password string
		trusted, implicit      bool
		arrives                bool
	}{
		{name: "STARTTLS", scheme: "smtp", password: "hunter2", trusted: true, arrives: true},
		{name: "STARTTLS, wrong password", scheme: "smtp", password: "hunter3", trusted: true},
		{name: "STARTTLS with a stranger", scheme: "smtp", password: "hunter2"},
		{name: "TLS", scheme: "smtps", password: "hunter2", trusted: true, implicit: true, arrives: true},
		{name: "TLS with a stranger", scheme: "smtps", password: "hunter2", implicit: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			address := listener.Addr().String()
			if c.implicit {
				listener = tls.NewListener(listener, config)
			} else {
				s.server.TLSConfig = config
			}
			s.serve(t, listener)
			sender := client(t, c.scheme+"://office%40example.org:"+c.password+"@"+address)
			if c.trusted {
				if err := sender.Trust(&tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}); err != nil {
					t.Fatal(err)
				}
			}
			err = sender.Send(t.Context(), sample)
			if _, mails := s.counts(); (err == nil) != c.arrives || (mails == 1) != c.arrives {
				t.Errorf("%d mails arrived, %v", mails, err)
			}
			if err != nil && (mailer.Permanent(err) || strings.Contains(err.Error(), c.password)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAServerAtAnIPv6Address(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	s := newServer()
	s.serve(t, listener)
	if err := client(t, "smtp://"+listener.Addr().String()+"?tls=none").Send(t.Context(), sample); err != nil {
		t.Error(err)
	}
}

func TestNothingIsSentInTheClear(t *testing.T) {
	t.Parallel()
	s := startServer(t) // which has no STARTTLS
	address, _, _ := strings.Cut(s.url, "?")
	if err := client(t, address).Send(t.Context(), sample); err == nil || mailer.Permanent(err) {
		t.Errorf("got %v", err)
	}
	if _, mails := s.counts(); mails != 0 {
		t.Errorf("%d mails went out unencrypted", mails)
	}
}

func TestSendingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	t.Run("a server that does not greet", func(t *testing.T) {
		t.Parallel()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { listener.Close() })
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			conn, err := listener.Accept()
			if err == nil {
				t.Cleanup(func() { conn.Close() })
			}
			cancel()
		}()
		c := client(t, "smtp://"+listener.Addr().String()+"?tls=none")
		if err := c.Send(ctx, sample); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a server that takes a mail and does not answer", func(t *testing.T) {
		t.Parallel()
		s := startServer(t)
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan struct{})
		s.taken = func(net.Conn) { cancel(); <-answer }
		c := client(t, s.url)
		err := c.Send(ctx, sample)
		close(answer)
		if !errors.Is(err, context.Canceled) || mailer.Permanent(err) {
			t.Errorf("got %v", err)
		}
		if err := c.Send(t.Context(), sample); err != nil {
			t.Errorf("the next mail: %v", err)
		}
		if sessions, _ := s.counts(); sessions != 2 {
			t.Errorf("%d sessions", sessions)
		}
	})
}

func TestWhatTheServerMayHaveTakenIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	if err := c.Send(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.taken = func(conn net.Conn) { conn.Close() }
	s.mu.Unlock()
	if err := c.Send(t.Context(), sample); err == nil || mailer.Permanent(err) {
		t.Errorf("a mail without an answer: %v", err)
	}
	if _, mails := s.counts(); mails != 2 {
		t.Errorf("%d mails arrived, want 2", mails)
	}
}

func TestAMailThatWasTakenIsSent(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	s.reset = func(conn net.Conn) { conn.Close() } // right after the answer
	c := client(t, s.url)
	for range 2 {
		if err := c.Send(t.Context(), sample); err != nil {
			t.Errorf("the server took it and hung up: %v", err)
		}
	}
	if _, mails := s.counts(); mails != 2 {
		t.Errorf("%d mails arrived, want 2", mails)
	}
}

// TestSeveralMailsGoAtOnce over as many connections as there may be, each of which
// is used again, and which end together.
func TestSeveralMailsGoAtOnce(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	const connections, mails = 3, 12
	c := client(t, s.url)
	c.Connect(connections)
	var together sync.WaitGroup
	together.Add(connections)
	var first atomic.Int32
	s.taken = func(net.Conn) {
		if first.Add(1) <= connections { // the first ones wait for each other
			together.Done()
			together.Wait()
		}
	}
	var all sync.WaitGroup
	for range mails {
		all.Go(func() {
			if err := c.Send(t.Context(), sample); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if sessions, arrived := s.counts(); sessions != connections || arrived != mails {
		t.Errorf("%d sessions for %d mails", sessions, arrived)
	}
	s.hangUp() // one of them
	for range connections {
		all.Go(func() {
			if err := c.Send(t.Context(), sample); err != nil {
				t.Errorf("after the server hung up: %v", err)
			}
		})
	}
	all.Wait()
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error(err)
	}
}

func TestWaitingForAConnectionEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s := startServer(t)
	c := client(t, s.url)
	taken, answer := make(chan struct{}), make(chan struct{})
	s.taken = func(net.Conn) { close(taken); <-answer }
	ended := make(chan error)
	go func() { ended <- c.Send(t.Context(), sample) }()
	<-taken
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Send(ctx, sample); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	close(answer)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
