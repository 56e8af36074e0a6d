package db

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Membership is what an identity may do for one organisation. Org is nil for an
// identity that represents nobody.
type Membership struct {
	IdentityID uuid.UUID  `db:"identity_id"`
	Kind       string     `db:"kind"`
	Name       string     `db:"name"`
	Email      *string    `db:"email"`
	OrgID      *uuid.UUID `db:"org_id"`
	OrgName    *string    `db:"org_name"`
	OrgNr      *string    `db:"orgnr"`
	OrgKind    *string    `db:"org_kind"`
	Roles      []string   `db:"roles"`
	// Source: grant, invitation, client or representation.
	Source *string `db:"source"`
	// Until ends a membership that rests on a national register.
	Until *time.Time `db:"until"`
	// Vendor is the organisation number of the maker of a supplier system that
	// acts for the organisation.
	Vendor *string `db:"vendor"`
}

// MembershipsOf lists what a signed-in subject may act for now; empty for one
// that is not known.
func MembershipsOf(ctx context.Context, q DBTX, issuer, subject string) ([]Membership, error) {
	return collect[Membership](ctx, q, `SELECT identity_id, kind, name, email, org_id, org_name, orgnr, org_kind, coalesce(roles, '{}') AS roles, source, until, vendor
		FROM memberships_of($1, $2)`, issuer, subject)
}

// Invitation is what one who holds its code may know.
type Invitation struct {
	OrgName   string    `db:"org_name"`
	Name      string    `db:"name"`
	Roles     []string  `db:"roles"`
	ExpiresAt time.Time `db:"expires_at"`
}

// ShowInvitation finds an open invitation by its code's hash; empty for none.
func ShowInvitation(ctx context.Context, q DBTX, hash []byte) ([]Invitation, error) {
	return collect[Invitation](ctx, q, `SELECT org_name, name, roles, expires_at FROM show_invitation($1)`, hash)
}

// Admission is that a person may act for an organisation from now on.
type Admission struct {
	Identity uuid.UUID `db:"identity"`
	Org      uuid.UUID `db:"org"`
	Given    []string  `db:"given"`
}

// AcceptInvitation makes the subject a member; empty for a code that is not
// open.
func AcceptInvitation(ctx context.Context, q DBTX, hash []byte, issuer, subject string) ([]Admission, error) {
	return collect[Admission](ctx, q, `SELECT identity, org, given FROM accept_invitation($1, $2, $3)`, hash, issuer, subject)
}

// Represented is an organisation that a national register says a person
// represents.
type Represented struct {
	Number string `json:"number"`
	Name   string `json:"name"`
}

// Representation is what became of one of them.
type Representation struct {
	Identity uuid.UUID `db:"identity"`
	Org      uuid.UUID `db:"org"`
	// OrgMade: it was not known until now. Given: the person did not act for it
	// until now.
	OrgMade bool `db:"org_made"`
	Given   bool `db:"given"`
}

// Represent makes the subject administrator of the organisations until then,
// and of no others on the ground of a register.
func Represent(ctx context.Context, q DBTX, issuer, subject, name string, orgs []Represented, until time.Time) ([]Representation, error) {
	if orgs == nil {
		orgs = []Represented{}
	}
	list, err := json.Marshal(orgs)
	if err != nil {
		return nil, err
	}
	return collect[Representation](ctx, q, `SELECT identity, org, org_made, given FROM represent($1, $2, $3, $4, $5)`, issuer, subject, name, list, until)
}

// AuditFilter narrows a search; a nil or zero field does not.
type AuditFilter struct {
	Case, Actor, Command *uuid.UUID
	// Action is one action, or its first words (tender finds tender.submitted).
	Action, Outcome, Request *string
	From, To                 *time.Time
	// Before is a place in the log: older entries only.
	Before int64
	UpTo   int
}

// AuditEntry is one line of the audit log as an organisation's auditor reads it.
// Of another organisation's deed only what and when is told.
type AuditEntry struct {
	Seq       int64           `db:"seq"`
	At        time.Time       `db:"at"`
	CaseAt    *time.Time      `db:"case_at"`
	Own       bool            `db:"own"`
	ActorKind *string         `db:"actor_kind"`
	ActorID   *uuid.UUID      `db:"actor_id"`
	ActorName *string         `db:"actor_name"`
	Action    string          `db:"action"`
	Outcome   string          `db:"outcome"`
	CaseID    *uuid.UUID      `db:"case_id"`
	ObjectID  *uuid.UUID      `db:"object_id"`
	Before    json.RawMessage `db:"before"`
	After     json.RawMessage `db:"after"`
	StateHash []byte          `db:"state_hash"`
	RequestID *string         `db:"request_id"`
	CommandID *uuid.UUID      `db:"command_id"`
}

// SearchAudit lists entries, newest first.
func SearchAudit(ctx context.Context, q DBTX, f AuditFilter) ([]AuditEntry, error) {
	return collect[AuditEntry](ctx, q, `SELECT seq, at, case_at, own, actor_kind, actor_id, actor_name, action, outcome, case_id, object_id, before, after, state_hash, request_id, command_id
		FROM audit_search($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, f.Case, f.Actor, f.Action, f.Outcome, f.From, f.To, f.Request, f.Command, f.Before, f.UpTo)
}

// PartyEntry is one line of a case's timeline as a party may know it. Who is
// empty for what time, or another organisation, did.
type PartyEntry struct {
	Seq      int64           `db:"seq"`
	At       time.Time       `db:"at"`
	Action   string          `db:"action"`
	ObjectID *uuid.UUID      `db:"object_id"`
	Own      bool            `db:"own"`
	Who      string          `db:"who"`
	Params   json.RawMessage `db:"params"`
}

// PartyTimeline lists what happened in a case behind a place, oldest first;
// empty for one who is no party.
func PartyTimeline(ctx context.Context, q DBTX, of uuid.UUID, after int64, upTo int) ([]PartyEntry, error) {
	return collect[PartyEntry](ctx, q, `SELECT seq, at, action, object_id, own, who, params FROM party_timeline($1, $2, $3)`, of, after, upTo)
}

// Progress is how far one joint procurement has come.
type Progress struct {
	ID             uuid.UUID       `db:"id"`
	Title          string          `db:"title"`
	Phase          string          `db:"phase"`
	LeadName       string          `db:"lead_name"`
	PublishedAt    *time.Time      `db:"published_at"`
	TenderDeadline *time.Time      `db:"tender_deadline"`
	Participants   json.RawMessage `db:"participants"`
}

// ListProgress lists the real procurements that are under way or ended, by id;
// empty for all but the municipalities' association.
func ListProgress(ctx context.Context, q DBTX, after uuid.UUID, upTo int) ([]Progress, error) {
	return collect[Progress](ctx, q, `SELECT id, title, phase, lead_name, published_at, tender_deadline, participants FROM progress($1, $2)`, after, upTo)
}

func collect[T any](ctx context.Context, q DBTX, sql string, args ...any) ([]T, error) {
	rows, err := q.Query(ctx, sql, args...)
	if err != nil {
		return nil, Fault(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowToStructByName[T])
	return out, Fault(err)
}
