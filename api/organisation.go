package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// Municipality is a municipality of the register that the program carries.
type Municipality struct {
	ID                 uuid.UUID `json:"id" doc:"its id as an organisation, the same in every deployment"`
	Number             string    `json:"number" doc:"kommunenummer of 2024"`
	Name               string    `json:"name"`
	OfficialName       string    `json:"officialName" doc:"in all its languages"`
	OrganisationNumber string    `json:"organisationNumber,omitempty"`
	CountyNumber       string    `json:"countyNumber"`
	County             string    `json:"county"`
	Network            string    `json:"network,omitempty" doc:"digital network by county"`
	Population         int       `json:"population"`
	LanguageForm       string    `json:"languageForm"`
}

func municipalityOf(m party.Municipality) Municipality {
	return Municipality{ID: m.ID(), Number: m.Number, Name: m.Name, OfficialName: m.OfficialName, OrganisationNumber: string(m.OrgNumber),
		CountyNumber: m.CountyNumber, County: m.County, Network: m.Network, Population: m.Population, LanguageForm: string(m.LanguageForm)}
}

func (s *Server) registerOrganisations() {
	op(s, app.Public, huma.Operation{OperationID: "listMunicipalities", Method: http.MethodGet, Path: "/municipalities", Tags: []string{"organisations"},
		Summary: "Municipalities, by name, former name, number, county or network"}, s.listMunicipalities)
}

func (s *Server) listMunicipalities(_ context.Context, in *struct {
	Paged
	Search  string `query:"q" validate:"max=100" doc:"a name or a number, also a former one"`
	County  string `query:"county" validate:"omitempty,len=2" doc:"the county's number"`
	Network string `query:"network" validate:"max=100"`
}) (*struct{ Body Page[Municipality] }, error) {
	found := party.Municipalities()
	if in.Search != "" {
		found = party.Search(in.Search)
	}
	slices.SortFunc(found, func(a, b party.Municipality) int { return cmp.Compare(a.Number, b.Number) })
	var lines []party.Municipality
	for _, m := range found {
		if (in.County == "" || m.CountyNumber == in.County) && (in.Network == "" || m.Network == in.Network) && m.Number > in.After {
			lines = append(lines, m)
		}
	}
	out := Page[Municipality]{Items: []Municipality{}}
	for i, m := range lines {
		if i == in.limit() {
			out.Next = lines[i-1].Number
			break
		}
		out.Items = append(out.Items, municipalityOf(m))
	}
	return &struct{ Body Page[Municipality] }{out}, nil
}
