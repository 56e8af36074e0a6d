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
	Public              Permission = "public"               // no sign-in
	Identified          Permission = "identified"           // any identity, also one that represents nobody
	SignedIn            Permission = "signed-in"            // any identity with an organisation
	MembersAdminister   Permission = "members.administer"   // the organisation's own administrator
	AuditSearch         Permission = "audit.search"         // the organisation's own auditor
	ProgressRead        Permission = "progress.read"        // KS, across municipalities
	TimelineRead        Permission = "timeline.read"        // every party of a case, its own
	RequirementsWrite   Permission = "requirements.write"   // lead buyer, and authors that it has named
	InputGive           Permission = "input.give"           // a participant's people, in an input round
	LibraryRead         Permission = "library.read"         // reusable requirements
	LibraryWrite        Permission = "library.write"        // the own organisation's
	ProcurementRead     Permission = "procurement.read"     // lead buyer's and participants' people
	ProcurementCreate   Permission = "procurement.create"   // plan a joint procurement
	ProcurementPlan     Permission = "procurement.plan"     // change the plan, team, documents, confirmations
	ProcurementSteer    Permission = "procurement.steer"    // launch, publish, extend, award, cancel, suspend, resume
	MandateGive         Permission = "mandate.give"         // a municipality's own decision
	ClarificationAnswer Permission = "clarification.give"   // answer questions to all
	InterestRegister    Permission = "interest.register"    // a supplier
	TenderWrite         Permission = "tender.write"         // a supplier's draft
	TenderSubmit        Permission = "tender.submit"        // a supplier's signatory
	TenderRead          Permission = "tender.read"          // own tender
	TenderReview        Permission = "tender.review"        // judge and assign the own tender's answers
	ConsortiumDecide    Permission = "consortium.decide"    // a supplier's signatory: who is in a tender
	QuestionAsk         Permission = "question.ask"         // a supplier
	StoredAnswersRead   Permission = "stored-answers.read"  // a supplier's own library
	StoredAnswersWrite  Permission = "stored-answers.write" // a supplier's own library
	OpeningApprove      Permission = "opening.approve"      // a named opener
	TenderEvaluate      Permission = "tender.evaluate"      // a named evaluator, after opening
	TendersRead         Permission = "tenders.read"         // opened tenders: lead buyer and team
	TenderReject        Permission = "tender.reject"        // lead buyer
	DocumentationRecord Permission = "documentation.write"  // lead buyer
	ContractRecord      Permission = "contract.record"      // lead buyer's contract owner
	CallOffMake         Permission = "call-off.make"        // a municipality's contract owner
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

// Scopes of access tokens, without the deployment's prefix. A permission whose
// grant names none is open to a token with any of them.
const (
	tenderRead  = "anbud.read"
	tenderWrite = "anbud.write"
)

// grant says who holds a permission: one of the organisation's roles (none
// listed: any) in the relation to the case, or a role in the case's team. Where
// nothing but a team is named, only the team holds it.
type grant struct {
	roles    []actor.Role
	relation relation
	team     []string
	// scope is what an access token needs besides.
	scope string
	// person: never a system. What the law asks a person to do is not done by a
	// machine, and no system lets anybody in.
	person bool
}

