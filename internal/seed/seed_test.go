package seed_test

import (
	"net/mail"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/seed"
)

const issuer = "http://127.0.0.1:1/issuer"

func count(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return n
}

func registers(t *testing.T) (*dbtest.DB, *pgxpool.Pool) {
	t.Helper()
	d := dbtest.New(t)
	if err := seed.Registers(t.Context(), d.URL(db.RoleOwner)); err != nil {
		t.Fatal(err)
	}
	return d, d.Pool(db.RoleOwner)
}

func TestRegistersHoldEveryMunicipality(t *testing.T) {
	t.Parallel()
	_, pool := registers(t)
	rows, err := pool.Query(t.Context(), `SELECT id FROM organisations WHERE kind = 'municipality' ORDER BY municipality_no`)
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		t.Fatal(err)
	}
	var want []uuid.UUID
	for _, m := range party.Municipalities() {
		want = append(want, party.MunicipalityID(m.Number))
	}
	if len(want) != 357 || !slices.Equal(got, want) {
		t.Errorf("%d municipalities in the database, want %d with the register's ids", len(got), len(want))
	}
	if n := count(t, pool, `SELECT count(*) FROM networks`); n != len(party.Networks()) {
		t.Errorf("%d networks, want %d", n, len(party.Networks()))
	}
	if n := count(t, pool, `SELECT count(*) FROM network_members m JOIN networks n ON n.id = m.network_id
		WHERE n.name = 'Digi Nordland' AND m.from_on = '2024-01-01' AND m.to_on IS NULL`); n != 41 {
		t.Errorf("Digi Nordland has %d members, want 41", n)
	}
	if n := count(t, pool, `SELECT count(DISTINCT name) FROM organisations`); n != 358 {
		t.Errorf("%d different names, want one for each of 357 municipalities and KS", n)
	}
}

// What people edit in a running system outlives the next migrate.
func TestSeedingAgainKeepsWhatPeopleEdited(t *testing.T) {
	t.Parallel()
	d, pool := registers(t)
	alesund, rindal := party.MunicipalityID("1508"), party.MunicipalityID("5061")
	for _, edit := range []struct {
		sql  string
		args []any
	}{
		{`UPDATE organisations SET orgnr = '000000000', name = 'old' WHERE id = $1`, []any{alesund}},
		{`UPDATE network_members SET to_on = '2024-06-30' WHERE org_id = $1`, []any{rindal}},
		{`INSERT INTO network_members (network_id, org_id, from_on) SELECT id, $1, '2024-07-01' FROM networks WHERE name = 'Digi Møre og Romsdal'`, []any{rindal}},
	} {
		if _, err := pool.Exec(t.Context(), edit.sql, edit.args...); err != nil {
			t.Fatal(err)
		}
	}
	before := count(t, pool, `SELECT count(*) FROM network_members`)
	if err := seed.Registers(t.Context(), d.URL(db.RoleOwner)); err != nil {
		t.Fatal(err)
	}
	if n := count(t, pool, `SELECT count(*) FROM organisations WHERE id = $1 AND orgnr = '000000000' AND name = 'Ålesund kommune'`, alesund); n != 1 {
		t.Error("the number that was filled in, or the register's name, is gone")
	}
	if n := count(t, pool, `SELECT count(*) FROM network_members WHERE org_id = $1 AND to_on IS NULL`, rindal); n != 1 {
		t.Errorf("Rindal is in %d networks, want the one it was moved to", n)
	}
	if after := count(t, pool, `SELECT count(*) FROM network_members`); after != before {
		t.Errorf("%d memberships, want %d as before", after, before)
	}
}

