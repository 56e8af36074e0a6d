package main

import (
	"context"
	"fmt"
	"os"

	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/keyservice"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// The settings of the two key services begin so. They are apart, since neither
// program may use the other's key.
const (
	serveService  = "SERVE_KEY_SERVICE_"
	workerService = "WORKER_KEY_SERVICE_"
)

// keysBy opens a key service and tries it, so that a program that could read no
// key does not start. Without one, keys are files.
func keysBy(ctx context.Context, settings string, c config.KeyService) (seal.Keys, error) {
	if c.URL == "" {
		return seal.Keys{}, nil
	}
	service, err := keyservice.Open(ctx, c.URL, c.TokenFile)
	if err == nil {
		err = seal.TryKeyService(ctx, service)
	}
	if err != nil {
		return seal.Keys{}, fmt.Errorf("%sURL: %w", settings, err)
	}
	return seal.Keys{Service: service}, nil
}

// keysOf is keysBy for the commands of an administrator.
func keysOf(ctx context.Context, settings string) (seal.Keys, error) {
	return keysBy(ctx, settings, config.KeyService{URL: os.Getenv(settings + "URL"), TokenFile: os.Getenv(settings + "TOKEN_FILE")})
}

// keysFor is keysOf by what a key file is for.
func keysFor(ctx context.Context, purpose seal.Purpose) (seal.Keys, error) {
	if purpose == seal.PurposeOpening {
		return keysOf(ctx, workerService)
	}
	return keysOf(ctx, serveService)
}
