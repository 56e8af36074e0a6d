package main

import (
	"context"
	"log/slog"

	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/filestore"
	"github.com/fellesloft/fellesloft/internal/scan"
)

// files is where attached files lie and what looks at them.
type files struct {
	store *filestore.Store
	// scanner is for an upload, which somebody waits for; nil where none is set.
	scanner *scan.Clamd
}

// openFiles opens what the settings name; without a store no file can be
// attached, and without a scanner none is scanned.
func openFiles(ctx context.Context, c config.Common, log *slog.Logger) (files, func(), error) {
	var f files
	var err error
	closeStore := func() {}
	if c.FileStoreURL != "" {
		if f.store, err = filestore.Open(ctx, c.FileStoreURL); err != nil {
			return files{}, nil, err
		}
		closeStore = func() {
			if err := f.store.Close(); err != nil {
				log.Error("the file store did not close", "error", err.Error())
			}
		}
	}
	if c.ClamdAddress == "" {
		return f, closeStore, nil
	}
	if f.scanner, err = scan.NewClamd(c.ClamdAddress, log); err != nil {
		closeStore()
		return files{}, nil, err
	}
	return f, closeStore, nil
}

// hurried scans while somebody waits, unhurried where nobody does.
func (f files) hurried() scan.Scanner {
	if f.scanner == nil {
		return nil
	}
	return f.scanner
}

func (f files) unhurried() scan.Scanner {
	if f.scanner == nil {
		return nil
	}
	return f.scanner.Unhurried()
}
