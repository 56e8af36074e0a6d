package signin

import (
	"errors"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/party"
)

// claims is what is read of a token, and nothing more. The client's id is not
// among them: an organisation has many, and makes new ones when it likes.
type claims struct {
	issuer, subject string
	expires         time.Time
	// scopes are the token's scopes of this deployment, without the prefix.
	scopes []string
	// consumer is the organisation that fetched the token, "" where the token
	// names none.
	consumer party.OrgNumber
	// systemUser is set where the token is a supplier system's that acts for a
	// customer; its action is open.
	systemUser *SystemUser
}

// rawClaims are the token's own. Maskinporten's tokens have a consumer and no
// subject; a person's have a subject. Where a consumer acts through a supplier
// (supplier, delegation_source), it is the consumer that acts.
type rawClaims struct {
	Subject   *string         `json:"sub"`
	Scope     json.RawMessage `json:"scope"`
	Consumer  json.RawMessage `json:"consumer"`
	Details   json.RawMessage `json:"authorization_details"`
	TokenType *string         `json:"token_type"`
	Type      *string         `json:"typ"`
	// What only ID tokens (nonce and the hashes) and logout tokens (events) have.
	Nonce  json.RawMessage `json:"nonce"`
	AtHash json.RawMessage `json:"at_hash"`
	CHash  json.RawMessage `json:"c_hash"`
	SHash  json.RawMessage `json:"s_hash"`
	Events json.RawMessage `json:"events"`
}

// Prefixes of subjects that this package makes itself. No issuer's own subject
// may look like one, or it could sign in as a system.
const (
	organisationPrefix = "0192:"
	systemUserPrefix   = "systemuser:"
)

const actorAuthority = "iso6523-actorid-upis"

func claimsOf(payload []byte, prefix string) (claims, error) {
	var raw rawClaims
	if err := json.Unmarshal(payload, &raw); err != nil {
		return claims{}, err
	}
	if err := raw.isAccessToken(); err != nil {
		return claims{}, err
	}
	var out claims
	if err := raw.readScopes(&out, prefix); err != nil {
		return claims{}, err
	}
	if raw.Subject != nil {
		out.subject = *raw.Subject
		if strings.HasPrefix(out.subject, organisationPrefix) || strings.HasPrefix(out.subject, systemUserPrefix) {
			return claims{}, errors.New("the subject looks like a system's")
		}
	}
	if err := raw.readOrganisations(&out); err != nil {
		return claims{}, err
	}
	if out.subject == "" {
		return claims{}, errors.New("nobody is named")
	}
	return out, nil
}

func (r rawClaims) isAccessToken() error {
	for _, only := range []json.RawMessage{r.Nonce, r.AtHash, r.CHash, r.SHash, r.Events} {
		if only != nil {
			return errors.New("an ID token or a logout token")
		}
	}
	for _, kind := range []*string{r.TokenType, r.Type} {
		if kind != nil && !strings.EqualFold(*kind, "Bearer") {
			return errors.New("not a bearer token")
		}
	}
	return nil
}

func (r rawClaims) readScopes(into *claims, prefix string) error {
	if r.Scope == nil {
		return nil
	}
	var text *string
	if err := json.Unmarshal(r.Scope, &text); err != nil || text == nil {
		return errors.New("the scope is no text")
	}
	var ok bool
	if into.scopes, ok = scopesOf(*text, prefix); !ok {
		return errors.New("the scope is malformed")
	}
	return nil
}

// readOrganisations reads whom the token is for. A system user's subject is the
// system user; an organisation's own system's is the organisation, where the
// token has no subject.
func (r rawClaims) readOrganisations(into *claims) error {
	if r.Consumer != nil {
		var err error
		if into.consumer, err = organisation(r.Consumer); err != nil {
			return err
		}
	}
	if r.Details != nil {
		var err error
		if into.systemUser, err = systemUserIn(r.Details); err != nil {
			return err
		}
	}
	switch {
	case into.systemUser != nil && into.consumer == "":
		return errors.New("a system user without a consumer")
	case into.systemUser != nil:
		into.subject = systemUserPrefix + into.systemUser.ID.String()
	case into.subject == "":
		into.subject = into.consumer.ActorID()
	}
	return nil
}

// organisation reads an identifier of ISO 6523 for Norwegian organisations. The
// national documentation writes the identifier's name as ID and as id; a token
// has one of them.
func organisation(text json.RawMessage) (party.OrgNumber, error) {
	var o struct {
		Authority string  `json:"authority"`
		Upper     *string `json:"ID"`
		Lower     *string `json:"id"`
	}
	if err := json.Unmarshal(text, &o); err != nil {
		return "", err
	}
	if o.Authority != actorAuthority || (o.Upper == nil) == (o.Lower == nil) {
		return "", errors.New("no organisation of ISO 6523")
	}
	id := o.Upper
	if id == nil {
		id = o.Lower
	}
	number, err := party.ParseActorID(*id)
	if err != nil {
		return "", err
	}
	if number.ActorID() != *id {
		return "", errors.New("the organisation number is not written plainly")
	}
	return number, nil
}

// systemUserType marks an authorisation detail (RFC 9396) as Altinn's of a system
// user. Details of other types say nothing here.
const systemUserType = "urn:altinn:systemuser"

func systemUserIn(text json.RawMessage) (*SystemUser, error) {
	var details []struct {
		Type         *string         `json:"type"`
		Organisation json.RawMessage `json:"systemuser_org"`
		IDs          json.RawMessage `json:"systemuser_id"`
	}
	if err := json.Unmarshal(text, &details); err != nil {
		return nil, err
	}
	if details == nil {
		return nil, errors.New("authorisation details of null")
	}
	var out *SystemUser
	for _, d := range details {
		switch {
		case d.Type == nil:
			return nil, errors.New("an authorisation detail without a type")
		case *d.Type != systemUserType:
			continue
		case out != nil:
			return nil, errors.New("two system users")
		}
		of, err := organisation(d.Organisation)
		if err != nil {
			return nil, err
		}
		id, err := oneID(d.IDs)
		if err != nil {
			return nil, err
		}
		out = &SystemUser{ID: id, Organisation: of}
	}
	return out, nil
}

// oneID reads a list of one id. A customer may have made several system users
// for one system; the register answers about one.
func oneID(text json.RawMessage) (uuid.UUID, error) {
	var ids []string
	if err := json.Unmarshal(text, &ids); err != nil {
		return uuid.Nil, err
	}
	if len(ids) != 1 {
		return uuid.Nil, errors.New("not one system user")
	}
	id, err := uuid.Parse(ids[0])
	if err != nil || id == uuid.Nil || !strings.EqualFold(id.String(), ids[0]) {
		return uuid.Nil, errors.New("the system user's id is malformed")
	}
	return id, nil
}
