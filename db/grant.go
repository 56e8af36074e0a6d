package db

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Grant is what an operator lets a subject do for an organisation.
type Grant struct {
	// OrgNumber finds the organisation; OrgName and OrgKind make one that is not
	// known yet.
	OrgNumber, OrgName, OrgKind string
	Issuer, Subject             string
	// Kind is person or system.
	Kind        string
	Name, Email string
	Roles       []actor.Role
}

// operator is who acts in the audit log when an operator grants from the shell.
var operator = uuid.MustParse("00000000-0000-4000-8000-00000000ad31")

// Write keeps identity, membership and audit entry in one transaction, as the
// database's owner. Roles replace those that the subject had. It returns
// not_found (organisation.unknown) for a number that is not known when no name
// is given, and invalid (grant.incomplete, grant.role).
func (g Grant) Write(ctx context.Context, ownerURL string) error {
	if g.OrgNumber == "" || g.Issuer == "" || g.Subject == "" || g.Name == "" || len(g.Roles) == 0 || !slices.Contains([]string{"person", "system"}, g.Kind) {
		return fault.New(fault.Invalid, "grant.incomplete")
	}
	roles := make([]string, len(g.Roles))
	for i, r := range g.Roles {
		if !slices.Contains(actor.Roles(), r) {
			return fault.New(fault.Invalid, "grant.role", fault.Params{"role": string(r)})
		}
		roles[i] = string(r)
	}
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "database.unreachable", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the work is committed or rolled back by then
	return Fault(pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		org, err := g.organisation(ctx, tx)
		if err != nil {
			return err
		}
		var identity uuid.UUID
		err = tx.QueryRow(ctx, `INSERT INTO identities (id, issuer, subject, kind, name, email) VALUES ($1, $2, $3, $4, $5, nullif($6, ''))
			ON CONFLICT (issuer, subject) DO UPDATE SET name = excluded.name, email = coalesce(excluded.email, identities.email)
			RETURNING id`, uuid.Must(uuid.NewV7()), g.Issuer, g.Subject, g.Kind, g.Name, g.Email).Scan(&identity)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO memberships (identity_id, org_id, roles) VALUES ($1, $2, $3)
			ON CONFLICT (identity_id, org_id) DO UPDATE SET roles = excluded.roles, ended_at = NULL, granted_at = clock_timestamp()`, identity, org, roles); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO audit (actor_kind, actor_id, action, object_id, after)
			VALUES ('engine', $1, 'membership.granted', $2, jsonb_build_object('organisation', $3::uuid, 'roles', $4::text[]))`, operator, identity, org, roles)
		return err
	}))
}

func (g Grant) organisation(ctx context.Context, tx pgx.Tx) (uuid.UUID, error) {
	var id uuid.UUID
	err := tx.QueryRow(ctx, `SELECT id FROM organisations WHERE orgnr = $1 AND valid_to IS NULL`, g.OrgNumber).Scan(&id)
	if err = Fault(err); !fault.Is(err, fault.NotFound) {
		return id, err
	}
	if g.OrgName == "" || g.OrgKind == "" {
		return id, fault.New(fault.NotFound, "organisation.unknown", fault.Params{"number": g.OrgNumber})
	}
	id = uuid.Must(uuid.NewV7())
	_, err = tx.Exec(ctx, `INSERT INTO organisations (id, kind, name, orgnr) VALUES ($1, $2, $3, $4)`, id, g.OrgKind, g.OrgName, g.OrgNumber)
	return id, err
}
