package app_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// The list that the database builds is the set that was put, for those who may
// read the case, and nothing at all for others.
func TestTheRequirementListIsTheSet(t *testing.T) {
	t.Parallel()
	s := begin(t)
	if _, _, err := s.serve.RequirementList(s.as(lead), s.id); !fault.Is(err, fault.NotFound) {
		t.Errorf("before there is a set: %v", err)
	}
	put := s.specify()
	for _, reader := range []string{lead, "avtaleeier." + party.Fold(seed.Participants()[1].Name)} {
		raw, _, err := s.serve.RequirementList(s.as(reader), s.id)
		must(t, err)
		var got struct {
			Version int
			Locked  bool
			Set     requirement.Set
		}
		must(t, json.Unmarshal(raw, &got))
		if got.Version != 1 || got.Locked || !reflect.DeepEqual(got.Set, put) {
			t.Errorf("%s reads version %d, locked %t, of %d requirements; put were %d", reader, got.Version, got.Locked, len(got.Set.Requirements), len(put.Requirements))
		}
	}
	outside := "avtaleeier." + party.Fold(seed.Outside().Name)
	for reader, id := range map[string]uuid.UUID{outside: s.id, author(0): s.id, lead: uuid.New()} {
		if raw, _, err := s.serve.RequirementList(s.as(reader), id); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) || raw != nil {
			t.Errorf("%s reads %s: %v", reader, raw, err)
		}
	}
}
