package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// reads is what the program has asked of its store: how often, and how many
// documents came of that. Unlike time it is the same on every machine.
type reads struct{ operations, documents float64 }

func (r reads) since(before reads) reads {
	return reads{r.operations - before.operations, r.documents - before.documents}
}

// reads asks the program itself, which tells Prometheus.
func (s *scaledSide) reads(ctx context.Context) (r reads, err error) {
	status, body, err := ask(ctx, request{method: http.MethodGet, url: s.url + "/metrics", bearer: s.token})
	if err != nil {
		return r, err
	}
	if status != http.StatusOK {
		return r, fmt.Errorf("figures were answered with %d", status)
	}
	for lines := bufio.NewScanner(strings.NewReader(string(body))); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), "} ")
		sum := &r.documents
		switch {
		case strings.HasPrefix(name, "lantern_store_seconds_count{"):
			sum = &r.operations
		case !strings.HasPrefix(name, "lantern_store_documents_total{"):
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return r, err
		}
		*sum += n
	}
	return r, nil
}

// scaledReads are the least reads of each page in both stores: passes read in
// between, and what has been read is kept for a while.
type scaledReads struct {
	names []string
	least map[string]*[2]reads
}

func newReads() *scaledReads { return &scaledReads{least: map[string]*[2]reads{}} }

func (s *scaledReads) add(name string, side int, r reads) {
	least := s.least[name]
	if least == nil {
		least = &[2]reads{}
		s.names, s.least[name] = append(s.names, name), least
	}
	if least[side] == (reads{}) {
		least[side] = r
	}
	least[side].operations = min(least[side].operations, r.operations)
	least[side].documents = min(least[side].documents, r.documents)
}

// print gives the reads of one look.
func (s *scaledReads) print() {
	for _, name := range s.names {
		small, large := s.least[name][0], s.least[name][1]
		note("scale", fmt.Sprintf("%s asks the store %.3g and %.3g times for %.4g and %.4g documents", name,
			small.operations/asksOfEach, large.operations/asksOfEach, small.documents/asksOfEach, large.documents/asksOfEach))
		figure("scale_x10_"+name+"_documents", (large.documents+1)/(small.documents+1), "ratio")
		figure("scale_x10_"+name+"_operations", (large.operations+1)/(small.operations+1), "ratio")
	}
}
