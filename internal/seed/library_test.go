package seed_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// Every entry is one that could be added by hand, tells its source, and says
// that it is a proposal.
func TestTheLibraryIsAProposalWithSources(t *testing.T) {
	t.Parallel()
	all := seed.Library()
	if len(all) != 11 {
		t.Errorf("%d entries", len(all))
	}
	for _, e := range all {
		if err := e.Validate(); err != nil {
			t.Errorf("%s: %v", e.Code, err)
		}
		if !e.Proposal || e.Source == "" || e.SourceRead == requirement.SourceNotRead || e.Requirement.Evidence == "" || e.Origin() != "library:"+e.Code+"@1" {
			t.Errorf("%+v", e)
		}
		if prefix, _, _ := strings.Cut(e.Code, "-"); !slices.Contains([]string{"SEC", "UU", "ARK", "ORG"}, prefix) {
			t.Errorf("%s is not cross-sector", e.Code)
		}
	}
}

func TestANewWordingIsANewVersion(t *testing.T) {
	t.Parallel()
	d, pool := registers(t)
	id := seed.LibraryEntryID("SEC-04")
	if _, err := pool.Exec(t.Context(), `UPDATE library_versions SET requirement = '{"text": "An earlier wording"}' WHERE entry_id = $1`, id); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := seed.Registers(t.Context(), d.URL(db.RoleOwner)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, pool, `SELECT version FROM library_entries WHERE id = $1`, id); n != 2 {
		t.Errorf("the entry is at version %d", n)
	}
	if n := count(t, pool, `SELECT count(*) FROM library_versions`); n != len(seed.Library())+1 {
		t.Errorf("%d versions", n)
	}
}
