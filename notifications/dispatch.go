package notifications

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"lantern/internal/store"
)

// How sending is shared out: one looks for what is due, in the order in which it
// is, and claims it, a batch at a time; a few send; and what came of it is marked
// while the next is on its way. What the store saves at once, it saves together.
const (
	// claimBatch is how many messages are claimed together, mostClaimed how many
	// are claimed and not marked yet: while half of them are on their way, the
	// others are claimed.
	claimBatch  = 64
	mostClaimed = 4 * claimBatch
	// mostUnmarked bounds the messages that have left and are not marked: those
	// go twice if the process dies there.
	mostUnmarked = 32
	// mailsAtOnce is how many mails go at once where Options does not say it,
	// textsAtOnce how many texts do. They do not wait for each other.
	mailsAtOnce = 2
	textsAtOnce = 4
	// lookAgain is how often more is looked for while the last are on their way.
	lookAgain = time.Second
	// mostErrors bounds what a pass tells of what went wrong.
	mostErrors = 20
)

// dispatch is one pass of sending.
type dispatch struct {
	s *Service
	// claimed and unmarked have a place for each such message.
	claimed, unmarked chan struct{}
	mails, texts      chan *lane
	begin             sync.Once
	workers           sync.WaitGroup

	glances

	mu    sync.Mutex
	lanes map[string]*lane
	// open is how many messages are on their way; idle hears when it is none.
	open   int
	idle   chan struct{}
	failed []error
	more   int // errors beyond those
}

// lane is what is claimed for one couple: one after the other, as it is due.
type lane struct {
	key     string
	waiting []claim
}

// claim is a message that this process has taken for sending.
type claim struct {
	id string
	// message is as it is stored, and try the number of this attempt.
	message *Message
	try     int
	// dueAt is when it was to be looked at, leased how long it is nobody else's.
	dueAt, leased time.Time
}

// DispatchDue sends what is due, and takes up what a process that did not come
// back had claimed, until nothing is left or ctx ends. Each message is dealt with
// at the time at which its turn comes.
func (s *Service) DispatchDue(ctx context.Context, now time.Time) error {
	d := &dispatch{
		s: s, claimed: make(chan struct{}, mostClaimed), unmarked: make(chan struct{}, mostUnmarked),
		mails: make(chan *lane, mostClaimed), texts: make(chan *lane, mostClaimed),
		lanes: map[string]*lane{}, idle: make(chan struct{}, 1),
	}
	for working := true; working; now = s.options.Now() {
		found, err := d.sweep(ctx, now)
		d.fail(err)
		working = (found > 0 && err == nil && ctx.Err() == nil) || d.rest(ctx)
	}
	close(d.mails)
	close(d.texts)
	d.workers.Wait()
	d.fail(s.noteMails(ctx))
	d.fail(ctx.Err())
	if d.more > 0 {
		d.failed = append(d.failed, fmt.Errorf("and %d more", d.more))
	}
	return errors.Join(d.failed...)
}

// sweep claims what is due, and gives how many those are.
func (d *dispatch) sweep(ctx context.Context, now time.Time) (found int, err error) {
	for _, state := range []State{Sending, Planned} {
		q := store.Query{Index: byNext, Equal: []any{state}, To: now.Add(time.Millisecond), Limit: claimBatch}
		for more := true; more; more = q.After != "" {
			if ctx.Err() != nil {
				return found, nil
			}
			page, err := d.s.messages.Find(ctx, q)
			if err != nil {
				return found, err
			}
			n, err := d.take(ctx, page.Items)
			if found += n; err != nil {
				return found, err
			}
			q.After = page.Next
		}
	}
	return found, nil
}

// rest waits while messages are on their way, but not for long, since others
// come to be due. It reports whether there is anything left to do.
func (d *dispatch) rest(ctx context.Context) bool {
	if d.count() == 0 {
		return false
	}
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-d.idle:
	}
	return ctx.Err() == nil || d.count() > 0
}

func (d *dispatch) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.open
}

// take claims messages together and puts them into their lanes.
func (d *dispatch) take(ctx context.Context, messages []*Message) (int, error) {
	for i := range messages {
		select {
		case d.claimed <- struct{}{}:
		case <-ctx.Done():
			for range i {
				<-d.claimed
			}
			return 0, nil
		}
	}
	claims, errs := make([]*claim, len(messages)), make([]error, len(messages))
	var all sync.WaitGroup
	for i, m := range messages {
		all.Go(func() { claims[i], errs[i] = d.s.claim(ctx, m) })
		if d.s.options.InTurn {
			all.Wait()
		}
	}
	all.Wait()
	if err := d.look(ctx, claims); err != nil {
		errs = append(errs, err)
	}
	if !d.s.options.InTurn {
		d.begin.Do(func() { d.start(ctx) })
	}
	taken := 0
	for _, c := range claims {
		if c == nil {
			<-d.claimed
			continue
		}
		taken++
		if d.s.options.InTurn {
			d.dealNow(ctx, *c)
			continue
		}
		d.put(*c)
	}
	if err := errors.Join(errs...); err != nil {
		return taken, fmt.Errorf("claiming messages: %w", err)
	}
	return taken, nil
}

// dealNow brings a message to its end before anything else is done.
func (d *dispatch) dealNow(ctx context.Context, c claim) {
	d.mu.Lock()
	d.open++
	d.mu.Unlock()
	d.deal(ctx, c)
}

// put lets a message wait for its turn among those of its couple.
func (d *dispatch) put(c claim) {
	key, lanes := c.message.BookingID, d.mails
	if key == "" {
		key = c.id
	}
	if c.message.Channel == ByText {
		key, lanes = key+string(ByText), d.texts
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open++
	if l, ok := d.lanes[key]; ok {
		l.waiting = append(l.waiting, c)
		return
	}
	l := &lane{key, []claim{c}}
	d.lanes[key] = l
	lanes <- l // which holds as many as there are claims
}

// next gives the lane's next message. A lane in which none is left has ended.
func (d *dispatch) next(l *lane) (claim, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(l.waiting) == 0 {
		delete(d.lanes, l.key)
		return claim{}, false
	}
	c := l.waiting[0]
	l.waiting = l.waiting[1:]
	return c, true
}

// done says that nothing is left to do for one message.
func (d *dispatch) done() {
	<-d.claimed
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open--; d.open == 0 {
		select {
		case d.idle <- struct{}{}:
		default:
		}
	}
}

func (d *dispatch) fail(err error) {
	if err == nil {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.failed) == mostErrors {
		d.more++
		return
	}
	d.failed = append(d.failed, err)
}
