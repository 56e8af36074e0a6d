package demonstration

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// command is what the API tells of a steering command.
type command struct {
	ID      string        `json:"id"`
	State   string        `json:"state"`
	Problem *RefusalError `json:"problem"`
}

const (
	commandPending = "pending"
	commandDone    = "done"
	// outcome is how long a command's or a phase's outcome is waited for: long
	// enough for a killed worker to be started again.
	outcome   = 2 * time.Minute
	lookAgain = 200 * time.Millisecond
)

// steer gives a steering command and waits until it has been carried out. A 202
// tells that the process is away; the command's own address says what becomes
// of it. It returns a *RefusalError for a command that was refused.
func (c *client) steer(ctx context.Context, as, path string, version int64, body any) error {
	var given command
	a, err := c.do(ctx, call{method: http.MethodPost, path: path, as: as, version: version, versioned: true, body: body, out: &given})
	if err != nil || a.status != http.StatusAccepted {
		return err
	}
	at, err := url.Parse(a.location)
	if err != nil {
		return fmt.Errorf("where a command's outcome is told: %w", err)
	}
	for until := c.now().Add(outcome); given.State == commandPending; {
		if !c.now().Before(until) {
			return fmt.Errorf("the command %s was not carried out for %s; is a worker running?", given.ID, outcome)
		}
		if err := c.pause(ctx, lookAgain); err != nil {
			return err
		}
		if _, err := c.do(ctx, call{method: http.MethodGet, path: "/commands/" + lastSegment(at.Path), as: as, out: &given}); err != nil {
			return err
		}
	}
	if given.State == commandDone {
		return nil
	}
	if given.Problem != nil {
		given.Problem.request = "POST " + path
		return given.Problem
	}
	return fmt.Errorf("the command %s is %s", given.ID, given.State)
}

func lastSegment(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}
