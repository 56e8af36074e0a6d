package scan_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/scan"
	"github.com/fellesloft/fellesloft/internal/scan/scantest"
)

func clamd(t *testing.T, s *scantest.Server) *scan.Clamd {
	t.Helper()
	c, err := scan.NewClamd(s.URL(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatTheScannerSays(t *testing.T) {
	t.Parallel()
	large := bytes.Repeat([]byte("x"), 300<<10)
	for name, c := range map[string]struct {
		set     func(*scantest.Server)
		content []byte
		want    scan.Verdict
		what    string
	}{
		"clean":               {nil, large, scan.Clean, ""},
		"empty":               {nil, nil, scan.Clean, ""},
		"a find":              {nil, slices.Concat(large, scantest.Virus()), scan.Found, scantest.Finding},
		"too large for it":    {func(s *scantest.Server) { s.Limit = 100 << 10 }, large, scan.Away, ""},
		"an answer too late":  {func(s *scantest.Server) { s.Mute = true }, large, scan.Away, ""},
		"it has gone":         {func(s *scantest.Server) { _ = s.Close() }, large, scan.Away, ""},
		"slower than allowed": {func(s *scantest.Server) { s.Delay = time.Minute }, bytes.Repeat(large, 10), scan.Away, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl := clamd(t, scantest.New(t, c.set))
			cl.Slack, cl.Patience = 300*time.Millisecond, 2*time.Second
			started := time.Now()
			s := cl.Begin(t.Context())
			for rest := c.content; len(rest) > 0; rest = rest[min(len(rest), 10_000):] {
				if n, err := s.Write(rest[:min(len(rest), 10_000)]); err != nil || n != min(len(rest), 10_000) {
					t.Fatalf("wrote %d: %v", n, err)
				}
			}
			fed := time.Since(started)
			if v, what := s.Verdict(); v != c.want || what != c.what {
				t.Errorf("%s %q, want %s %q", v, what, c.want, c.what)
			}
			if fed > time.Second {
				t.Errorf("the file was held up for %s", fed)
			}
		})
	}
}

// A file that did not come whole must not be called clean, nor end at the
// scanner as a file.
func TestAScanThatIsAborted(t *testing.T) {
	t.Parallel()
	server := scantest.New(t, nil)
	s := clamd(t, server).Begin(t.Context())
	_, _ = s.Write(bytes.Repeat([]byte("x"), 100<<10))
	s.Abort()
	if v, _ := s.Verdict(); v != scan.Away {
		t.Errorf("aborted is %s", v)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s = clamd(t, server).Begin(ctx)
	_, _ = s.Write([]byte("x"))
	cancel()
	if v, _ := s.Verdict(); v != scan.Away {
		t.Errorf("cancelled is %s", v)
	}
	if _, files := server.Seen(); files != 0 {
		t.Errorf("%d files ended at the scanner", files)
	}
}

func TestNoScanner(t *testing.T) {
	t.Parallel()
	s := scan.None{}.Begin(t.Context())
	_, _ = s.Write(scantest.Virus())
	if v, what := s.Verdict(); v != scan.Off || what != "" {
		t.Errorf("%s %q", v, what)
	}
	for _, address := range []string{"", "localhost:3310", "http://x", "tcp://"} {
		if _, err := scan.NewClamd(address, nil); fault.RuleOf(err) != "scan.address" {
			t.Errorf("%q: %v", address, err)
		}
	}
}
