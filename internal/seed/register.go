package seed

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// KS is the id of the association of municipalities as an organisation.
var KS = idOf("association", "KS")

// NetworkID gives the id that a digitalisation network has in every deployment.
func NetworkID(name string) uuid.UUID { return idOf("network", name) }

// OrganisationName is what a municipality is called as an organisation: its
// official name in all its languages, with the county where two municipalities
// bear the same name.
func OrganisationName(m party.Municipality) string {
	name := m.OfficialName + " kommune"
	if shared()[m.OfficialName] > 1 {
		name += " (" + m.County + ")"
	}
	return name
}

// shared counts the bearers of each name.
var shared = sync.OnceValue(func() map[string]int {
	bearers := map[string]int{}
	for _, m := range party.Municipalities() {
		bearers[m.OfficialName]++
	}
	return bearers
})

type organisationRow struct {
	ID             uuid.UUID `json:"id"`
	Kind           string    `json:"kind"`
	Name           string    `json:"name"`
	OrgNr          *string   `json:"orgnr"`
	MunicipalityNo *string   `json:"municipality_no"`
	County         *string   `json:"county"`
	Population     *int      `json:"population"`
	LanguageForm   string    `json:"language_form"`
	Invented       bool      `json:"invented"`
}

type networkRow struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
}

type memberRow struct {
	Network uuid.UUID `json:"network_id"`
	Org     uuid.UUID `json:"org_id"`
}

// The register is the source of names, counties and inhabitants. An organisation
// number that somebody has filled in stays when the register has none.
const organisationsSQL = `
INSERT INTO organisations AS o (id, kind, name, orgnr, municipality_no, county, population, language_form, invented)
SELECT id, kind, name, orgnr, municipality_no, county, population, language_form, invented
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, kind text, name text, orgnr text, municipality_no text, county text,
                                        population integer, language_form text, invented boolean)
ON CONFLICT (id) DO UPDATE SET
  name = excluded.name, orgnr = coalesce(excluded.orgnr, o.orgnr), county = excluded.county,
  population = excluded.population, language_form = excluded.language_form
WHERE (o.name, o.county, o.population, o.language_form) IS DISTINCT FROM
      (excluded.name, excluded.county, excluded.population, excluded.language_form)
   OR (excluded.orgnr IS NOT NULL AND o.orgnr IS DISTINCT FROM excluded.orgnr)`

const networksSQL = `
INSERT INTO networks (id, name) SELECT id, name FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text)
ON CONFLICT (id) DO UPDATE SET name = excluded.name WHERE networks.name <> excluded.name`

// Membership by county is a first guess, dated from the counties of 2024. Where
// a municipality has any membership, people have decided since.
const membersSQL = `
INSERT INTO network_members (network_id, org_id)
SELECT network_id, org_id FROM jsonb_to_recordset($1::jsonb) AS r(network_id uuid, org_id uuid)
WHERE NOT EXISTS (SELECT FROM network_members m WHERE m.org_id = r.org_id)`

// Registers puts the municipalities, the digitalisation networks with their
// members, KS and the deployment's library into a migrated database, as its owner. It returns
// unavailable (database.unreachable) when the database does not answer.
func Registers(ctx context.Context, ownerURL string) error {
	organisations, networks, members := registerRows()
	return asOwner(ctx, ownerURL, []statement{
		{"organisations", organisationsSQL, organisations},
		{"networks", networksSQL, networks},
		{"network members", membersSQL, members},
		{"library entries", libraryEntriesSQL, libraryRows()},
		{"library revisions", libraryRevisedSQL, libraryRows()},
		{"library versions", libraryVersionsSQL, libraryRows()},
	})
}

func registerRows() (organisations []organisationRow, networks []networkRow, members []memberRow) {
	organisations = append(organisations, organisationRow{
		ID: KS, Kind: "association", Name: "KS", LanguageForm: "nb",
	})
	for _, n := range party.Networks() {
		networks = append(networks, networkRow{ID: NetworkID(n.Name), Name: n.Name})
	}
	for _, m := range party.Municipalities() {
		organisations = append(organisations, organisationRow{
			ID: m.ID(), Kind: "municipality", Name: OrganisationName(m), OrgNr: orNull(string(m.OrgNumber)),
			MunicipalityNo: &m.Number, County: &m.County, Population: &m.Population, LanguageForm: languageOf(m.LanguageForm),
		})
		if m.Network != "" {
			members = append(members, memberRow{Network: NetworkID(m.Network), Org: m.ID()})
		}
	}
	return organisations, networks, members
}

// languageOf gives the language of letters; a municipality that has made no
// choice gets bokmål.
func languageOf(f party.LanguageForm) string {
	if f == party.Nynorsk {
		return "nn"
	}
	return "nb"
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
