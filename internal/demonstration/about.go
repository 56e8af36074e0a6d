package demonstration

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// ErrProduction tells that a deployment is not for playing with.
var ErrProduction = errors.New("the demonstration runs against a development deployment only")

// Check asks a deployment what it is for, without signing in. It returns an
// error that wraps ErrProduction unless the answer is development, and any
// other where it does not answer within a minute.
func Check(ctx context.Context, baseURL string) error {
	var about struct {
		Kind string `json:"kind"`
	}
	c := newClient(baseURL, language, nil)
	if _, err := c.do(ctx, call{method: http.MethodGet, path: "/deployment", out: &about}); err != nil {
		return fmt.Errorf("ask %s what it is for: %w", baseURL, err)
	}
	if about.Kind != "development" {
		return fmt.Errorf("%s is for %q: %w", baseURL, about.Kind, ErrProduction)
	}
	return nil
}
