package mailer_test

import (
	"net"
	"testing"
)

// TestACheckSendsNothing: it says whether the server answers, and that is all.
func TestACheckSendsNothing(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	if err := client(t, server.url).Check(t.Context()); err != nil {
		t.Error(err)
	}
	if sessions, mails := server.counts(); sessions != 1 || mails != 0 {
		t.Errorf("%d sessions and %d mails", sessions, mails)
	}
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := gone.Addr().String()
	gone.Close()
	if err := client(t, "smtp://"+address+"?tls=none").Check(t.Context()); err == nil {
		t.Error("a server that is not there is in order")
	}
}
