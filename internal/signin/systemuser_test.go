package signin_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const (
	maker    party.OrgNumber = "310000108"
	customer party.OrgNumber = "310000019"
)

// system acts for the customer, as the customer has registered it.
var system = devissuer.SystemUser{ID: uuid.MustParse("0c0ffee0-0000-4000-8000-0000000000aa"), Organisation: customer}

// register is an authorisation register that counts what it is asked.
type register struct {
	mu     sync.Mutex
	permit map[string]bool // by action
	fail   error
	asked  []signin.SystemUser
}

func (r *register) Permits(_ context.Context, u signin.SystemUser) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, u)
	return r.permit[u.Action], r.fail
}

func (r *register) set(fail error, actions ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail, r.permit, r.asked = fail, map[string]bool{}, nil
	for _, a := range actions {
		r.permit[a] = true
	}
}

func (r *register) questions() []signin.SystemUser {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.asked)
}

// systems is a desk whose directory knows the system, and whose register can be
// set.
func systems(t *testing.T) (*desk, *register) {
	t.Helper()
	d, r := newDesk(t, ""), &register{}
	d.directory.more = map[string][]db.Membership{
		"systemuser:" + system.ID.String(): {{IdentityID: person, Kind: "system", Name: "Anbudssystem", OrgID: &company, OrgNr: ptr(string(customer)), Vendor: ptr(string(maker)), Roles: []string{"supplier_author"}}},
	}
	var err error
	d.service, err = signin.New(signin.Config{Issuers: []signin.Issuer{{URL: d.issuer.URL(), Loopback: true}}, Directory: d.directory, Authoriser: r, Now: d.now})
	must(t, err)
	return d, r
}

func claimsOf(u devissuer.SystemUser, vendor party.OrgNumber, scope any) map[string]any {
	claims := u.Claims(vendor)
	claims["scope"] = scope
	return claims
}

func TestASupplierSystemActsForItsCustomer(t *testing.T) {
	t.Parallel()
	const reads, writes = "fellesloft:anbud.read", "fellesloft:anbud.write"
	both := []string{signin.ActionRead, signin.ActionWrite}
	for name, c := range map[string]struct {
		scope     any
		permitted []string
		asked     []string
		want      []string
		rule      string
	}{
		"reads":                          {scope: reads, permitted: both, asked: []string{"read"}, want: []string{"anbud.read"}},
		"reads and writes":               {scope: reads + " " + writes, permitted: both, asked: both, want: []string{"anbud.read", "anbud.write"}},
		"may read only":                  {scope: reads + " " + writes, permitted: []string{"read"}, asked: both, want: []string{"anbud.read"}},
		"may write only":                 {scope: reads + " " + writes, permitted: []string{"write"}, asked: both, want: []string{"anbud.write"}},
		"asks to write only":             {scope: writes, permitted: both, asked: []string{"write"}, want: []string{"anbud.write"}},
		"asks to write and may read":     {scope: writes, permitted: []string{"read"}, asked: []string{"write"}, rule: "sign-in.system-user-refused"},
		"may nothing":                    {scope: reads + " " + writes, asked: both, rule: "sign-in.system-user-refused"},
		"no scope of the deployment":     {scope: "ks:fiks", permitted: both, asked: []string{"read"}},
		"no scope of the deployment, no": {scope: nil, permitted: []string{"write"}, asked: []string{"read"}, rule: "sign-in.system-user-refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, r := systems(t)
			r.set(nil, c.permitted...)
			a, err := d.service.Authenticate(t.Context(), d.token("", claimsOf(system, maker, c.scope)), "")
			if fault.RuleOf(err) != c.rule || (c.rule != "" && !fault.Is(err, fault.Denied)) {
				t.Fatalf("got %v", err)
			}
			var asked []string
			for _, q := range r.questions() {
				if q.ID != system.ID || q.Organisation != customer {
					t.Errorf("asked about %+v", q)
				}
				asked = append(asked, q.Action)
			}
			if !slices.Equal(asked, c.asked) {
				t.Errorf("asked %v, want %v", asked, c.asked)
			}
			if err == nil && (a.Org != company || a.Kind != actor.System || !a.Scoped || !slices.Equal(a.Scopes, c.want) || a.Subject != "systemuser:"+system.ID.String()) {
				t.Errorf("got %+v", a)
			}
		})
	}
}

