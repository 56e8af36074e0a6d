package party_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/party"
)

func TestMunicipalities(t *testing.T) {
	t.Parallel()
	all := party.Municipalities()
	if len(all) != 357 {
		t.Fatalf("%d municipalities, want 357", len(all))
	}
	population, sami, unknownArea := 0, 0, 0
	var unknownNumber []string
	numbers, orgs, labels := map[string]bool{}, map[party.OrgNumber]bool{}, map[string]bool{}
	forms := map[party.LanguageForm]int{}
	for i, m := range all {
		if i > 0 && all[i-1].Number >= m.Number {
			t.Errorf("%s comes after %s", m.Number, all[i-1].Number)
		}
		if len(m.Number) != 4 || !strings.HasPrefix(m.Number, m.CountyNumber) || m.Name == "" || m.AreaKM2 <= 0 || m.Centre == "" {
			t.Errorf("%+v", m)
		}
		if m.OrgNumber == "" {
			unknownNumber = append(unknownNumber, m.Number)
		} else if _, err := party.ParseOrgNumber(string(m.OrgNumber)); err != nil || orgs[m.OrgNumber] {
			t.Errorf("%s has the number %s, borne twice %t, %v", m.Label(), m.OrgNumber, orgs[m.OrgNumber], err)
		}
		if labels[m.Label()] || numbers[m.Number] {
			t.Errorf("two municipalities are %s or %s", m.Label(), m.Number)
		}
		numbers[m.Number], orgs[m.OrgNumber], labels[m.Label()] = true, true, true
		population += m.Population
		forms[m.LanguageForm]++
		switch {
		case !m.SamiAreaKnown:
			unknownArea++
		case m.SamiArea:
			sami++
		}
		if strings.Contains(m.OfficialName, " - ") != (len(m.Names) > 1) {
			t.Errorf("%s has the names %v", m.OfficialName, m.Names)
		}
	}
	if population != 5_550_203 || sami != 13 || unknownArea != 2 {
		t.Errorf("%d inhabitants, %d in the Sami area, %d unknown", population, sami, unknownArea)
	}
	if !slices.Equal(unknownNumber, []string{"1508", "1580"}) {
		t.Errorf("organisation number unknown for %v", unknownNumber)
	}
	if forms[party.Bokmaal] != 119 || forms[party.Nynorsk] != 88 || forms[party.Neutral] != 150 {
		t.Errorf("language forms %v", forms)
	}
}

func TestSameNameIsToldApart(t *testing.T) {
	t.Parallel()
	for number, label := range map[string]string{
		"1515": "Herøy (Møre og Romsdal)", "1818": "Herøy (Nordland)",
		"3114": "Våler (Østfold)", "3419": "Våler (Innlandet)",
		"5610": "Kárášjohka - Karasjok (Finnmark)",
	} {
		m, ok := party.ByNumber(number)
		if !ok || m.Label() != label {
			t.Errorf("%s is %q, want %q", number, m.Label(), label)
		}
	}
	if m, ok := party.ByNumber("1507"); ok {
		t.Errorf("1507 is still %s", m.Label())
	}
}

func TestCountiesAndNetworksFitTogether(t *testing.T) {
	t.Parallel()
	counties, networks := party.Counties(), party.Networks()
	if len(counties) != 15 || len(networks) != 11 {
		t.Fatalf("%d counties, %d networks", len(counties), len(networks))
	}
	inNetworks := 0
	for _, n := range networks {
		members := party.MembersOf(n.Name)
		inNetworks += len(members)
		for _, m := range members {
			if !slices.Contains(n.CountyNumbers, m.CountyNumber) {
				t.Errorf("%s is in %s, which covers %v", m.Label(), n.Name, n.CountyNumbers)
			}
		}
	}
	if inNetworks != 357 {
		t.Errorf("%d municipalities are in a network", inNetworks)
	}
	for _, c := range counties {
		count := 0
		for _, m := range party.Municipalities() {
			if m.CountyNumber == c.Number {
				count++
				if m.County != c.Name || m.Network != c.Network {
					t.Errorf("%s: %+v", m.Label(), c)
				}
			}
		}
		if count != c.Municipalities {
			t.Errorf("%s has %d municipalities, want %d", c.Name, count, c.Municipalities)
		}
	}
	for name, want := range map[string]int{"DigiViken": 51, "Digi Nordland": 41, "Oslo": 1, "none": 0} {
		if got := len(party.MembersOf(name)); got != want {
			t.Errorf("%s has %d members, want %d", name, got, want)
		}
	}
}

func TestSuccessors(t *testing.T) {
	t.Parallel()
	for old, want := range map[string][]string{
		"1507": {"1508", "1580"}, "3001": {"3101"}, "0301": {"0301"}, "4601": {"4601"}, "1580": nil, "9999": nil,
	} {
		if got := party.Successors(old); !slices.Equal(got, want) {
			t.Errorf("%s became %v, want %v", old, got, want)
		}
	}
	for _, m := range party.Municipalities() {
		if !slices.Contains(party.Successors(m.FormerNumber), m.Number) {
			t.Errorf("%s was %s, which became %v", m.Number, m.FormerNumber, party.Successors(m.FormerNumber))
		}
	}
}

func TestSizeClassOf(t *testing.T) {
	t.Parallel()
	on := calendar.MustParse("2026-11-23")
	for population, want := range map[int]party.SizeClass{
		0: party.Small, 4_999: party.Small, 5_000: party.Medium, 19_999: party.Medium, 20_000: party.Large, 717_710: party.Large,
	} {
		if got := party.SizeClassOf(population, on); got != want {
			t.Errorf("%d inhabitants: %q, want %q", population, got, want)
		}
	}
	if got := party.SizeClassOf(100, calendar.MustParse("2023-12-31")); got != "" {
		t.Errorf("before the bounds were set: %q", got)
	}
}

// Ids stand in databases and links. This value must never change.
func TestMunicipalityIDIsFixed(t *testing.T) {
	t.Parallel()
	oslo := party.MunicipalityID("0301")
	if oslo != uuid.MustParse("4872a80f-8310-5bbc-b1da-aa1e0d86b1ff") || oslo.Version() != 5 {
		t.Errorf("Oslo is %s, version %d", oslo, oslo.Version())
	}
	seen := map[uuid.UUID]string{}
	for _, m := range party.Municipalities() {
		if other := seen[m.ID()]; other != "" {
			t.Errorf("%s and %s share an id", other, m.Number)
		}
		seen[m.ID()] = m.Number
	}
}

func TestCallersCannotChangeTheRegister(t *testing.T) {
	t.Parallel()
	party.Municipalities()[0].Name = "changed"
	party.Networks()[0].Name = "changed"
	if party.Municipalities()[0].Name == "changed" || party.Networks()[0].Name == "changed" {
		t.Error("a list is the register's own")
	}
}
