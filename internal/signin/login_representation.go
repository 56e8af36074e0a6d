package signin

import (
	"encoding/json"
	"iter"
	"slices"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// The types of Ansattporten's rich authorization requests (RFC 9396).
const (
	serviceType  = "ansattporten:altinn:service"
	resourceType = "ansattporten:altinn:resource"
	// orgAuthority is the register that organisation numbers are of.
	orgAuthority = "iso6523-actorid-upis"
)

// authorizationDetails asks whom the person represents: a list in JSON, "" where
// the settings name nothing to ask for. That a right is needed is not said, so
// one who has none is let in, and represents nobody.
func (i LoginIssuer) authorizationDetails() string {
	type wanted struct {
		Type     string `json:"type"`
		Resource string `json:"resource"`
	}
	var all []wanted
	for _, s := range i.Services {
		all = append(all, wanted{serviceType, s})
	}
	for _, r := range i.Resources {
		all = append(all, wanted{resourceType, r})
	}
	if len(all) == 0 {
		return ""
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "" // two strings each always encode
	}
	return string(text)
}

// detail is one entry of the answer: what was asked for, and for whom the person
// has it. The two types name organisations in different ways.
type detail struct {
	Type      string            `json:"type"`
	Resource  string            `json:"resource"`
	Reportees []json.RawMessage `json:"reportees"`
	Parties   []json.RawMessage `json:"authorized_parties"`
}

type organisationID struct {
	Authority string `json:"authority"`
	ID        string `json:"ID"`
}

type reportee struct {
	organisationID
	Name string `json:"Name"`
}

type authorizedParty struct {
	OrgNo    organisationID `json:"orgno"`
	Resource string         `json:"resource"`
	Name     string         `json:"name"`
}

// represented reads the answer. What it does not know, it leaves out: an entry
// of another form, a right that was not asked for, a party that is no
// organisation. Each organisation stands once.
func (i LoginIssuer) represented(details json.RawMessage) []Representation {
	var out []Representation
	add := func(id organisationID, name string) {
		number, err := party.ParseActorID(id.ID)
		known := slices.ContainsFunc(out, func(r Representation) bool { return r.OrgNumber == number.String() })
		if err == nil && id.Authority == orgAuthority && !known {
			out = append(out, Representation{OrgNumber: number.String(), Name: nameOf(idClaims{Name: name})})
		}
	}
	for d := range readable[detail](listOf(details)) {
		switch d.Type {
		case serviceType:
			for r := range readable[reportee](d.Reportees) {
				if slices.Contains(i.Services, d.Resource) {
					add(r.organisationID, r.Name)
				}
			}
		case resourceType:
			for p := range readable[authorizedParty](d.Parties) {
				if slices.Contains(i.Resources, d.Resource) || slices.Contains(i.Resources, p.Resource) {
					add(p.OrgNo, p.Name)
				}
			}
		}
	}
	return out
}

func listOf(raw json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// readable gives the entries of a list that have the form of T.
func readable[T any](list []json.RawMessage) iter.Seq[T] {
	return func(yield func(T) bool) {
		for _, raw := range list {
			var v T
			if json.Unmarshal(raw, &v) == nil && !yield(v) {
				return
			}
		}
	}
}
