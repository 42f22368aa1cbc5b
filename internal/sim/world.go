// Command sim plays whole years of the service in one process, on a clock of its
// own: couples, drivers, staff and banks do what people do, processes die between
// any two writes, Stripe and mail servers fail and repeat themselves. After
// every step it checks what must never happen (numbered as in invariant). One
// seed is one story, the same each time.
package main

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"lantern/internal/access"
	"lantern/internal/seal"
	"lantern/internal/store"
	"lantern/internal/store/memory"
	"lantern/internal/stripepay/sandbox"
	"lantern/internal/web"
	"lantern/retreats"
)

// settings say which story is played.
type settings struct {
	seed    uint64
	couples int
	cohorts int
	days    int
	// kind makes the world a kind one: nothing ever fails.
	kind bool
	// plant is the mistake that the world makes on purpose; empty for none.
	plant string
	// tell is called with each thing that happens; nil for nobody listening.
	tell func(string)
}

// world is everything that there is: two processes on one store, the card
// service, mail and phones, people, and what the world itself knows.
type world struct {
	settings
	ctx   context.Context
	begun time.Time
	now   time.Time
	rand  *rand.Rand // of the world itself, not of its people

	place *memory.Place
	disk  *disk
	procs [2]*process
	turn  int // whose turn the next round of passes is
	cards *sandbox.Sandbox
	desk  http.Handler // of the card service
	post  *post
	key   seal.Key
	words *web.Renderer
	team  *access.Team // as it is stored, for the world's own eyes

	weather weather
	// meanwhile is what will happen in the middle of something, and busy the process
	// in whose middle something happens now.
	meanwhile meanwhile
	busy      *process
	people    []*couple
	account   *account
	// steps counts what people did and the rounds of passes; at is the action that
	// is being done.
	steps int
	at    int
	// stumbled says that something has been made to fail in the present step.
	stumbled bool
	found    *violation
	// hidden is the place that a planted mistake has kept from who read its cohort.
	hidden map[string]retreats.Place
}

const cardKey, cardSecret = "sk_test_simulation", "whsec_simulation"

// words put mails into words, parsed once.
var words, wordsErr = web.NewRenderer(web.Site{Practice: web.Practice{Name: practice}})

const (
	practice = "Cedar House"
	ownURL   = "http://lantern.test"
	cardsURL = "http://cards.test/cards"
)

// newWorld makes the world of a seed, at its first moment.
func newWorld(s settings) (*world, error) {
	if wordsErr != nil {
		return nil, wordsErr
	}
	// All ids that are made at random come from here, so that they are the same
	// ones each time. One world lives at a time.
	var seed [32]byte
	binary.LittleEndian.PutUint64(seed[:], s.seed)
	crand.Reader = rand.NewChaCha8(seed)
	key, err := seal.Parse(strings.Repeat("5e", 32))
	if err != nil {
		return nil, err
	}
	begun := time.Date(2027, 1, 4, 15, 0, 0, 0, time.UTC)
	w := &world{
		settings: s, ctx: context.Background(), begun: begun, now: begun, rand: newRand(s.seed, 1),
		place: memory.NewPlace(), key: key, words: words,
	}
	w.disk = &disk{world: w, Engine: w.place.Open()}
	w.post = newPost(w)
	w.account = newAccount(w)
	w.cards, err = sandbox.New(sandbox.Options{
		Now: w.time, Secret: cardKey, WebhookSecret: cardSecret, BaseURL: cardsURL, WebhookURL: ownURL + "/webhooks/stripe",
		Transport: hook{w},
	})
	if err != nil {
		return nil, err
	}
	w.desk = w.cards.Handler()
	if w.team, err = access.NewTeam(w.ctx, store.Open(w.disk), w.key, w.time); err != nil {
		return nil, err
	}
	for i := range s.couples {
		w.people = append(w.people, newCouple(s.seed, i))
	}
	for i := range w.procs {
		if err := w.start(i); err != nil {
			return nil, err
		}
	}
	return w, w.opens()
}

func (w *world) time() time.Time { return w.now }

// say tells who listens what happens.
func (w *world) say(format string, args ...any) {
	if w.tell != nil {
		w.tell(w.now.Format("2006-01-02 15:04  ") + fmt.Sprintf(format, args...))
	}
}

// failure stands in place of an invariant where the program itself fails.
const failure = 0

// violation is something that must never happen.
type violation struct {
	invariant int
	text      string
	// at is the action in which it was found.
	at int
}

func (v *violation) String() string {
	if v.invariant == failure {
		return "what always holds: " + v.text
	}
	return fmt.Sprintf("invariant %d: %s", v.invariant, v.text)
}

// orNothing says in a line what was violated, if anything.
func (v *violation) orNothing() string {
	if v == nil {
		return ""
	}
	return strings.Join(strings.Fields(v.String()), " ")
}

// breaks notes that something happened that must never: the first is kept.
func (w *world) breaks(invariant int, format string, args ...any) {
	if w.found == nil {
		w.found = &violation{invariant: invariant, text: fmt.Sprintf(format, args...), at: w.at}
		w.say("INVARIANT %s", w.found)
	}
}

// play does the actions of a story in their order, and ends at the first
// violation.
func (w *world) play(story []action) *violation {
	for _, a := range story {
		w.at = a.n
		w.advance(w.begun.Add(a.after))
		if w.found == nil {
			w.act(a)
			w.step()
		}
		if w.found != nil {
			return w.found
		}
	}
	w.at = len(story)
	w.end()
	return w.found
}

// step ends something that was done: who died is started anew, and everything
// that changed is looked at.
func (w *world) step() {
	w.steps++
	w.account.noteLetters()
	if w.stumbled || w.isDown() {
		w.weather.lastBad = w.now
		if w.isDown() {
			w.weather.lastBad = w.weather.downUntil
		}
		for _, p := range w.procs {
			p.uneasy = true
		}
	}
	w.stumbled = false
	for i, p := range w.procs {
		if p.dead {
			w.say("process %d is started anew", i+1)
			err := w.start(i)
			for errors.Is(err, errEngine) { // whoever watches over it tries again
				err = w.start(i)
			}
			if err != nil {
				w.breaks(7, "a process does not start: %v", err)
			}
		}
	}
	w.account.check()
}

// pick is one of the two processes, that which is free if there is only one.
func (w *world) pick(r *rand.Rand) *process { return w.free(r.IntN(len(w.procs))) }

// newRand is chance that follows from the seed and what it is for.
func newRand(seed uint64, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

// chance is true so many times in a hundred.
func chance(r *rand.Rand, percent int) bool { return r.IntN(100) < percent }

// one is one of several.
func one[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// sorted gives the keys of a map in order: chance must not come from maps.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
