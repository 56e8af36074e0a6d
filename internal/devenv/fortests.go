package devenv

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/url"
	"os"
	"sync"
	"time"
)

// Environment variables that name servers to use in tests instead of shared
// ones of this package's.
const (
	// TestDatabaseURLVar is a superuser's URL. The server must be one for
	// tests: they make databases on it and set the passwords of its fellesloft
	// roles.
	TestDatabaseURLVar = "TEST_DATABASE_URL"
	// TestTemporalAddressVar is host:port of a Temporal frontend with a
	// namespace "default".
	TestTemporalAddressVar = "TEST_TEMPORAL_ADDRESS"
)

// Services is what tests run against.
type Services struct {
	DatabaseURL     string // a superuser's, to the database "postgres"
	TemporalAddress string // host:port; namespace "default"
}

// RolePassword gives a role's password on a server for development or tests.
// It follows from the superuser's address, so that processes that share the
// server agree on it without telling each other.
func RolePassword(superuserURL, role string) string {
	server := superuserURL
	if u, err := url.Parse(superuserURL); err == nil {
		// Roles belong to the server: its databases must agree on them.
		u.Path, u.RawPath, u.RawQuery = "", "", ""
		server = u.String()
	}
	mac := hmac.New(sha256.New, []byte(server))
	mac.Write([]byte(role))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// startPatience covers building the Temporal CLI on a slow machine; go test's
// own timeout is the shorter bound where it is set.
const startPatience = 20 * time.Minute

// ForTests gives a PostgreSQL and a Temporal server that all test processes of
// the checkout share, starting them where they do not run. They stay for as
// long as this process lives and stop soon after the last one has ended.
func ForTests(ctx context.Context) (Services, error) {
	databaseURL, err := PostgresForTests(ctx)
	if err != nil {
		return Services{}, err
	}
	address, err := TemporalForTests(ctx)
	if err != nil {
		return Services{}, err
	}
	return Services{DatabaseURL: databaseURL, TemporalAddress: address}, nil
}

// PostgresForTests gives the superuser's URL of the shared PostgreSQL server
// alone; see [ForTests].
func PostgresForTests(ctx context.Context) (string, error) {
	return forTests(ctx, &postgresForTests, TestDatabaseURLVar)
}

// TemporalForTests gives the address of the shared Temporal server alone; see
// [ForTests].
func TemporalForTests(ctx context.Context) (string, error) {
	return forTests(ctx, &temporalForTests, TestTemporalAddressVar)
}

// once is one shared server as this process uses it. The users' lock is kept
// until the process ends, which is what gives it back.
type once struct {
	service string
	mu      sync.Mutex
	state   running
	users   *fileLock
}

var (
	postgresForTests = once{service: "postgres"}
	temporalForTests = once{service: "temporal"}
)

func forTests(ctx context.Context, o *once, override string) (string, error) {
	if own := os.Getenv(override); own != "" {
		return own, nil
	}
	state, err := o.use(ctx, os.Stderr)
	if err != nil {
		return "", fmt.Errorf("%s for tests (set %s to use a server of your own): %w", o.service, override, err)
	}
	return state.Address, nil
}

// use tries again after a failure, so one test's short context does not decide
// for the next.
func (o *once) use(ctx context.Context, log io.Writer) (running, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.users != nil {
		return o.state, nil
	}
	checkout, err := FindCheckout()
	if err != nil {
		return running{}, err
	}
	s, err := sharedService(checkout, o.service)
	if err != nil {
		return running{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	o.state, o.users, err = s.use(ctx, log)
	return o.state, err
}
