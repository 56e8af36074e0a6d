package seed

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/demo"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// Municipalities of the demonstration, by number. They are real; what they do in
// it is invented.
const (
	leadNumber    = "1804" // Bodø
	outsideNumber = "5601" // Alta, which takes no part and calls off all the same
)

// participantNumbers are twelve municipalities of two networks: Salten in Digi
// Nordland, and Tromsø with neighbours in Digi Troms og Finnmark.
var participantNumbers = []string{
	leadNumber, "1837", "1838", "1840", "1841", "1848",
	"5501", "5532", "5534", "5536", "5538", "5544",
}

// Lead is the municipality that leads the demonstration's procurement. It is
// one of the participants.
func Lead() party.Municipality { return municipality(leadNumber) }

// Participants are the twelve municipalities that the demonstration's
// procurement names.
func Participants() []party.Municipality {
	var out []party.Municipality
	for _, number := range participantNumbers {
		out = append(out, municipality(number))
	}
	return out
}

// Outside is a municipality that the procurement does not name.
func Outside() party.Municipality { return municipality(outsideNumber) }

// SupplierID gives the id of a fictional supplier by its index in
// [demo.Suppliers].
func SupplierID(index int) uuid.UUID { return idOf("supplier", strconv.Itoa(index)) }

func municipality(number string) party.Municipality {
	m, ok := party.ByNumber(number)
	if !ok {
		panic("seed: no municipality has number " + number)
	}
	return m
}

// Identity is one who can sign in to a development database: a role with an
// organisation, and never a person's name.
type Identity struct {
	ID      uuid.UUID
	Subject string // what the development issuer's token says
	Name    string
	Email   string // in a domain reserved for examples
	Org     uuid.UUID
	OrgName string
	Roles   []actor.Role
}

// post is a role in an organisation, before the organisation is named.
type post struct {
	key   string
	title string
	roles []actor.Role
}

var (
	leadPosts = []post{
		{"innkjopsleder", "Innkjøpsleder", []actor.Role{actor.ProcurementLead}},
		{"apner-1", "Åpner 1", []actor.Role{actor.CaseWorker}},
		{"apner-2", "Åpner 2", []actor.Role{actor.CaseWorker}},
		{"evaluerer-1", "Evaluerer 1", []actor.Role{actor.CaseWorker}},
		{"evaluerer-2", "Evaluerer 2", []actor.Role{actor.CaseWorker}},
		{"revisor", "Revisor", []actor.Role{actor.Auditor}},
		{"administrator", "Administrator", []actor.Role{actor.Admin}},
	}
	buyerPosts = []post{
		{"fullmaktsgiver", "Fullmaktsgiver", []actor.Role{actor.MandateGiver}},
		{"avtaleeier", "Avtaleeier", []actor.Role{actor.ContractOwner}},
	}
	supplierPosts = []post{
		{"forfatter", "Tilbudsforfatter", []actor.Role{actor.SupplierAuthor}},
		{"signatar", "Signatar", []actor.Role{actor.Signatory}},
		{"administrator", "Administrator", []actor.Role{actor.Admin}},
	}
	ksPosts = []post{
		{"leser", "Leser", []actor.Role{actor.KSReader}},
	}
)

// Identities lists the demonstration's identities: the lead buyer's first, then
// the other municipalities', the suppliers' and KS's. A subject is the role and
// the organisation, as in innkjopsleder.bodo.
func Identities() []Identity {
	lead := Lead()
	out := identitiesOf(leadPosts, lead.ID(), OrganisationName(lead), lead.Name)
	for _, m := range append(Participants(), Outside()) {
		out = append(out, identitiesOf(buyerPosts, m.ID(), OrganisationName(m), m.Name)...)
	}
	for i, s := range demo.Suppliers() {
		out = append(out, identitiesOf(supplierPosts, SupplierID(i), s.Name, firstWord(s.Name))...)
	}
	return append(out, identitiesOf(ksPosts, KS, "KS", "KS")...)
}

func identitiesOf(posts []post, org uuid.UUID, orgName, short string) []Identity {
	var out []Identity
	for _, p := range posts {
		subject := p.key + "." + strings.ReplaceAll(party.Fold(short), " ", "-")
		out = append(out, Identity{
			ID: idOf("identity", subject), Subject: subject, Name: p.title + " (demo) " + short,
			Email: subject + "@example.org", Org: org, OrgName: orgName, Roles: slices.Clone(p.roles),
		})
	}
	return out
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

type identityRow struct {
	ID      uuid.UUID `json:"id"`
	Issuer  string    `json:"issuer"`
	Subject string    `json:"subject"`
	Kind    string    `json:"kind"`
	Name    string    `json:"name"`
	Email   *string   `json:"email"`
}

type membershipRow struct {
	Identity uuid.UUID    `json:"identity_id"`
	Org      uuid.UUID    `json:"org_id"`
	Roles    []actor.Role `json:"roles"`
	Source   string       `json:"source"`
	Label    *string      `json:"label"`
	Vendor   *string      `json:"vendor"`
}

// The development issuer is an address with a port that may change from one
// start to the next; the identities follow it.
const identitiesSQL = `
INSERT INTO identities (id, issuer, subject, kind, name, email)
SELECT id, issuer, subject, kind, name, email
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, issuer text, subject text, kind text, name text, email text)
ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer WHERE identities.issuer <> excluded.issuer`

const membershipsSQL = `
INSERT INTO memberships (identity_id, org_id, roles, source, label, vendor)
SELECT identity_id, org_id, roles, source, label, vendor
FROM jsonb_to_recordset($1::jsonb) AS r(identity_id uuid, org_id uuid, roles text[], source text, label text, vendor text)
ON CONFLICT (identity_id, org_id) DO NOTHING`

// Demo puts the fictional suppliers and the identities of the demonstration
// into a development database, as its owner and after [Registers]. The issuer is
// the development one, whose tokens name the subjects. It returns unavailable
// (database.unreachable) when the database does not answer.
func Demo(ctx context.Context, ownerURL, issuer string) error {
	var suppliers []organisationRow
	for i, s := range demo.Suppliers() {
		suppliers = append(suppliers, organisationRow{
			ID: SupplierID(i), Kind: "supplier", Name: s.Name, LanguageForm: "nb", Invented: true,
		})
	}
	var identities []identityRow
	var memberships []membershipRow
	for _, i := range Identities() {
		identities = append(identities, identityRow{i.ID, issuer, i.Subject, "person", i.Name, &i.Email})
		memberships = append(memberships, membershipRow{Identity: i.ID, Org: i.Org, Roles: i.Roles, Source: "grant"})
	}
	for _, s := range Systems() {
		identities = append(identities, identityRow{ID: s.ID, Issuer: issuer, Subject: s.Subject(), Kind: "system", Name: "system"})
		row := membershipRow{Identity: s.ID, Org: s.Customer.ID(), Roles: s.Roles, Source: "client", Label: &s.Label}
		if s.Vendor != "" {
			row.Vendor = (*string)(&s.Vendor)
		}
		memberships = append(memberships, row)
	}
	return asOwner(ctx, ownerURL, []statement{
		{"suppliers", organisationsSQL, suppliers},
		{"identities", identitiesSQL, identities},
		{"memberships", membershipsSQL, memberships},
	})
}
