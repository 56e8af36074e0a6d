package altinn

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"

	"github.com/fellesloft/fellesloft/internal/signin"
)

// Attribute ids of XACML 3.0 and of Altinn.
const (
	systemUserAttribute   = "urn:altinn:systemuser:uuid"
	actionAttribute       = "urn:oasis:names:tc:xacml:1.0:action:action-id"
	resourceAttribute     = "urn:altinn:resource"
	organisationAttribute = "urn:altinn:organization:identifier-no"
	stringType            = "http://www.w3.org/2001/XMLSchema#string"
)

// decisionRequest is a request of the JSON profile of XACML 3.0.
type decisionRequest struct {
	Request struct {
		ReturnPolicyIDList bool       `json:"ReturnPolicyIdList"`
		AccessSubject      []category `json:"AccessSubject"`
		Action             []category `json:"Action"`
		Resource           []category `json:"Resource"`
	} `json:"Request"`
}

type category struct {
	Attribute []attribute `json:"Attribute"`
}

type attribute struct {
	ID       string `json:"AttributeId"`
	Value    string `json:"Value"`
	DataType string `json:"DataType"`
}

func of(pairs ...string) []category {
	var c category
	for pair := range slices.Chunk(pairs, 2) {
		c.Attribute = append(c.Attribute, attribute{pair[0], pair[1], stringType})
	}
	return []category{c}
}

// question asks one thing: may the system user act on the deployment's resource
// for the customer?
func question(u signin.SystemUser, resource string) decisionRequest {
	var d decisionRequest
	d.Request.AccessSubject = of(systemUserAttribute, u.ID.String())
	d.Request.Action = of(actionAttribute, u.Action)
	d.Request.Resource = of(resourceAttribute, resource, organisationAttribute, u.Organisation.String())
	return d
}

// decisionResponse is the answer; names are read in any case, since Altinn's
// documentation writes them in two.
type decisionResponse struct {
	Response []struct {
		Decision    string
		Obligations []obligation
	}
}

type obligation struct {
	ID                  string
	AttributeAssignment []struct {
		Category, Value string
	}
}

// systemLevel is the authentication level that Altinn gives a token exchanged for
// Maskinporten's.
const systemLevel = 3

// levelObligations ask for a least level of authentication, of anybody and of
// organisations.
func levelObligations() []string {
	return []string{"urn:altinn:minimum-authenticationlevel", "urn:altinn:minimum-authenticationlevel-org"}
}

// permitted reads an answer: one result, and nothing but Permit is a yes. A permit
// with an obligation that cannot be met here is a no (XACML 3.0 section 7.2.1).
func permitted(answer []byte) (bool, error) {
	var d decisionResponse
	if err := json.Unmarshal(answer, &d); err != nil {
		return false, err
	}
	if len(d.Response) != 1 {
		return false, errors.New("the authorisation register gave not one decision")
	}
	one := d.Response[0]
	switch one.Decision {
	case "Permit":
		return !slices.ContainsFunc(one.Obligations, func(o obligation) bool { return !o.met() }), nil
	case "Deny", "NotApplicable", "Indeterminate":
		return false, nil
	}
	return false, errors.New("the authorisation register gave an unknown decision")
}

func (o obligation) met() bool {
	for _, a := range o.AttributeAssignment {
		least, err := strconv.Atoi(a.Value)
		if !slices.Contains(levelObligations(), a.Category) || err != nil || least > systemLevel {
			return false
		}
	}
	return len(o.AttributeAssignment) > 0
}
