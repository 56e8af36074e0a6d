package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Permission names what an operation needs. Every operation of the API has
// exactly one; a test refuses a route without.
type Permission string

// The permissions.
const (
	Public              Permission = "public"              // no sign-in
	SignedIn            Permission = "signed-in"           // any identity with an organisation
	ProcurementRead     Permission = "procurement.read"    // lead buyer's and participants' people
	ProcurementCreate   Permission = "procurement.create"  // plan a joint procurement
	ProcurementPlan     Permission = "procurement.plan"    // change the plan, team, documents, requirements, confirmations
	ProcurementSteer    Permission = "procurement.steer"   // launch, publish, extend, award, cancel, suspend, resume
	MandateGive         Permission = "mandate.give"        // a municipality's own decision
	ClarificationAnswer Permission = "clarification.give"  // answer questions to all
	InterestRegister    Permission = "interest.register"   // a supplier
	TenderWrite         Permission = "tender.write"        // a supplier's draft
	TenderSubmit        Permission = "tender.submit"       // a supplier's signatory
	TenderRead          Permission = "tender.read"         // own tender
	QuestionAsk         Permission = "question.ask"        // a supplier
	OpeningApprove      Permission = "opening.approve"     // a named opener
	TenderEvaluate      Permission = "tender.evaluate"     // a named evaluator, after opening
	TendersRead         Permission = "tenders.read"        // opened tenders: lead buyer and team
	TenderReject        Permission = "tender.reject"       // lead buyer
	DocumentationRecord Permission = "documentation.write" // lead buyer
	ContractRecord      Permission = "contract.record"     // lead buyer's contract owner
	CallOffMake         Permission = "call-off.make"       // a municipality's contract owner
	CallOffRead         Permission = "call-off.read"
	SandboxOwn          Permission = "sandbox.own"
)

// Permissions lists every permission.
func Permissions() []Permission {
	out := make([]Permission, 0, len(grants))
	for p := range grants {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// relation says how the actor's organisation must stand to the case.
type relation int

const (
	anyOrganisation relation = iota
	leadBuyer
	participant
	leadOrParticipant
	supplier
)

// grant says who holds a permission: one of the organisation's roles (none
// listed: any), the relation to the case, and, where team is set, a role in the
// case's team instead of the relation.
type grant struct {
	roles    []actor.Role
	relation relation
	team     []string
}

var grants = map[Permission]grant{
	Public:              {},
	SignedIn:            {},
	ProcurementRead:     {relation: leadOrParticipant},
	ProcurementCreate:   {roles: []actor.Role{actor.ProcurementLead}},
	ProcurementPlan:     {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer},
	ProcurementSteer:    {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer},
	MandateGive:         {roles: []actor.Role{actor.MandateGiver}, relation: participant},
	ClarificationAnswer: {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer},
	InterestRegister:    {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier},
	TenderWrite:         {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier},
	TenderSubmit:        {roles: []actor.Role{actor.Signatory}, relation: supplier},
	TenderRead:          {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier},
	QuestionAsk:         {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier},
	OpeningApprove:      {team: []string{"opener"}},
	TenderEvaluate:      {team: []string{"evaluator"}},
	TendersRead:         {team: []string{"lead", "opener", "evaluator", "chair"}},
	TenderReject:        {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer},
	DocumentationRecord: {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer},
	ContractRecord:      {roles: []actor.Role{actor.ContractOwner, actor.ProcurementLead}, relation: leadBuyer},
	CallOffMake:         {roles: []actor.Role{actor.ContractOwner}},
	CallOffRead:         {relation: leadOrParticipant},
	SandboxOwn:          {roles: []actor.Role{actor.ProcurementLead}},
}

// mayAtAll judges what can be judged without a case: signed in, and one of the
// roles. It returns unauthenticated or denied.
func mayAtAll(a actor.Actor, p Permission) error {
	g, known := grants[p]
	if !known {
		return fault.New(fault.Internal, "permission.unknown")
	}
	if p == Public {
		return nil
	}
	if a.Kind == actor.Anonymous {
		return fault.New(fault.Unauthenticated, "sign-in.needed")
	}
	if a.Org == uuid.Nil {
		return fault.New(fault.Denied, "permission.no-organisation")
	}
	if len(g.roles) > 0 && !a.Has(g.roles...) {
		return fault.New(fault.Denied, "permission.role", fault.Params{"permission": string(p)})
	}
	return nil
}

// mayInCase judges the relation to one procurement. Whoever may not see the
// case has got not_found from loading it.
func mayInCase(ctx context.Context, tx db.DBTX, a actor.Actor, p Permission, c procurement.Procurement) error {
	if err := mayAtAll(a, p); err != nil {
		return err
	}
	g := grants[p]
	denied := fault.New(fault.Denied, "permission.relation", fault.Params{"permission": string(p)})
	if len(g.team) > 0 {
		roles, err := sqlcgen.New().TeamRoles(ctx, tx, sqlcgen.TeamRolesParams{ProcurementID: c.ID, IdentityID: a.ID})
		if err != nil {
			return db.Fault(err)
		}
		if !slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(g.team, r) }) {
			return denied
		}
		return nil
	}
	isLead := c.Lead == a.Org
	switch g.relation {
	case leadBuyer:
		if !isLead {
			return denied
		}
	case participant, leadOrParticipant:
		if g.relation == leadOrParticipant && isLead {
			return nil
		}
		if _, err := sqlcgen.New().Participant(ctx, tx, sqlcgen.ParticipantParams{ProcurementID: c.ID, OrgID: a.Org}); err != nil {
			if fault.Is(db.Fault(err), fault.NotFound) {
				return denied
			}
			return db.Fault(err)
		}
	}
	return nil
}
