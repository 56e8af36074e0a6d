package db

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// constraints names the rule that each constraint keeps, where a client can run
// into it. A constraint that is not listed is the program's own failure.
var constraints = map[string]struct {
	kind fault.Kind
	rule string
}{
	"organisations_orgnr":                                       {fault.Conflict, "organisation.number-taken"},
	"space_clock_forward":                                       {fault.Invalid, "sandbox.clock-back"},
	"requirement_set_locked":                                    {fault.Conflict, "requirement-set.locked"},
	"tenders_procurement_id_supplier_org_key":                   {fault.Conflict, "tender.exists"},
	"one_standing_submission":                                   {fault.Conflict, "tender.submitted-meanwhile"},
	"submissions_pkey":                                          {fault.Conflict, "tender.submitted-meanwhile"},
	"opening_approvals_pkey":                                    {fault.Conflict, "opening.same-person-twice"},
	"participants_pkey":                                         {fault.Conflict, "participant.exists"},
	"participants_org_id_fkey":                                  {fault.Invalid, "organisation.unknown"},
	"case_team_identity_id_fkey":                                {fault.Invalid, "team.unknown-person"},
	"rejections_pkey":                                           {fault.Conflict, "tender.rejected-already"},
	"documentation_tender_id_heading_key":                       {fault.Conflict, "documentation.exists"},
	"idempotency_pkey":                                          {fault.Conflict, "idempotency.in-progress"},
	"call_offs_procurement_id_org_id_fkey":                      {fault.Conflict, "call-off.not-named"},
	"procurement_documents_procurement_id_set_version_name_key": {fault.Conflict, "document.name-taken"},
	"membership_roles_fit":                                      {fault.Invalid, "member.role-does-not-fit"},
	"membership_admin_is_person":                                {fault.Invalid, "member.role-does-not-fit"},
	"membership_last_admin":                                     {fault.Conflict, "member.last-administrator"},
	"client_subject":                                            {fault.Conflict, "client.organisation-number-unknown"},
	"client_registered":                                         {fault.Conflict, "client.registered"},
	"library_code":                                              {fault.Conflict, "library.code-taken"},
	"consortium_member_moves":                                   {fault.Conflict, "consortium.meanwhile"},
	"consortium_member_bound":                                   {fault.Conflict, "consortium.bound"},
	"submission_names_members":                                  {fault.Conflict, "consortium.meanwhile"},
	"tender_leader_hands_in":                                    {fault.Denied, "consortium.leader-hands-in"},
	"clarifications_procurement_id_n_key":                       {fault.Conflict, "clarification.meanwhile"},
}

// Fault maps a database error to a fault; a fault passes through, and nil stays
// nil. Serialisation failures, lock time-outs and lost connections are
// unavailable: nothing was changed and the caller may try again.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.Wrap(fault.NotFound, "not-found", err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return fault.Wrap(fault.Unavailable, "database.timeout", err)
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if pgconn.SafeToRetry(err) || isConnect(err) {
			return fault.Wrap(fault.Unavailable, "database.unreachable", err)
		}
		return fault.Wrap(fault.Internal, "database.failed", err)
	}
	if c, ok := constraints[pg.ConstraintName]; ok {
		return fault.Wrap(c.kind, c.rule, err)
	}
	switch {
	case pg.Code == "40001" || pg.Code == "40P01": // serialisation failure, deadlock
		return fault.Wrap(fault.Unavailable, "database.busy", err)
	case pg.Code == "55P03" || pg.Code == "57014": // lock not available, statement cancelled
		return fault.Wrap(fault.Unavailable, "database.busy", err)
	case pg.Code[:2] == "08" || pg.Code[:2] == "53" || pg.Code == "57P01" || pg.Code == "57P02" || pg.Code == "57P03":
		return fault.Wrap(fault.Unavailable, "database.unreachable", err)
	case pg.Code == "42501" && strings.Contains(pg.Message, "row-level security"): // not the caller's
		return fault.Wrap(fault.NotFound, "not-found", err)
	}
	return fault.Wrap(fault.Internal, "database.failed", err)
}

func isConnect(err error) bool {
	var connect *pgconn.ConnectError
	return errors.As(err, &connect)
}
