package signin

import (
	"encoding/json"
	"slices"
	"testing"
)

// The answers are of the forms that Ansattporten documents and that are seen in
// use; the organisations are invented.
func TestRepresentedOrganisations(t *testing.T) {
	t.Parallel()
	i := LoginIssuer{Services: []string{"urn:altinn:resource:2480:40"}, Resources: []string{"fellesloft"}}
	one := Representation{OrgNumber: "310000000", Name: "En AS"}
	for name, c := range map[string]struct {
		details string
		want    []Representation
	}{
		"nothing": {``, nil},
		"no list": {`{"type":"ansattporten:altinn:resource"}`, nil},
		"a service": {`[{"type":"ansattporten:altinn:service","resource":"urn:altinn:resource:2480:40","resource_name":"x",
			"reportees":[{"Rights":["Read"],"Authority":"iso6523-actorid-upis","ID":"0192:310000000","Name":"En AS"}]}]`, []Representation{one}},
		"a resource": {`[{"type":"ansattporten:altinn:resource","resource":"fellesloft",
			"authorized_parties":[{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"},"resource":"fellesloft","name":"En AS","unit_type":"AS"}]}]`, []Representation{one}},
		"a resource named by the party": {`[{"type":"ansattporten:altinn:resource",
			"authorized_parties":[{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"},"resource":"fellesloft","name":"En AS"}]}]`, []Representation{one}},
		"each once": {`[{"type":"ansattporten:altinn:resource","resource":"fellesloft","authorized_parties":[
			{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"},"name":"En AS"},{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"},"name":"To AS"}]}]`, []Representation{one}},
		"what is not known beside what is": {`[7,{"type":"other"},{"type":"ansattporten:altinn:resource","resource":"fellesloft","authorized_parties":[null,{"orgno":"310000000"},
			{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"},"name":"En AS","subunits":[{}],"unit_type":{"x":1}}]}]`, []Representation{one}},
		"a right that was not asked for": {`[{"type":"ansattporten:altinn:resource","resource":"other","authorized_parties":[{"orgno":{"authority":"iso6523-actorid-upis","ID":"0192:310000000"}}]},
			{"type":"ansattporten:altinn:service","resource":"urn:altinn:resource:1:1","reportees":[{"Authority":"iso6523-actorid-upis","ID":"0192:310000000"}]}]`, nil},
		"a person": {`[{"type":"ansattporten:altinn:service","resource":"urn:altinn:resource:2480:40","reportees":[{"Authority":"no-pid","ID":"13097248022","Name":"x"}]}]`, nil},
		"a number that cannot be": {`[{"type":"ansattporten:altinn:service","resource":"urn:altinn:resource:2480:40",
			"reportees":[{"Authority":"iso6523-actorid-upis","ID":"0192:310000003"},{"Authority":"iso6523-actorid-upis","ID":"310000000"},{"Authority":"other","ID":"0192:310000000"}]}]`, nil},
	} {
		if got := i.represented(json.RawMessage(c.details)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
