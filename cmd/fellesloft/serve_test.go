package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/config"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

// serveSettingsFor is a complete set of settings over a database of the test's
// own; nothing answers where Temporal should be.
func serveSettingsFor(t *testing.T, d *dbtest.DB, issuer string) config.Serve {
	t.Helper()
	dir := t.TempDir()
	c := config.Serve{ListenAddr: freeAddress(t), PublicURL: "http://127.0.0.1", DatabaseURL: d.URL(db.RoleApp), PublicDatabaseURL: d.URL(db.RoleAnyone),
		DatabaseConns: 2, SubmissionConns: 2, PublicConns: 2, Issuers: []string{issuer}, WrappingKeyFile: filepath.Join(dir, "wrapping.keys"),
		SigningKeyFile: filepath.Join(dir, "signing.keys"), SecretFile: filepath.Join(dir, "secret"), RequestDeadline: 10 * time.Second, StopWait: 5 * time.Second, SessionIdle: 30 * time.Minute, SessionMax: 8 * time.Hour}
	c.MetricsAddr = freeAddress(t)
	for file, purpose := range map[string]seal.Purpose{c.WrappingKeyFile: seal.PurposeWrapping, c.SigningKeyFile: seal.PurposeSigning} {
		if _, err := seal.InitKeyFile(file, purpose); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := makeSecret(c.SecretFile); err != nil {
		t.Fatal(err)
	}
	return c
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestServeFromStartToStop starts serve, signs a granted person in, and stops it
// in good order.
func TestServeFromStartToStop(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	address := freeAddress(t)
	issuer, err := devissuer.New("http://"+address, filepath.Join(t.TempDir(), "issuer.pem"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	tokens := &http.Server{Addr: address, Handler: issuer.Handler(), ReadHeaderTimeout: time.Second}
	go func() { _ = tokens.ListenAndServe() }()
	defer tokens.Close()
	c := serveSettingsFor(t, d, issuer.URL())
	grant := db.Grant{OrgNumber: "964968519", OrgName: "Bodø kommune", OrgKind: "municipality", Issuer: issuer.URL(), Subject: "s-1", Kind: "person", Name: "Innkjøper", Roles: []actor.Role{actor.Admin, actor.ProcurementLead}}
	for range 2 { // granting again changes nothing
		if err := grant.Write(t.Context(), d.URL(db.RoleOwner)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, c, true) }()
	token, err := issuer.Token("s-1", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	get := func(url, token string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		for range 100 {
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				time.Sleep(50 * time.Millisecond)
				continue
			}
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			return response.StatusCode, string(body)
		}
		t.Fatalf("%s does not answer", url)
		return 0, ""
	}
	status, body := get("http://"+c.ListenAddr+apiBase+"/me", token)
	var me struct {
		Name  string   `json:"name"`
		Roles []string `json:"roles"`
	}
	if err := json.Unmarshal([]byte(body), &me); err != nil || status != http.StatusOK || me.Name != "Innkjøper" || len(me.Roles) != 2 {
		t.Errorf("/me: %d %s", status, body)
	}
	for _, url := range []string{"http://" + c.ListenAddr + "/healthz", "http://" + c.ListenAddr + "/readyz", "http://" + c.MetricsAddr + "/healthz", "http://" + c.MetricsAddr + "/readyz"} {
		if status, body := get(url, ""); status != http.StatusNoContent {
			t.Errorf("%s: %d %s", url, status, body)
		}
	}
	if status, body := get("http://"+c.MetricsAddr+"/metrics", ""); status != http.StatusOK || !strings.Contains(body, `operation="whoAmI"`) {
		t.Errorf("metrics: %d %s", status, body)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("serve ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("serve does not stop")
	}
}

// TestServeRefusesToStart lists what keeps serve from starting, each with what
// is wrong.
func TestServeRefusesToStart(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	good := serveSettingsFor(t, d, "http://127.0.0.1:1")
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change      func(c *config.Serve)
		development bool
		rule        string
	}{
		"a development database in production": {func(*config.Serve) {}, false, "deployment.kind-differs"},
		"a superuser":                          {func(c *config.Serve) { c.DatabaseURL = d.URL(dbtest.Super) }, true, "database.role-too-strong"},
		"the owner":                            {func(c *config.Serve) { c.DatabaseURL = d.URL(db.RoleOwner) }, true, "database.role-too-strong"},
		"the owner for what is public":         {func(c *config.Serve) { c.PublicDatabaseURL = d.URL(db.RoleOwner) }, true, "database.role-too-strong"},
		"no key":                               {func(c *config.Serve) { c.WrappingKeyFile = "/nowhere" }, true, "seal.key-file-missing"},
		"the keys exchanged":                   {func(c *config.Serve) { c.WrappingKeyFile = c.SigningKeyFile }, true, "seal.key-file-other-purpose"},
		"a short secret":                       {func(c *config.Serve) { c.SecretFile = short }, true, "config.secret-too-short"},
		"an issuer in clear":                   {func(c *config.Serve) { c.Issuers = []string{"http://issuer.example"} }, true, "sign-in.issuer-address"},
		"development for all to reach":         {func(c *config.Serve) { c.ListenAddr = ":0" }, true, "config.loopback-only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			settings := good
			c.change(&settings)
			if err := serve(t.Context(), settings, c.development); fault.RuleOf(err) != c.rule {
				t.Errorf("got %v, want %s", err, c.rule)
			}
		})
	}
}

func TestGrantRefusals(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	whole := db.Grant{OrgNumber: "964968519", Issuer: "https://issuer.example", Subject: "s", Kind: "person", Name: "N", Roles: []actor.Role{actor.Admin}}
	for rule, change := range map[string]func(g *db.Grant){
		"organisation.unknown": func(*db.Grant) {},
		"grant.incomplete":     func(g *db.Grant) { g.Subject = "" },
		"grant.role":           func(g *db.Grant) { g.Roles = []actor.Role{"king"} },
	} {
		g := whole
		change(&g)
		if err := g.Write(t.Context(), d.URL(db.RoleOwner)); fault.RuleOf(err) != rule {
			t.Errorf("got %v, want %s", err, rule)
		}
	}
}

// TestCommandsTellWhatIsMissing runs the program as a shell would.
func TestCommandsTellWhatIsMissing(t *testing.T) {
	t.Setenv("DATABASE_URL", "")
	for args, want := range map[string]string{
		"migrate": "DATABASE_URL",
		"admin grant --organisation 964968519 --issuer i --subject s --name n --roles admin": "DATABASE_URL",
		"admin grant --issuer i":    "organisation",
		"verify receipt b":          "keys",
		"verify receipt b --keys k": "no such file",
	} {
		root := rootCommand()
		root.SetArgs(strings.Fields(args))
		root.SetOut(io.Discard)
		err := root.ExecuteContext(t.Context())
		var told bytes.Buffer
		if err != nil {
			explain(&told, err)
		}
		if !strings.Contains(told.String(), want) {
			t.Errorf("%s: %q does not name %s", args, told.String(), want)
		}
	}
}

func TestKeysInitOverwritesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	args := []string{"admin", "keys", "init", "--wrapping", filepath.Join(dir, "w"), "--signing", filepath.Join(dir, "s"), "--secret", filepath.Join(dir, "x"),
		"--opening", filepath.Join(dir, "o"), "--master", filepath.Join(dir, "m")}
	var told [2]bytes.Buffer
	for i := range told {
		root := rootCommand()
		root.SetArgs(args)
		root.SetOut(&told[i])
		if err := root.ExecuteContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Count(told[0].String(), ", made") != 4 || strings.Count(told[1].String(), ", was there") != 4 {
		t.Errorf("first %s\nthen %s", told[0].String(), told[1].String())
	}
	if _, err := readSecret(filepath.Join(dir, "x"), "AUDIT_SECRET_FILE"); err != nil {
		t.Error(err)
	}
}

func TestRolesCanBePrinted(t *testing.T) {
	t.Parallel()
	root := rootCommand()
	var told bytes.Buffer
	root.SetArgs([]string{"migrate", "roles", "--print"})
	root.SetOut(&told)
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, role := range db.Roles() {
		if !strings.Contains(told.String(), "CREATE ROLE "+role) {
			t.Errorf("%s is not made", role)
		}
	}
}

// TestSignInSettingsAreWholeOrAbsent starts with settings of which some are
// missing.
func TestSignInSettingsAreWholeOrAbsent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*config.Serve)
		rule   string
	}{
		"nothing set":                {func(*config.Serve) {}, ""},
		"a client without a key":     {func(c *config.Serve) { c.Ansattporten.ClientID = "x" }, "config.half-set"},
		"rights without a client":    {func(c *config.Serve) { c.Ansattporten.Resources = []string{"x"} }, "config.half-set"},
		"any issuer without address": {func(c *config.Serve) { c.OIDC.ClientID, c.OIDC.SecretFile = "x", "/x" }, "config.half-set"},
		"a secret and a key": {func(c *config.Serve) {
			c.IDporten.ClientID, c.IDporten.SecretFile, c.IDporten.KeyFile = "x", "/x", "/y"
		}, "config.both-set"},
		"a register without its key": {func(c *config.Serve) { c.Platform, c.SubscriptionKey = "https://platform.altinn.no", "x" }, "config.half-set"},
		"systems of no issuer":       {func(c *config.Serve) { c.SystemIssuer = "https://issuer.example" }, "config.unreadable"},
		"a token issuer over http":   {func(c *config.Serve) { c.Issuers = []string{"http://issuer.example"} }, "sign-in.issuer-address"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := config.Serve{PublicURL: "https://fellesloft.example", Issuers: []string{"https://maskinporten.no/"}}
			c.change(&s)
			_, people := peopleOf(s, false)
			_, systems := systemsOf(s, false, nil)
			if got := fault.RuleOf(errors.Join(people, systems)); got != c.rule {
				t.Errorf("people: %v, systems: %v, want %s", people, systems, c.rule)
			}
		})
	}
}
