package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"lantern/internal/stripepay"
)

// connections is how many a load uses: about what a browser rush looks like to
// a server behind a proxy.
const connections = 128

var client = &http.Client{Transport: &http.Transport{
	MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
}}

// application is what a couple sends.
type application struct {
	Partners     [2]partner `json:"partners"`
	AcceptPolicy bool       `json:"accept_policy"`
	IfFull       string     `json:"if_full"`
}

type partner struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Phone string `json:"phone"`
}

func applicationOf(couple int, ifFull string) []byte {
	body, err := json.Marshal(application{
		Partners: [2]partner{
			{fmt.Sprintf("Maya %d", couple), fmt.Sprintf("maya%d@example.org", couple), "+14155552671"},
			{fmt.Sprintf("Jon %d", couple), fmt.Sprintf("jon%d@example.org", couple), ""},
		},
		AcceptPolicy: true, IfFull: ifFull,
	})
	if err != nil {
		panic(err) // plain strings
	}
	return body
}

// result is what a load brought.
type result struct {
	statuses  map[int]int
	perSecond float64
	p99       time.Duration
}

// request is one of a load.
type request struct {
	method, url string
	body        []byte
	cookie      string
	signature   string // of an event
	bearer      string // a token
}

// rush sends all requests as fast as the connections allow.
func rush(ctx context.Context, requests []request) (result, error) {
	took := make([]time.Duration, len(requests))
	statuses := make([]int, len(requests))
	next := make(chan int, len(requests))
	for i := range requests {
		next <- i
	}
	close(next)
	var first error
	var once sync.Once
	var workers sync.WaitGroup
	start := time.Now()
	for range connections {
		workers.Go(func() {
			for i := range next {
				begun := time.Now()
				status, err := send(ctx, requests[i])
				if err != nil {
					once.Do(func() { first = err })
				}
				took[i], statuses[i] = time.Since(begun), status
			}
		})
	}
	workers.Wait()
	elapsed := time.Since(start)
	r := result{statuses: map[int]int{}, perSecond: float64(len(requests)) / elapsed.Seconds()}
	for _, status := range statuses {
		r.statuses[status]++
	}
	slices.Sort(took)
	r.p99 = took[len(took)*99/100]
	return r, first
}

func send(ctx context.Context, r request) (status int, err error) {
	status, _, err = ask(ctx, r)
	return status, err
}

func ask(ctx context.Context, r request) (status int, body []byte, err error) {
	out, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return 0, nil, err
	}
	out.Header.Set("Content-Type", "application/json")
	if r.cookie != "" {
		out.Header.Set("Cookie", r.cookie)
	}
	if r.bearer != "" {
		out.Header.Set("Authorization", "Bearer "+r.bearer)
	}
	if r.signature != "" {
		out.Header.Set(stripepay.SignatureHeader, r.signature)
	}
	response, err := client.Do(out)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}
