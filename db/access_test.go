package db_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

var organisationKinds = []string{"municipality", "county_municipality", "joint_body", "supplier", "association", "authority"}

// The database holds memberships to the roles that the program gives.
func TestRolesForAKindAreThoseOfTheProgram(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	given := map[actor.Role]bool{}
	for _, kind := range organisationKinds {
		var want, got []string
		for _, r := range actor.RolesOf(kind) {
			want = append(want, string(r))
			given[r] = true
		}
		if err := d.Pool(dbtest.Super).QueryRow(t.Context(), `SELECT roles_for($1)`, kind).Scan(&got); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			t.Errorf("%s: the database says %v, the program %v", kind, got, want)
		}
	}
	for _, r := range actor.Roles() {
		if !given[r] {
			t.Errorf("no kind of organisation has %s", r)
		}
	}
}

// house is an organisation with people in it.
type house struct {
	t   *testing.T
	db  *dbtest.DB
	org uuid.UUID
}

func newHouse(t *testing.T, d *dbtest.DB, kind string) house {
	t.Helper()
	h := house{t, d, uuid.New()}
	d.Exec(dbtest.Super, `INSERT INTO organisations (id, kind, name) VALUES ($1, $2, 'X')`, h.org, kind)
	return h
}

func (h house) member(kind string, roles ...string) (uuid.UUID, error) {
	h.t.Helper()
	id := uuid.New()
	h.db.Exec(dbtest.Super, `INSERT INTO identities (id, issuer, subject, kind, name) VALUES ($1, 'https://issuer.example', $2, $3, 'X')`, id, id.String(), kind)
	_, err := h.db.Pool(dbtest.Super).Exec(h.t.Context(), `INSERT INTO memberships (identity_id, org_id, roles) VALUES ($1, $2, $3)`, id, h.org, roles)
	return id, db.Fault(err)
}

func TestAMembershipFits(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for _, c := range []struct {
		org, identity string
		roles         []string
		fits          bool
	}{
		{"supplier", "person", []string{"admin", "signatory"}, true},
		{"supplier", "system", []string{"signatory"}, true},
		{"supplier", "system", []string{"admin"}, false},
		{"supplier", "person", []string{"mandate_giver"}, false},
		{"municipality", "person", []string{"mandate_giver", "signatory"}, false},
		{"municipality", "person", []string{"ks_reader"}, false},
		{"association", "person", []string{"ks_reader"}, true},
		{"association", "person", []string{"owner"}, false},
	} {
		_, err := newHouse(t, d, c.org).member(c.identity, c.roles...)
		if (err == nil) != c.fits || err != nil && fault.RuleOf(err) != "member.role-does-not-fit" {
			t.Errorf("%s of %s as %v: %v", c.identity, c.org, c.roles, err)
		}
	}
}

// Two administrators who let each other out at once do not both succeed.
func TestAnOrganisationKeepsAnAdministrator(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	h := newHouse(t, d, "supplier")
	one, err := h.member("person", "admin")
	if err != nil {
		t.Fatal(err)
	}
	two, err := h.member("person", "admin", "signatory")
	if err != nil {
		t.Fatal(err)
	}
	out := func(id uuid.UUID) error {
		return db.InTx(context.WithoutCancel(t.Context()), d.Pool(db.RoleApp), actor.Actor{Kind: actor.Person, Org: h.org}, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `UPDATE memberships SET ended_at = clock_timestamp() WHERE identity_id = $1`, id)
			return err
		})
	}
	errs := make([]error, 2)
	var both sync.WaitGroup
	for i, id := range []uuid.UUID{one, two} {
		both.Go(func() { errs[i] = out(id) })
	}
	both.Wait()
	if (errs[0] == nil) == (errs[1] == nil) || fault.RuleOf(errors.Join(errs...)) != "member.last-administrator" {
		t.Fatalf("letting each other out: %v", errs)
	}
	if _, err := d.Pool(dbtest.Super).Exec(t.Context(), `UPDATE memberships SET roles = '{signatory}' WHERE org_id = $1 AND ended_at IS NULL`, h.org); fault.RuleOf(db.Fault(err)) != "member.last-administrator" {
		t.Errorf("the last administrator lost the role: %v", err)
	}
}
