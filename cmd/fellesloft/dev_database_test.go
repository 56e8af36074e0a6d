package main

import (
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/dbtest"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// given is the address of a test database as a developer would set it.
func given(d *dbtest.DB) roleURLs {
	return roleURLs{owner: d.URL(db.RoleOwner), app: d.URL(db.RoleApp), engine: d.URL(db.RoleEngine), anyone: d.URL(db.RoleAnyone)}
}

func TestDevUsesAnEmptyOrADevelopmentDatabase(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]*dbtest.DB{"empty": dbtest.Empty(t), "development": dbtest.New(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			urls, err := givenDatabase(t.Context(), given(d))
			if err != nil || urls != given(d) {
				t.Errorf("givenDatabase: %v", err)
			}
		})
	}
}

func TestDevRefusesADatabaseThatIsNotItsOwnToPlayWith(t *testing.T) {
	t.Parallel()
	production := dbtest.Empty(t)
	if err := db.Migrate(t.Context(), production.URL(db.RoleOwner), db.Production); err != nil {
		t.Fatal(err)
	}
	foreign := dbtest.Empty(t)
	foreign.Exec(db.RoleOwner, `CREATE TABLE somebody_elses (id int)`)
	for rule, d := range map[string]*dbtest.DB{"deployment.kind-differs": production, "deployment.not-ours": foreign} {
		for _, role := range []string{db.RoleOwner, dbtest.Super} {
			t.Run(rule+" "+role, func(t *testing.T) {
				t.Parallel()
				_, err := givenDatabase(t.Context(), roleURLs{owner: d.URL(role)})
				if fault.RuleOf(err) != rule || !strings.Contains(err.Error(), "DATABASE_URL") {
					t.Errorf("err = %v, want %s and the setting's name", err, rule)
				}
			})
		}
	}
}

// A server's roles may serve another database: what dev does not know it leaves
// as it is, and says what to set.
func TestDevLeavesRolesThatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	// By another of its names the server's passwords do not follow from the
	// address, as with roles that somebody else has made.
	elsewhere := strings.Replace(d.URL(dbtest.Super), "127.0.0.1", "localhost", 1)
	owners := map[string]string{"owner": d.URL(db.RoleOwner), "superuser": elsewhere}
	if elsewhere == d.URL(dbtest.Super) {
		t.Log("the server of TEST_DATABASE_URL has one name only: a superuser's address is not tried")
		delete(owners, "superuser")
	}
	for name, owner := range owners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := givenDatabase(t.Context(), roleURLs{owner: owner})
			if err == nil || !strings.Contains(err.Error(), "DATABASE_URL_ANYONE") {
				t.Errorf("err = %v, want the settings that are missing", err)
			}
		})
	}
	if err := db.Migrate(t.Context(), d.URL(db.RoleOwner), db.Development); err != nil {
		t.Errorf("the owner's password changed: %v", err)
	}
}

func TestAMissingDatabaseIsNamed(t *testing.T) {
	t.Parallel()
	d := dbtest.Empty(t)
	address := strings.Replace(d.URL(dbtest.Super), d.Name, d.Name+"_not_there", 1)
	_, err := givenDatabase(t.Context(), roleURLs{owner: address})
	if err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("err = %v, want that it does not exist", err)
	}
}