var grants = map[Permission]grant{
	Public:            {},
	Identified:        {},
	SignedIn:          {},
	MembersAdminister: {roles: []actor.Role{actor.Admin}, person: true},
	AuditSearch:       {roles: []actor.Role{actor.Auditor}},
	ProgressRead:      {roles: []actor.Role{actor.KSReader}, scope: tenderRead},
	TimelineRead:      {scope: tenderRead},
	ProcurementRead:   {relation: leadOrParticipant, scope: tenderRead},
	ProcurementCreate: {roles: []actor.Role{actor.ProcurementLead}, scope: tenderWrite},
	ProcurementPlan:   {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	ProcurementSteer:  {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	RequirementsWrite: {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, team: []string{"author"}, scope: tenderWrite},
	// Comments come from those who know the service and those who buy for it:
	// whoever decides about the mandate needs neither.
	InputGive:           {roles: []actor.Role{actor.ProcurementLead, actor.CaseWorker}, relation: participant, team: []string{"author"}, scope: tenderWrite},
	LibraryRead:         {scope: tenderRead},
	LibraryWrite:        {roles: []actor.Role{actor.ProcurementLead}, scope: tenderWrite},
	MandateGive:         {roles: []actor.Role{actor.MandateGiver}, relation: participant, scope: tenderWrite},
	ClarificationAnswer: {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	InterestRegister:    {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier, scope: tenderWrite},
	TenderWrite:         {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier, scope: tenderWrite},
	TenderSubmit:        {roles: []actor.Role{actor.Signatory}, relation: supplier, scope: tenderWrite},
	ConsortiumDecide:    {roles: []actor.Role{actor.Signatory}, relation: supplier, scope: tenderWrite},
	TenderRead:          {roles: []actor.Role{actor.SupplierAuthor, actor.SupplierReader, actor.Signatory}, relation: supplier, scope: tenderRead},
	TenderReview:        {roles: []actor.Role{actor.SupplierAuthor, actor.SupplierReader, actor.Signatory}, relation: supplier, scope: tenderWrite},
	QuestionAsk:         {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, relation: supplier, scope: tenderWrite},
	StoredAnswersRead:   {roles: []actor.Role{actor.SupplierAuthor, actor.SupplierReader, actor.Signatory}, scope: tenderRead},
	StoredAnswersWrite:  {roles: []actor.Role{actor.SupplierAuthor, actor.Signatory}, scope: tenderWrite},
	OpeningApprove:      {team: []string{"opener"}, scope: tenderWrite, person: true},
	TenderEvaluate:      {team: []string{"evaluator"}, scope: tenderWrite, person: true},
	TendersRead:         {team: []string{"lead", "opener", "evaluator", "chair"}, scope: tenderRead},
	TenderReject:        {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	DocumentationRecord: {roles: []actor.Role{actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	ContractRecord:      {roles: []actor.Role{actor.ContractOwner, actor.ProcurementLead}, relation: leadBuyer, scope: tenderWrite},
	CallOffMake:         {roles: []actor.Role{actor.ContractOwner}, scope: tenderWrite},
	CallOffRead:         {relation: leadOrParticipant, scope: tenderRead},
	SandboxOwn:          {roles: []actor.Role{actor.ProcurementLead}, scope: tenderWrite},
}

// mayAtAll judges what can be judged without a case: signed in, the token's
// scope, and one of the roles. It returns unauthenticated or denied.
func mayAtAll(a actor.Actor, p Permission) error {
	g, known := grants[p]
	if !known {
		return fault.New(fault.Internal, "permission.unknown")
	}
	switch {
	case p == Public:
		return nil
	case a.Kind == actor.Anonymous:
		return fault.New(fault.Unauthenticated, "sign-in.needed")
	case a.Scoped && len(a.Scopes) == 0, a.Scoped && g.scope != "" && !slices.Contains(a.Scopes, g.scope):
		return fault.New(fault.Denied, "permission.scope", fault.Params{"scope": g.scope})
	case p == Identified:
		return nil
	case a.Org == uuid.Nil:
		return fault.New(fault.Denied, "permission.no-organisation")
	case g.person && a.Kind != actor.Person:
		return fault.New(fault.Denied, "permission.person", fault.Params{"permission": string(p)})
	case len(g.roles) > 0 && len(g.team) == 0 && !a.Has(g.roles...):
		return lacksRole(p)
	}
	return nil
}

func lacksRole(p Permission) error {
	return fault.New(fault.Denied, "permission.role", fault.Params{"permission": string(p)})
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
		switch {
		case err != nil:
			return db.Fault(err)
		case slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(g.team, r) }):
			return nil
		case len(g.roles) == 0:
			return denied
		case !a.Has(g.roles...):
			return lacksRole(p)
		}
	}
	met, err := g.relation.met(c.Lead == a.Org, func() (bool, error) {
		_, err := sqlcgen.New().Participant(ctx, tx, sqlcgen.ParticipantParams{ProcurementID: c.ID, OrgID: a.Org})
		if err = db.Fault(err); fault.Is(err, fault.NotFound) {
			return false, nil
		}
		return err == nil, err
	})
	if err == nil && !met {
		return denied
	}
	return err
}

// met judges how the actor's organisation stands to a case. takesPart is asked
// only where it decides.
func (r relation) met(leads bool, takesPart func() (bool, error)) (bool, error) {
	switch r {
	case leadBuyer:
		return leads, nil
	case leadOrParticipant:
		if leads {
			return true, nil
		}
		return takesPart()
	case participant:
		return takesPart()
	}
	return true, nil
}
