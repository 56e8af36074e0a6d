package party_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

func TestFold(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Ålesund": "alesund", "AALESUND": "alesund", "A\u030alesund": "alesund",
		"Herøy": "heroy", "Heroey": "heroy", "Bærum": "baerum", "Baerum": "baerum",
		"Kárášjohka": "karasjohka", "Porsáŋgu": "porsangu", "Unjárga - Nesseby": "unjarga nesseby",
		"Nord-Aurdal": "nord aurdal", "  Våler \t": "valer", "«»": "", "": "",
	} {
		if got := party.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldingTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[aeoåøæÅØÆ \-]{0,12}`)).Draw(t, "text")
		if once := party.Fold(s); party.Fold(once) != once {
			t.Fatalf("%q folds to %q and then to %q", s, once, party.Fold(once))
		}
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		query string
		first string // label of the best
		count int    // 0: any number
	}{
		{"herøy", "Herøy (Møre og Romsdal)", 2},
		{"heroy nordland", "Herøy (Nordland)", 1},
		{"Herøy møre", "Herøy (Møre og Romsdal)", 1},
		{"vaaler innlandet", "Våler (Innlandet)", 1},
		{"karasjok", "Kárášjohka - Karasjok (Finnmark)", 1},
		{"Karasjohka", "Kárášjohka - Karasjok (Finnmark)", 1},
		{"tana", "Deatnu - Tana (Finnmark)", 0},
		{"nesseby unjarga", "Unjárga - Nesseby (Finnmark)", 1},
		{"0301", "Oslo (Oslo)", 1},
		{"os", "Os (Innlandet)", 0},
		{"ålesund", "Ålesund (Møre og Romsdal)", 1},
		{"nord aurdal", "Nord-Aurdal (Innlandet)", 1},
	} {
		found := party.Search(c.query)
		if len(found) == 0 || found[0].Label() != c.first || c.count != 0 && len(found) != c.count {
			t.Errorf("Search(%q) finds %d, first %v; want %s", c.query, len(found), first(found), c.first)
		}
	}
	for _, none := range []string{"", "  ", "-", "nowhere", "nordland herøy rogaland"} {
		if found := party.Search(none); len(found) != 0 {
			t.Errorf("Search(%q) finds %s", none, first(found))
		}
	}
}

// Every name that a municipality bears, and its number, finds it.
func TestEveryNameIsFound(t *testing.T) {
	t.Parallel()
	for _, m := range party.Municipalities() {
		queries := []string{m.Number, m.Name, m.OfficialName, m.Name + " " + m.County}
		for _, n := range m.Names {
			queries = append(queries, n.Name)
		}
		for _, q := range queries {
			found := false
			for _, hit := range party.Search(q) {
				found = found || hit.Number == m.Number
			}
			if !found {
				t.Errorf("%q does not find %s", q, m.Label())
			}
		}
	}
}

func first(found []party.Municipality) string {
	if len(found) == 0 {
		return "nothing"
	}
	return found[0].Label()
}
