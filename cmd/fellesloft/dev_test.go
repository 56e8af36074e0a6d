package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/devenv"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/seed"
)

func scratchCheckout(t *testing.T) devenv.Checkout {
	t.Helper()
	checkout := devenv.Checkout{Root: t.TempDir()}
	if err := os.MkdirAll(checkout.DevDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	return checkout
}

func TestAddressesStayFromOneStartToTheNext(t *testing.T) {
	t.Parallel()
	checkout := scratchCheckout(t)
	first, err := chooseDevAddresses(t.Context(), checkout)
	if err != nil {
		t.Fatal(err)
	}
	parts := []string{first.API, first.Issuer, first.Mail, first.SMTP, first.ServeReadiness, first.WorkerReadiness}
	for i, p := range parts {
		if portOf(p) == 0 || slices.Contains(parts[:i], p) || !strings.HasPrefix(hostPort(p), "127.0.0.1:") {
			t.Errorf("addresses %v: each part has a port of its own on loopback", parts)
		}
	}
	// A port that another program holds is left to it; the others stay.
	first.API = "http://" + listening(t)
	first.Mail = "http://127.0.0.1:" + freePort(t)
	if err := first.write(checkout); err != nil {
		t.Fatal(err)
	}
	second, err := chooseDevAddresses(t.Context(), checkout)
	if err != nil {
		t.Fatal(err)
	}
	if second.API == first.API || second.Mail != first.Mail {
		t.Errorf("then %+v, now %+v: want another API port and the same for mail", first, second)
	}
}

func listening(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestABrokenAddressFileIsWrittenAnew(t *testing.T) {
	t.Parallel()
	checkout := scratchCheckout(t)
	if err := os.WriteFile(filepath.Join(checkout.DevDir(), addressesFile), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := chooseDevAddresses(t.Context(), checkout); err != nil {
		t.Error(err)
	}
}

// Neither child may reach the database as its owner or as the other child.
func TestChildrenGetTheirOwnDatabaseAddressOnly(t *testing.T) {
	t.Parallel()
	d := &devRun{database: roleURLs{owner: "o", app: "a", engine: "e", anyone: "y"}}
	environ := []string{"DATABASE_URL=o", "DATABASE_URL_APP=x", "PGPASSWORD=p", "HOME=/h", "LISTEN_ADDR=:1"}
	for _, c := range []struct {
		settings map[string]string
		want     []string
	}{
		{d.serveSettings(), []string{"DATABASE_URL_ANYONE=y", "DATABASE_URL_APP=a", "HOME=/h"}},
		{d.workerSettings(), []string{"DATABASE_URL_ENGINE=e", "HOME=/h"}},
	} {
		var got []string
		for _, pair := range childEnv(environ, c.settings) {
			if strings.HasPrefix(pair, "DATABASE") || strings.HasPrefix(pair, "PG") || strings.HasPrefix(pair, "HOME") {
				got = append(got, pair)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("got %v, want %v", got, c.want)
		}
	}
	env := childEnv(environ, d.serveSettings())
	if slices.Contains(env, "LISTEN_ADDR=:1") {
		t.Error("a setting of the caller's stands beside that of dev")
	}
}

func TestKeysAreMadeOnce(t *testing.T) {
	t.Parallel()
	checkout := scratchCheckout(t)
	keys, err := ensureDevKeys(checkout)
	if err != nil {
		t.Fatal(err)
	}
	before := map[string][]byte{}
	for _, file := range []string{keys.wrapping, keys.signing, keys.master, keys.secret} {
		if before[file], err = os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if len(before[keys.secret]) < 32 {
		t.Errorf("the audit secret has %d bytes, want at least 32", len(before[keys.secret]))
	}
	if _, err := ensureDevKeys(checkout); err != nil {
		t.Fatal(err)
	}
	for file, content := range before {
		after, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(after, content) {
			t.Errorf("%s changed (%v): what it sealed is lost", filepath.Base(file), err)
		}
	}
	if _, err := seal.OpenKeyDir(keys.opening, keys.master); err != nil {
		t.Error(err)
	}
}

func TestTheBannerNamesEveryIdentity(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	(&devRun{at: devAddresses{API: "http://127.0.0.1:1"}}).banner(&out)
	for _, i := range seed.Identities() {
		if !strings.Contains(out.String(), i.Subject) {
			t.Errorf("%s is missing", i.Subject)
		}
	}
	if !strings.Contains(out.String(), "invented") || strings.Contains(out.String(), "Temporal UI") {
		t.Error("the banner does not say what is invented, or shows a part that has no address")
	}
}
