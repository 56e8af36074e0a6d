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
	op(s, app.SignedIn, huma.Operation{OperationID: "listOrganisations", Method: http.MethodGet, Path: "/organisations", Tags: []string{"organisations"},
		Summary: "Buyers of the register, of one digital network or all"}, s.listOrganisations)
}

// Organisation is a buyer of the register.
type Organisation struct {
	ID                 uuid.UUID `json:"id"`
	Kind               string    `json:"kind"`
	Name               string    `json:"name"`
	OrganisationNumber string    `json:"organisationNumber,omitempty"`
	MunicipalityNumber string    `json:"municipalityNumber,omitempty"`
	County             string    `json:"county,omitempty"`
	Population         int       `json:"population,omitempty"`
	LanguageForm       string    `json:"languageForm"`
	Networks           []string  `json:"networks"`
	Invented           bool      `json:"invented" doc:"does not exist outside of demonstrations"`
}

func organisationOf(o app.Organisation) Organisation {
	return Organisation{ID: o.ID, Kind: o.Kind, Name: o.Name, OrganisationNumber: o.OrgNumber, MunicipalityNumber: o.MunicipalityNo, County: o.County, Population: o.Population,
		LanguageForm: o.LanguageForm, Networks: list(o.Networks), Invented: o.Invented}
}

// buyers are the kinds of organisations that take part in procurements.
var buyers = []string{"municipality", "county_municipality", "joint_body"}

func (s *Server) listOrganisations(ctx context.Context, in *struct {
	Paged
	Kind    string `query:"kind" validate:"omitempty,oneof=municipality county_municipality joint_body"`
	Network string `query:"network" validate:"max=100"`
}) (*struct{ Body Page[Organisation] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	kinds := buyers
	if in.Kind != "" {
		kinds = []string{in.Kind}
	}
	read, err := s.App.Organisations(ctx, kinds, in.Network, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[Organisation] }{pageByID(read, in.limit(), func(o app.Organisation) uuid.UUID { return o.ID }, organisationOf)}, nil
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
