# Weir needs Go, a C compiler (DuckDB is linked in) and, for the canvas, Node.
# Every target works on a fresh clone.

GO ?= go
# Packages that reach DuckDB take long to link; of them the race detector watches
# the server alone, and of the others all.
RACE_PKGS = $(shell $(GO) list -f '{{if not (or .Standard)}}{{.ImportPath}} {{join .Deps ","}} {{join .TestImports ","}} {{join .XTestImports ","}}{{end}}' ./... | grep -v duckdb | cut -d' ' -f1)
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

UI_SOURCES = $(shell git ls-files package.json package-lock.json ui | grep -v -e '^ui/e2e' -e '\.test\.' -e '\.go$$' -e '^ui/dist')

# Where the demo serves the canvas: make demo LISTEN=127.0.0.1:8090
LISTEN = 127.0.0.1:8080

.PHONY: build ui demo dev test check e2e bench soak docs clean

build: ui ## the one binary, bin/weir, the canvas inside
	$(GO) build -ldflags "-X main.version=$(VERSION)" -o bin/weir ./cmd/weir

ui: ui/dist/index.html ## the pages of the canvas, built into ui/dist

ui/dist/index.html: node_modules/.package-lock.json $(UI_SOURCES)
	npm run --silent build

node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel error

demo: build ## the example flows run once on the embedded sandbox; then the canvas is served
	./bin/weir demo --data demo-data --listen $(LISTEN)

dev: build ## the demo's server, and the pages anew at every change
	./bin/weir demo --data demo-data & npm run --silent dev; kill $$!

test: build ## every test: Go, the pages' logic, and the canvas in a real browser
	$(GO) test ./...
	npm test --silent
	npm run --silent e2e

e2e: build ## the canvas in a real browser, alone
	npm run --silent e2e

check: ui ## formatting, vet, staticcheck, strict types and lint of the pages, and the race detector
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt -w these:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	npm run --silent check
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
	rm -rf bin demo-data node_modules ui/dist/assets ui/dist/index.html
