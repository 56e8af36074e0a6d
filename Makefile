# One way to do each thing from the shell. `make help` lists them.
#
# Only Go and make are needed: tools are pinned in tools/go.mod and built by
# `go tool` into Go's build cache; servers are found or built by internal/devenv.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# A checkout that belongs to another user has no readable version control
# state, and Go then refuses to build unless told not to ask for it.
BUILD := -buildvcs=false

TOOL := go tool -modfile=tools/go.mod
DEVENV := go run $(BUILD) ./internal/devenv/cmd/devenv

# Two packages at a time: each may hold a database and a browser, and CI has
# two cores. TESTFLAGS adds to it, for example TESTFLAGS='-run Calendar -v'.
TESTFLAGS ?=
PACKAGES ?= ./...

.PHONY: help
help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: dev
dev: build ## start everything for development; Ctrl-C stops it, data stay
	@./bin/fellesloft dev

.PHONY: demo
demo: build ## run the joint procurement from launch to call-off against a running `make dev`
	@./bin/fellesloft demo

.PHONY: test
test: ## run every test against a PostgreSQL and a Temporal server of their own
	@$(DEVENV) test -- go test $(BUILD) -p 2 -timeout 20m $(TESTFLAGS) $(PACKAGES)

# Many short rounds: what else the machine does then falls on both sides.
BENCHFLAGS ?= -rounds 100 -span 100ms -turns 2

.PHONY: bench
bench: ## print what the program costs beside something plainer; bench/README.md says how to read it
	@$(DEVENV) test -- go test $(BUILD) -count=1 -timeout 30m -v ./bench -args $(BENCHFLAGS)

.PHONY: lint
lint: lint-format lint-vet lint-modules lint-sql lint-workflows lint-code ## run every static check

.PHONY: lint-format
lint-format: ## source is formatted
	@unformatted=$$(gofmt -l $$(go list $(BUILD) -f '{{.Dir}}' ./...)); \
	if [[ -n $$unformatted ]]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi

.PHONY: lint-vet
lint-vet: ## go vet
	@go vet $(BUILD) ./...

.PHONY: lint-modules
lint-modules: ## go.mod names what is used and no more
	@go mod tidy -diff

.PHONY: lint-sql
lint-sql: ## generated query code is that of the migrations and queries
	@$(TOOL) sqlc diff

.PHONY: lint-workflows
lint-workflows: ## workflow code is deterministic
	@if [[ -d workflows ]]; then $(TOOL) workflowcheck ./workflows/...; fi

.PHONY: lint-code
lint-code: ## golangci-lint, as .golangci.yaml says
	@$(TOOL) golangci-lint run ./...

.PHONY: generate
generate: ## write query code and the API description anew
	@$(TOOL) sqlc generate
	@go run $(BUILD) ./cmd/fellesloft openapi > api/openapi.yaml.next && mv api/openapi.yaml.next api/openapi.yaml

.PHONY: build
build: ## build bin/fellesloft
	@go build $(BUILD) -o bin/fellesloft ./cmd/fellesloft

.PHONY: clean
clean: ## stop and remove all that this checkout made, its data included
	@$(DEVENV) clean
	@rm -rf bin
