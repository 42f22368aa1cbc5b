package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"lantern/notifications"
)

// sentPerRound is how many mails a round sends.
const sentPerRound = 1000

// measureDispatch sends mails that are due to a server on this machine, next to
// the same number of mails that the mail library sends by itself over as many
// connections.
func measureDispatch(ctx context.Context, _ string, rounds int) error {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the program does
	for _, c := range []struct {
		connections int
		name        string
	}{{1, "dispatch"}, {4, "dispatch_4"}} {
		ours, raw, err := sendBoth(ctx, c.connections, min(rounds, 5))
		if err != nil {
			return err
		}
		note(c.name, fmt.Sprintf("%d mails a round over %d connections; the mail library alone sends %.0f per second", sentPerRound, c.connections, median(raw)))
		figure(c.name+"_per_s", median(ours), "1/s")
		figure(c.name+"_vs_raw", ratio(ours, raw), "ratio")
	}
	return nil
}

func sendBoth(ctx context.Context, connections, rounds int) (ours, raw []float64, err error) {
	server, err := openSink()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, server.close()) }()
	m, err := newMailing(ctx, server.address, connections)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	for round := range rounds + 1 { // one to warm up
		a, err := m.dispatchRound(ctx, server, fmt.Sprint("round", round, "-"))
		if err != nil {
			return nil, nil, err
		}
		b, err := sendRaw(ctx, server.address, connections, m.last())
		if err != nil {
			return nil, nil, err
		}
		if round > 0 {
			ours, raw = append(ours, a), append(raw, b)
		}
	}
	return ours, raw, nil
}

// dispatchRound plans mails that are due and sends them. It gives how many a
// second.
func (m *mailing) dispatchRound(ctx context.Context, server *sink, word string) (float64, error) {
	if err := m.addCouples(ctx, word, sentPerRound/2, isConfirmed); err != nil {
		return 0, err
	}
	before := server.count()
	start := time.Now()
	if err := m.notices.DispatchDue(ctx, clock()); err != nil {
		return 0, err
	}
	took := time.Since(start)
	if sent := server.count() - before; sent != sentPerRound {
		return 0, fmt.Errorf("%d mails arrived, not %d", sent, sentPerRound)
	}
	return sentPerRound / took.Seconds(), nil
}

// sendRaw sends as many mails like that one by the library alone.
func sendRaw(ctx context.Context, address string, connections int, like notifications.Outgoing) (float64, error) {
	var host string
	var port int
	if _, err := fmt.Sscanf(address, "127.0.0.1:%d", &port); err != nil {
		return 0, err
	}
	host = "127.0.0.1"
	failed := make([]error, connections)
	var all sync.WaitGroup
	start := time.Now()
	for i := range connections {
		all.Go(func() {
			failed[i] = sendRawOver(ctx, host, port, sentPerRound/connections, fmt.Sprint("raw", i, "-"), like)
		})
	}
	all.Wait()
	return sentPerRound / time.Since(start).Seconds(), errors.Join(failed...)
}

func sendRawOver(ctx context.Context, host string, port, mails int, word string, like notifications.Outgoing) (err error) {
	client, err := mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithoutNoop())
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, session.Quit()) }()
	for i := range mails {
		message := mail.NewMsg(mail.WithNoDefaultUserAgent())
		if err := errors.Join(message.From(benchSender), message.AddToFormat(like.Name, like.Email)); err != nil {
			return err
		}
		message.Subject(like.Subject)
		message.SetMessageIDWithValue(fmt.Sprint(word, i, "@example.org"))
		message.SetDateWithValue(like.Date)
		message.SetBodyString(mail.TypeTextPlain, like.Text)
		message.AddAlternativeString(mail.TypeTextHTML, like.HTML)
		for i, file := range like.Calendars {
			err := message.AttachReader(fmt.Sprintf("session-%d.ics", i+1), bytes.NewReader(file), mail.WithFileContentType("text/calendar; charset=utf-8"))
			if err != nil {
				return err
			}
		}
		if err := client.SendWithSMTPClient(session, message); err != nil {
			return err
		}
	}
	return nil
}
