package dbtest

import (
	"fmt"
	"testing"
	"time"
)

func TestIsStale(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	name := func(age time.Duration) string {
		return fmt.Sprintf("%s%x_abc", testPrefix, now.Add(-age).Unix())
	}
	for _, c := range []struct {
		name string
		want bool
	}{
		{name(0), false},
		{name(staleAfter), false},
		{name(staleAfter + time.Second), true},
		{testPrefix + "by_hand", false},
		{testPrefix, false},
	} {
		if got := isStale(c.name, now); got != c.want {
			t.Errorf("isStale(%q) = %v, want %v", c.name, got, c.want)
		}
	}
}
