package app_test

import (
	"context"
	"testing"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seed"
)

// What is shared in a network is read by its members, and by nobody else.
func TestALibraryEntryIsSharedInItsNetwork(t *testing.T) {
	t.Parallel()
	s := begin(t)
	set := s.specify()
	shared := app.NewLibraryEntry{Procurement: s.id, Requirement: set.Requirements[0].ID, Code: "SALTEN-1", Network: seed.NetworkID("Digi Nordland")}
	e, err := s.serve.AddToLibrary(s.as(lead), shared)
	must(t, err)
	shared.Code, shared.Network = "SALTEN-2", seed.NetworkID("Digi Troms og Finnmark")
	if _, err := s.serve.AddToLibrary(s.as(lead), shared); fault.RuleOf(err) != "library.network" {
		t.Errorf("shared with a network of others: %v", err)
	}
	neighbour, tromso := seed.Participants()[1], seed.Participants()[6]
	for name, c := range map[string]struct {
		as    context.Context
		reads bool
	}{
		"its owner":                {s.as(lead), true},
		"a member":                 {s.caseWorker(neighbour), true},
		"one of another network":   {s.caseWorker(tromso), false},
		"a supplier":               {s.as(author(0)), false},
		"KS, which is in none":     {s.as("leser.ks"), false},
		"a neighbour's supplier 2": {s.as(author(1)), false},
	} {
		got, err := s.serve.LibraryEntry(c.as, e.ID, 0)
		if reads := err == nil && got.Code == "SALTEN-1"; reads != c.reads || err != nil && !fault.Is(err, fault.NotFound) {
			t.Errorf("%s reads it: %t, %v", name, reads, err)
		}
		if _, err := s.serve.LibraryEntry(c.as, seed.LibraryEntryID("UU-01"), 0); err != nil {
			t.Errorf("%s cannot read what is everybody's: %v", name, err)
		}
	}
	if _, err := s.serve.ReviseLibraryEntry(s.as(lead), seed.LibraryEntryID("UU-01"), 0, shared); !fault.Is(err, fault.NotFound) {
		t.Errorf("the deployment's own is revised: %v", err)
	}
}