func TestDemoIdentitiesSignInWithTheirRoles(t *testing.T) {
	t.Parallel()
	d, pool := registers(t)
	for _, from := range []string{issuer, issuer, issuer + "/moved"} {
		if err := seed.Demo(t.Context(), d.URL(db.RoleOwner), from); err != nil {
			t.Fatal(err)
		}
		if n := count(t, pool, `SELECT count(*) FROM identities WHERE issuer = $1`, from); n != len(seed.Identities())+len(seed.Systems()) {
			t.Fatalf("%d identities of %s, want %d and %d systems", n, from, len(seed.Identities()), len(seed.Systems()))
		}
	}
	app := d.Pool(db.RoleApp)
	for _, i := range seed.Identities() {
		got, err := db.MembershipsOf(t.Context(), app, issuer+"/moved", i.Subject)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].IdentityID != i.ID || got[0].OrgID == nil || *got[0].OrgID != i.Org || *got[0].OrgName != i.OrgName {
			t.Errorf("%s: %+v, want a member of %s", i.Subject, got, i.OrgName)
			continue
		}
		var roles []actor.Role
		for _, r := range got[0].Roles {
			roles = append(roles, actor.Role(r))
		}
		if !slices.Equal(roles, i.Roles) {
			t.Errorf("%s has roles %v, want %v", i.Subject, roles, i.Roles)
		}
	}
	for _, i := range seed.Systems() {
		got, err := db.MembershipsOf(t.Context(), app, issuer+"/moved", i.Subject())
		if err != nil || len(got) != 1 || got[0].Kind != "system" || *got[0].OrgID != i.Customer.ID() || got[0].Name != i.Label || (got[0].Vendor != nil) != (i.Vendor != "") {
			t.Errorf("%s: %+v %v", i.Label, got, err)
		}
	}
	if n := count(t, pool, `SELECT count(*) FROM organisations WHERE kind = 'supplier' AND invented AND orgnr IS NULL AND name LIKE '%(oppdiktet)'`); n != 5 {
		t.Errorf("%d suppliers say that they are invented, want 5", n)
	}
}

func TestIdentitiesAreDistinctAndNobodyReal(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, i := range seed.Identities() {
		if seen[i.Subject] || seen[i.ID.String()] {
			t.Errorf("%s stands twice", i.Subject)
		}
		seen[i.Subject], seen[i.ID.String()] = true, true
		if !strings.Contains(i.Name, "(demo)") {
			t.Errorf("%q does not say that it is of the demonstration", i.Name)
		}
		if a, err := mail.ParseAddress(i.Email); err != nil || !strings.HasSuffix(a.Address, "@example.org") {
			t.Errorf("%q is no address that is reserved for examples", i.Email)
		}
	}
}

// The roles in a case are people of their own: two who open, two who evaluate,
// and a mandate giver and a contract owner of each buyer.
func TestTheDemonstrationIsStaffed(t *testing.T) {
	t.Parallel()
	with := func(org uuid.UUID, role actor.Role) int {
		n := 0
		for _, i := range seed.Identities() {
			if i.Org == org && slices.Contains(i.Roles, role) {
				n++
			}
		}
		return n
	}
	lead := seed.Lead().ID()
	if with(lead, actor.ProcurementLead) != 1 || with(lead, actor.CaseWorker) != 4 || with(lead, actor.Auditor) != 1 {
		t.Error("the lead buyer lacks a procurement lead, four case workers or an auditor")
	}
	networks := map[string]int{}
	for _, m := range seed.Participants() {
		networks[m.Network]++
	}
	if len(networks) != 2 || networks["Digi Nordland"] != 6 || networks["Digi Troms og Finnmark"] != 6 {
		t.Errorf("participants by network: %v, want six of two", networks)
	}
	for _, m := range append(seed.Participants(), seed.Outside()) {
		if with(m.ID(), actor.MandateGiver) != 1 || with(m.ID(), actor.ContractOwner) != 1 {
			t.Errorf("%s lacks a mandate giver or a contract owner", m.Name)
		}
	}
	for i := range 5 {
		if with(seed.SupplierID(i), actor.SupplierAuthor) != 1 || with(seed.SupplierID(i), actor.Signatory) != 1 {
			t.Errorf("supplier %d lacks an author or a signatory", i)
		}
	}
	if with(seed.KS, actor.KSReader) != 1 {
		t.Error("KS has no reader")
	}
}
