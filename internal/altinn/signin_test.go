package altinn_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/signin"
	"github.com/fellesloft/fellesloft/internal/signin/devissuer"
)

const maker = "310000108"

// registered is a directory that knows one supplier system.
type registered struct{}

func (registered) MembershipsOf(_ context.Context, _, subject string) ([]db.Membership, error) {
	if subject != "systemuser:"+system.String() {
		return nil, nil
	}
	org, number, vendor := uuid.MustParse("0c0ffee0-0000-4000-8000-0000000000bb"), string(customer), maker
	return []db.Membership{{IdentityID: system, Kind: "system", Name: "Anbudssystem", OrgID: &org, OrgNr: &number, Vendor: &vendor, Roles: []string{"supplier_author"}}}, nil
}

// TestASupplierSystemSignsIn goes the whole way: token, membership, register.
func TestASupplierSystemSignsIn(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	service, err := signin.New(signin.Config{
		Issuers: []signin.Issuer{{URL: p.issuer.URL(), Loopback: true}}, Directory: registered{}, Authoriser: p.register(t), Now: p.now,
	})
	must(t, err)
	user := devissuer.SystemUser{ID: system, Organisation: customer}
	token, err := p.issuer.Token("", "", user.Claims(maker))
	must(t, err)
	a, err := service.Authenticate(t.Context(), token, "")
	if err != nil || !slices.Equal(a.Scopes, []string{"anbud.read", "journalloft.read", "sertifisering.read"}) {
		t.Errorf("may read: %v, %v", a.Scopes, err)
	}
	other, err := signin.New(signin.Config{
		Issuers: []signin.Issuer{{URL: p.issuer.URL(), Loopback: true}}, Directory: registered{}, Authoriser: p.register(t), Now: p.now,
	})
	must(t, err)
	p.issuer.SetGrants()
	if _, err := other.Authenticate(t.Context(), token, ""); fault.RuleOf(err) != "sign-in.system-user-refused" {
		t.Errorf("may nothing: %v", err)
	}
}
