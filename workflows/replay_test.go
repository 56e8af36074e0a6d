package workflows_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/process"
)

// Every history that was ever recorded replays: a case that was begun by an
// earlier release goes on under this one. Before a release its histories are
// added by the tests of internal/process (RECORD_HISTORIES=<release>); none is
// ever taken away.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/histories/*/*.json")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("there are no recorded histories")
	}
	for _, f := range files {
		t.Run(filepath.Base(filepath.Dir(f))+" "+filepath.Base(f), func(t *testing.T) {
			t.Parallel()
			if err := process.Replay(quiet{}, f); err != nil {
				t.Error(err)
			}
		})
	}
}

// A history that the workflow's code could not have made is found, so that the
// test above can fail.
func TestAForeignHistoryDoesNotReplay(t *testing.T) {
	t.Parallel()
	err := process.Replay(quiet{}, "testdata/foreign.json")
	if err == nil || !strings.Contains(err.Error(), "nondeterministic") {
		t.Errorf("err = %v: a history without the first look must not replay", err)
	}
}
