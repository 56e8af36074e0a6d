package app_test

import (
	"testing"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Keeping a version freezes the requirements and nothing else: files go on with
// the draft, and not even the owner of the database changes what was kept.
func TestAKeptVersionStaysAndTheFilesGoOn(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	before, err := s.serve.Documents(s.as(lead), s.id)
	must(t, err)
	kept, err := s.serve.KeepVersion(s.as(lead), s.id, "Utkast til høring")
	must(t, err)
	after, err := s.serve.Documents(s.as(lead), s.id)
	must(t, err)
	if kept.Version != 1 || len(after) != len(before) || after[0].ID != before[0].ID || after[0].SetVersion != 2 {
		t.Errorf("kept %+v; files before %+v, after %+v", kept, before, after)
	}
	for _, sql := range []string{
		`UPDATE requirement_sets SET head = '{}' WHERE version = 1`, `UPDATE requirement_sets SET state = 'draft', locked_at = NULL, kept_by = NULL WHERE version = 1`,
		`DELETE FROM requirement_sets WHERE version = 1`, `DELETE FROM requirements WHERE set_version = 1`,
	} {
		if _, err := s.db.Pool(db.RoleOwner).Exec(t.Context(), sql); fault.RuleOf(db.Fault(err)) != "requirement-set.locked" {
			t.Errorf("%s: %v", sql, err)
		}
	}
	changed := set
	changed.Requirements = changed.Requirements[1:]
	_, err = s.serve.PutRequirements(s.as(lead), s.id, 0, changed)
	must(t, err)
	d, err := s.serve.Difference(s.as(lead), s.id, 1, 2)
	must(t, err)
	if len(d.Removed) != 1 || d.Removed[0].ID != set.Requirements[0].ID || len(d.Added)+len(d.Moved)+len(d.Changed) != 0 {
		t.Errorf("difference %+v", d)
	}
}
