package main

import (
	"bytes"
	"errors"
	"testing"
)

func TestReplay(t *testing.T) {
	t.Parallel()
	const histories, foreign = "../../workflows/testdata/histories", "../../workflows/testdata/foreign.json"
	run := func(args ...string) (string, error) {
		var out bytes.Buffer
		cmd := replayCommand()
		cmd.SetArgs(args)
		cmd.SetOut(&out)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}
	if out, err := run(histories); err != nil || out == "" {
		t.Errorf("recorded histories: %q, %v", out, err)
	}
	if _, err := run(histories, foreign); err == nil {
		t.Error("a history that this build could not have made replays")
	}
	if _, err := run(); !errors.Is(err, errNothingToReplay) {
		t.Errorf("err = %v, want nothing to replay", err)
	}
	if _, err := run("no-such-folder"); err == nil {
		t.Error("a folder that is missing replays")
	}
}