// TestASupplierSystemThatTheCustomerHasNotLetIn is refused before the register is
// asked.
func TestASupplierSystemThatTheCustomerHasNotLetIn(t *testing.T) {
	t.Parallel()
	d, r := systems(t)
	r.set(nil, signin.ActionRead, signin.ActionWrite)
	other := devissuer.SystemUser{ID: uuid.New(), Organisation: customer}
	elsewhere := devissuer.SystemUser{ID: system.ID, Organisation: "310000035"}
	for name, c := range map[string]struct {
		claims       map[string]any
		organisation string
	}{
		"another maker":         {claims: system.Claims("310000035")},
		"the customer as maker": {claims: system.Claims(customer)},
		"another system":        {claims: other.Claims(maker)},
		"another customer":      {claims: elsewhere.Claims(maker)},
		"another organisation":  {claims: system.Claims(maker), organisation: municipality.String()},
		"without a customer":    {claims: devissuer.Consumer(maker)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := d.service.Authenticate(t.Context(), d.token("", c.claims), c.organisation); fault.RuleOf(err) != "sign-in.not-a-member" {
				t.Errorf("got %v", err)
			}
			if n := len(r.questions()); n != 0 {
				t.Errorf("the register was asked %d times", n)
			}
		})
	}
}

// TestAMembershipOfASupplierSystemIsForSuchTokensOnly: nothing but the token of a
// system user acts by what a customer has given a system of a maker.
func TestAMembershipOfASupplierSystemIsForSuchTokensOnly(t *testing.T) {
	t.Parallel()
	d, _ := systems(t)
	d.directory.more["plain"] = d.directory.more["systemuser:"+system.ID.String()]
	if _, err := d.service.Authenticate(t.Context(), d.token("plain", nil), ""); fault.RuleOf(err) != "sign-in.not-a-member" {
		t.Errorf("got %v", err)
	}
}

func TestTheRegistersAnswersAreRememberedForAMoment(t *testing.T) {
	t.Parallel()
	d, r := systems(t)
	token := d.token("", claimsOf(system, maker, "fellesloft:anbud.read"))
	ask := func(want string) {
		t.Helper()
		if _, err := d.service.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	r.set(nil, signin.ActionRead)
	for range 5 {
		ask("")
	}
	if n := len(r.questions()); n != 1 {
		t.Errorf("asked %d times", n)
	}
	r.set(nil) // the customer takes the right back
	d.wait(19 * time.Second)
	ask("")
	d.wait(time.Second)
	ask("sign-in.system-user-refused")
	// A no is remembered too; that no answer could be had is not.
	r.set(nil, signin.ActionRead)
	ask("sign-in.system-user-refused")
	d.wait(20 * time.Second)
	r.set(errors.New("away"), signin.ActionRead)
	ask("sign-in.authoriser-unreachable")
	r.set(nil, signin.ActionRead)
	ask("")
}

func TestARegisterThatIsAwayIsNoRefusal(t *testing.T) {
	t.Parallel()
	d, r := systems(t)
	r.set(errors.New("away"), signin.ActionRead)
	_, err := d.service.Authenticate(t.Context(), d.token("", system.Claims(maker)), "")
	if !fault.Is(err, fault.Unavailable) || fault.RuleOf(err) != "sign-in.authoriser-unreachable" {
		t.Errorf("got %v", err)
	}
}

func TestWithoutARegisterNoSupplierSystemActs(t *testing.T) {
	t.Parallel()
	d, _ := systems(t)
	service, err := signin.New(signin.Config{Issuers: []signin.Issuer{{URL: d.issuer.URL(), Loopback: true}}, Directory: d.directory, Now: d.now})
	must(t, err)
	for _, sign := range []func(string) error{
		func(token string) error { _, err := service.Authenticate(t.Context(), token, ""); return err },
		func(token string) error { _, err := service.Identify(t.Context(), token); return err },
	} {
		if err := sign(d.token("", system.Claims(maker))); fault.RuleOf(err) != "sign-in.system-user" || !fault.Is(err, fault.Denied) {
			t.Errorf("got %v", err)
		}
	}
}
