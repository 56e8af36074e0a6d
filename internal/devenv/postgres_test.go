package devenv

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// scratch is a place of the test's own, which the unprivileged user may enter.
func scratch(t *testing.T) Place {
	t.Helper()
	checkout, err := FindCheckout()
	if err != nil {
		t.Fatal(err)
	}
	place, err := checkout.Scratch("devenv-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(place.Dir); err != nil {
			t.Error(err)
		}
	})
	return place
}

func TestPostgresKeepsDataAndPortOverARestart(t *testing.T) {
	t.Parallel()
	place := scratch(t)
	first := startPostgres(t, PostgresConfig{Place: place})
	kept, err := first.EnsureDatabase(t.Context(), "kept", superuser)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, kept, "CREATE TABLE kept (n int)")
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := startPostgres(t, PostgresConfig{Place: place})
	again, err := second.EnsureDatabase(t.Context(), "kept", superuser)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, again, "INSERT INTO kept VALUES (1)")
	if first.URL() != second.URL() {
		t.Errorf("address changed from %s to %s", first.URL(), second.URL())
	}
}

func TestPostgresReplacesAServerThatWasLeftRunning(t *testing.T) {
	t.Parallel()
	place := scratch(t)
	left := startPostgres(t, PostgresConfig{Place: place})
	var log bytes.Buffer
	next := startPostgres(t, PostgresConfig{Place: place, Log: &log})
	execute(t, next.URL(), "SELECT 1")
	select {
	case <-left.Done():
	default:
		t.Error("the earlier server still runs on the same data")
	}
	if !strings.Contains(log.String(), "earlier run") {
		t.Errorf("said nothing of the earlier server: %q", log.String())
	}
}

func TestPostgresStartsBesideAStalePidFile(t *testing.T) {
	t.Parallel()
	place := scratch(t)
	first := startPostgres(t, PostgresConfig{Place: place})
	if err := first.process.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-first.Done()
	if _, err := os.Stat(filepath.Join(first.dataDir(), "postmaster.pid")); err != nil {
		t.Fatalf("the killed server left no pid file: %v", err)
	}
	execute(t, startPostgres(t, PostgresConfig{Place: place}).URL(), "SELECT 1")
}

func TestPostgresMessageNamesWhatWasTriedAndWhatToDo(t *testing.T) {
	t.Parallel()
	place := scratch(t)
	p := &Postgres{cfg: PostgresConfig{Place: place, Log: &bytes.Buffer{}}}
	data := p.dataDir()
	if err := os.MkdirAll(data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("7\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s := findBinaries(t.Context())
	if _, ok := s.fit(7); ok {
		t.Fatal("programs of another version fit the data")
	}
	err := p.cannotStart(7, s)
	for _, want := range []string{"version 7", "Tried:", "made by 7", "What to do:", "TEST_DATABASE_URL"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message lacks %q:\n%v", want, err)
		}
	}
}

func TestInstallHint(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ goos, osRelease, want string }{
		{"linux", "ID=debian\n", "apt-get install postgresql"},
		{"linux", "NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", "apt-get install postgresql"},
		{"linux", "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install postgresql-server"},
		{"linux", "ID=alpine\n", "apk add postgresql"},
		{"darwin", "", "brew install postgresql"},
		{"linux", "", "your system's packages"},
	} {
		if got := installHint(c.goos, c.osRelease); !strings.Contains(got, c.want) {
			t.Errorf("installHint(%q, %q) = %q, want %q in it", c.goos, c.osRelease, got, c.want)
		}
	}
}

func startPostgres(t *testing.T, cfg PostgresConfig) *Postgres {
	t.Helper()
	p, err := StartPostgres(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func execute(t *testing.T, databaseURL, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatal(err)
	}
}
