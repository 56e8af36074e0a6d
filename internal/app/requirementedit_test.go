package app_test

import (
	"sync"
	"testing"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Of authors who have read the same list one is taken and the others are told,
// however a list is changed; a version that is kept makes the next edit.
func TestConcurrentAuthorsLoseNothing(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.specify()
	read, err := s.serve.Requirements(s.as(lead), s.id)
	must(t, err)
	const authors = 4
	var group sync.WaitGroup
	var mu sync.Mutex
	taken, told := 0, 0
	for i := range authors {
		group.Go(func() {
			set := read.Set
			set.Title = "Forfatter " + string(rune('A'+i))
			_, err := s.serve.PutRequirements(s.as(lead), s.id, read.Edit, set)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				taken++
			case fault.Is(err, fault.Stale) && fault.RuleOf(err) == "requirement-set.edited":
				told++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if taken != 1 || told != authors-1 {
		t.Fatalf("%d taken, %d told", taken, told)
	}
	now, err := s.serve.Requirements(s.as(lead), s.id)
	must(t, err)
	seen := map[int64]bool{read.Edit: true}
	for name, change := range map[string]func(edit int64) error{
		"put": func(edit int64) error {
			_, err := s.serve.PutRequirements(s.as(lead), s.id, edit, now.Set)
			return err
		},
		"library": func(edit int64) error {
			_, err := s.serve.TakeFromLibrary(s.as(lead), s.id, edit, nil)
			return err
		},
		"keep": func(int64) error {
			set := now.Set
			set.Requirements = append([]requirement.Requirement(nil), set.Requirements[1:]...)
			if _, err := s.serve.PutRequirements(s.as(lead), s.id, 0, set); err != nil {
				return err
			}
			_, err := s.serve.KeepVersion(s.as(lead), s.id, "Til styret")
			return err
		},
	} {
		before, err := s.serve.Requirements(s.as(lead), s.id)
		must(t, err)
		must(t, change(before.Edit))
		after, err := s.serve.Requirements(s.as(lead), s.id)
		must(t, err)
		if after.Edit <= before.Edit || seen[after.Edit] {
			t.Errorf("%s: edit %d after %d", name, after.Edit, before.Edit)
		}
		seen[after.Edit] = true
		if _, err := s.serve.PutRequirements(s.as(lead), s.id, before.Edit, now.Set); !fault.Is(err, fault.Stale) {
			t.Errorf("%s: on the edit before it: %v", name, err)
		}
	}
}
