# `make run` shows a demonstration, `make test` checks everything.

GO      ?= go
TOOL    := $(GO) tool -modfile=internal/tools/go.mod
MOCK    := 127.0.0.1:12111
RACE    ?= -race

.PHONY: run build test check unit fuzz sim bench bench-scale browser clean

run:
	$(GO) run ./cmd/lantern demo

# Without C: what is built runs on any Linux, whatever its C library.
build:
	CGO_ENABLED=0 $(GO) build -o bin/lantern ./cmd/lantern

# Everything, on a bare Debian machine with Go: installs what is missing.
test: browser check unit

# Chromium drives the pages in a test; it comes from Debian's packages.
browser:
	@command -v chromium >/dev/null || { \
	  sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends chromium; }

check:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	  [ -z "$$unformatted" ] || { echo "not formatted (gofmt -w):"; echo "$$unformatted"; exit 1; }
	@! git grep -nE '^(<<<<<<<|>>>>>>>) ' || { echo "left over from a merge"; exit 1; }
	$(GO) vet ./...
	$(TOOL) staticcheck ./...

# stripe-mock checks the shape of every request against Stripe's description.
unit:
	$(TOOL) stripe-mock -version >/dev/null
	@$(TOOL) stripe-mock -http-addr $(MOCK) -https-addr 127.0.0.1:12112 >/dev/null 2>&1 & mock=$$!; \
	  trap 'kill $$mock 2>/dev/null' EXIT; \
	  STRIPE_MOCK=http://$(MOCK) LANTERN_BROWSER=required $(GO) test $(RACE) -timeout 30m ./...
	$(GO) -C internal/store/ferret test -tags ferretdb_no_postgresql ./...

# Searches for what somebody could send that hurts: each target for FUZZTIME.
# What is found is kept beside the test, and every test run tries it again. A
# little is searched in each test run, without this build (internal/mutated).
FUZZTIME ?= 1m
fuzz:
	@for file in $$(git grep -lE '^func Fuzz' -- '*_test.go' ':!internal/mutated'); do \
	  for target in $$(sed -n 's/^func \(Fuzz[A-Za-z]*\).*/\1/p' $$file); do \
	    echo "$$(dirname $$file) $$target"; \
	    $(GO) test ./$$(dirname $$file) -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x || exit 1; \
	  done; \
	done

# Figures, one a line: figure NAME VALUE UNIT.
bench: build
	$(GO) build -o bin/bench ./internal/bench
	bin/bench -lantern bin/lantern

# What everything costs in a store of COHORTS, with ten bookings and fifty messages
# each, against a tenth of it. The stores stay in SCALE_DATA, to be used again.
COHORTS    ?= 10000
SCALE_DATA ?= /tmp/lantern-scale
bench-scale: build
	$(GO) build -o bin/bench ./internal/bench
	mkdir -p $(SCALE_DATA)
	bin/bench -lantern bin/lantern -scale $(COHORTS) -scale-data $(SCALE_DATA)

# Stories of the whole program in an unkind world, one for each seed.
SEEDS ?= 100
sim:
	$(GO) run ./internal/sim -seeds $(SEEDS)

clean:
	rm -rf bin demo-data
