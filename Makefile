# Weir needs Go, a C compiler (DuckDB is linked in) and, for the canvas, Node.
# Every target works on a fresh clone.

GO ?= go
# Packages that reach DuckDB take long to link; of them the race detector watches
# the server alone, and of the others all.
RACE_PKGS = $(shell $(GO) list -f '{{if not (or .Standard)}}{{.ImportPath}} {{join .Deps ","}} {{join .TestImports ","}} {{join .XTestImports ","}}{{end}}' ./... | grep -v duckdb | cut -d' ' -f1)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

.PHONY: build demo dev test check bench soak docs clean

build: ## the one binary, bin/weir
	$(GO) build -ldflags "-X main.version=$(VERSION)" -o bin/weir ./cmd/weir

demo: build ## one dated run of the example flow on the embedded sandbox
	./bin/weir demo --once --data demo-data

dev: build ## serve the demo and keep it up
	./bin/weir demo --data demo-data

test: build ## every test, the demo included
	$(GO) test ./...

check: ## formatting, vet, staticcheck, and the race detector
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt -w these:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) test -race -short $(RACE_PKGS) ./server

bench: build ## speed and memory, as ratios taken in one run
	$(GO) run ./bench

soak: build ## the long proofs: thousands of schedules and crashes
	WEIR_SOAK=1 $(GO) test -count=1 -timeout 6h ./runs/... ./store/... ./crash/... ./engine/... ./processors/csv ./sandbox/... ./record/... ./expr/... ./processors/duck ./processors/join ./processors/bigquery
	WEIR_ALL=1 $(GO) test -count=1 -timeout 1h ./acceptance ./processors/join

docs: build ## rewrite what is generated
	./bin/weir kinds --markdown docs/processors
	UPDATE=1 $(GO) test ./flows -run TestSchemaIsMadeFromTheTypes

clean:
	rm -rf bin demo-data
