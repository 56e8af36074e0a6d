package api_test

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
)

// The rights as they were agreed, written down a second time and without a look
// at internal/app/permission.go: a grant that says more than this table is found
// by TestMatrix. A new operation needs a row.

// place is how a player's organisation, or the player, stands to what a request
// is about.
type place string

const (
	everywhere  place = "everywhere"  // no relation is asked for
	leadBuyer   place = "lead buyer"  // the procurement's lead buyer
	participant place = "participant" // a municipality that the procurement names, and that has not stayed out
	owner       place = "owner"       // of the tender, sandbox, command or message
	member      place = "member"      // in a tender that another leads
	invitee     place = "invitee"     // asked to be, whatever it has answered
	self        place = "self"        // gave the command
	inTeam      place = "team"        // named in the procurement's team
	outside     place = "outside"     // not a buyer in the procurement
	bidding     place = "bidding"     // a supplier that has a tender in the procurement
)

// holder is one kind of people who hold a right: at a place, with one of the
// organisation's roles (none: any), or with one of the team's.
type holder struct {
	at    place
	roles []actor.Role
	team  []string
}

// right says who may call an operation.
type right struct {
	holders []holder
	// public: without a sign-in, and for everybody the same.
	public bool
	// unaffiliated: an identity that acts for no organisation may too.
	unaffiliated bool
	// known: that a published case exists is public, so a stranger with the role
	// is told the rule (this status) and not that there is nothing.
	known int
}

func with(at place, roles ...actor.Role) holder { return holder{at: at, roles: roles} }
func named(team ...string) holder               { return holder{at: inTeam, team: team} }
func only(holders ...holder) right              { return right{holders: holders} }
func (r right) knownAs(status int) right        { r.known = status; return r }
func (r right) alsoUnaffiliated() right         { r.unaffiliated = true; return r }

var (
	everybody    = right{public: true}
	members      = only(with(everywhere))
	admins       = only(with(everywhere, actor.Admin))
	buyers       = only(with(leadBuyer), with(participant))
	leader       = only(with(leadBuyer, actor.ProcurementLead))
	municipality = only(with(participant, actor.MandateGiver))
	bidder       = only(with(outside, actor.SupplierAuthor, actor.Signatory))
	writer       = only(with(owner, actor.SupplierAuthor, actor.Signatory), with(member, actor.SupplierAuthor, actor.Signatory))
	signer       = only(with(owner, actor.Signatory))
	reader       = only(with(owner, actor.SupplierAuthor, actor.SupplierReader, actor.Signatory), with(member, actor.SupplierAuthor, actor.SupplierReader, actor.Signatory))
	team         = only(named("lead", "opener", "evaluator", "chair"))
	openers      = only(named("opener"))
	authors      = only(with(leadBuyer, actor.ProcurementLead), named("author"))
)

var rights = map[string]right{
	"getDeployment":          everybody,
	"listMunicipalities":     everybody,
	"listPublicProcurements": everybody,
	"getPublicProcurement":   everybody,
	"getPublicDocument":      everybody,
	"getPublicSpecification": everybody,
	"getReceiptKeys":         everybody,
	"getQuestionForm":        everybody,
	"getQuestionsAndAnswers": everybody,
	"listPublishedVersions":  everybody,
	"getPublishedVersion":    everybody,

	"whoAmI":               members.alsoUnaffiliated(),
	"saveMe":               members.alsoUnaffiliated(),
	"acceptInvitation":     members.alsoUnaffiliated(),
	"listMembers":          admins,
	"registerClient":       admins,
	"listInvitations":      admins,
	"invite":               admins,
	"setRoles":             only(with(owner, actor.Admin)),
	"endMembership":        only(with(owner, actor.Admin)),
	"withdrawInvitation":   only(with(owner, actor.Admin)),
	"searchAudit":          only(with(everywhere, actor.Auditor)),
	"listProgress":         only(with(everywhere, actor.KSReader)),
	"getTimeline":          only(with(leadBuyer), with(participant), with(bidding)),
	"listEvents":           members,
	"listNotifications":    members,
	"markNotificationRead": only(with(owner)),
	"listOrganisations":    members,
	"listProcurements":     members,
	"getCommand":           only(with(owner)),
	"withdrawCommand":      only(with(self)),
	"createProcurement":    only(with(everywhere, actor.ProcurementLead)),
	"createSandbox":        only(with(everywhere, actor.ProcurementLead)),
	"getSandbox":           only(with(owner, actor.ProcurementLead)),
	"advanceSandbox":       only(with(owner, actor.ProcurementLead)),

	"getProcurement":      buyers,
	"listCommands":        buyers,
	"listConfirmations":   buyers,
	"listDocuments":       buyers,
	"getDocument":         buyers,
	"listParticipants":    buyers,
	"listQuestions":       buyers,
	"getRequirements":     buyers,
	"getSpecification":    buyers,
	"reviewProcurement":   buyers,
	"listTeam":            buyers,
	"listCallOffs":        buyers,
	"listContracts":       buyers,
	"reviseProcurement":   leader,
	"confirmRules":        leader,
	"addDocument":         leader,
	"removeDocument":      leader,
	"listLateAttempts":    leader,
	"getNotice":           leader,
	"getRecord":           leader,
	"addToTeam":           leader,
	"removeFromTeam":      leader,
	"putRequirements":     authors,
	"beginAmendment":      authors,
	"discardAmendment":    authors,
	"getAmendment":        buyers,
	"reviewAmendment":     buyers,
	"publishAmendment":    leader,
	"previewRequirements": authors,

	"listRequirementVersions":  buyers,
	"getRequirementVersion":    buyers,
	"getRequirementDifference": buyers,
	"getCopyDifference":        buyers,
	"keepRequirementVersion":   authors,
	"copyRequirements":         authors,
	"takeFromLibrary":          authors,
	"listInputRounds":          buyers,
	"listInputs":               buyers,
	"openInputRound":           leader,
	"closeInputRound":          leader,
	"giveInput":                only(with(participant, actor.ProcurementLead, actor.CaseWorker), named("author")),
	"answerInput":              authors,
	"listLibrary":              members,
	"getLibraryEntry":          only(with(owner)),
	"addToLibrary":             only(with(everywhere, actor.ProcurementLead)),
	"reviseLibraryEntry":       only(with(owner, actor.ProcurementLead)),

	"launchProcurement":    leader,
	"extendMandates":       leader,
	"publishProcurement":   leader,
	"extendTenderDeadline": leader,
	"suspendProcurement":   leader,
	"resumeProcurement":    leader,
	"cancelProcurement":    leader,
	"declareUnsuccessful":  leader,
	"award":                leader,
	"reverseAward":         leader,
	"recordAwardNotice":    leader,
	"clarify":              leader,
	"declineQuestions":     leader,
	"correctClarification": leader,
	"getQuestionFile":      leader,
	"previewReplies":       leader,
	"publishReplies":       leader,
	"rejectTender":         leader,
	"recordDocumentation":  leader,
	"signContract":         only(with(leadBuyer, actor.ProcurementLead, actor.ContractOwner)),
	"giveMandate":          municipality,
	"declineMandate":       municipality,
	"makeCallOff":          only(with(leadBuyer, actor.ContractOwner), with(participant, actor.ContractOwner)).knownAs(http.StatusConflict),

	"openTenders":       openers,
	"approveOpening":    openers,
	"saveScores":        only(named("evaluator")),
	"declareImpartial":  team,
	"listDocumentation": team,
	"listLetters":       team,
	"getLetter":         team,
	"getRanking":        team,
	"listScores":        team,
	"listOpenedTenders": team,
	"getOpenedAnswers":  team,

	"listOpenedAttachments": team,
	"getOpenedAttachment":   team,
	"listAttachments":       reader,
	"getAttachment":         reader,
	"putAttachment":         writer,
	"withdrawAttachment":    writer,
	"markAttachment":        writer,

	"getAnswerFile":     reader,
	"previewAnswerFile": writer,
	"saveAnswerFile":    writer,
	"getAnswerMatrix":   team,

	"registerInterest": bidder,
	"askQuestion":      bidder,

	"listConsortiumInvitations":   only(with(everywhere, actor.SupplierAuthor, actor.SupplierReader, actor.Signatory)),
	"acceptConsortiumInvitation":  only(with(invitee, actor.Signatory)),
	"declineConsortiumInvitation": only(with(invitee, actor.Signatory)),

	"askFromFile":             bidder,
	"previewQuestions":        bidder,
	"listTenders":             only(with(everywhere, actor.SupplierAuthor, actor.SupplierReader, actor.Signatory)),
	"getTender":               reader,
	"getDraft":                reader,
	"getCompleteness":         reader,
	"reviewAnswers":           reader,
	"listAnswerNotes":         reader,
	"assignAnswers":           reader,
	"previewTender":           reader,
	"previewTenderFile":       reader,
	"getOwnPublicVersion":     reader,
	"getOwnPublicVersionFile": reader,
	"getPublicVersion":        team,
	"getPublicVersionFile":    team,
	"listSuggestions":         reader,
	"listStoredAnswers":       only(with(everywhere, actor.SupplierAuthor, actor.SupplierReader, actor.Signatory)),
	"storeAnswer":             only(with(everywhere, actor.SupplierAuthor, actor.Signatory)),
	"replaceStoredAnswer":     writer,
	"deleteStoredAnswer":      writer,
	"saveAnswers":             writer,
	"listConsortium":          reader,
	"listOtherTenders":        reader,
	"inviteMember":            signer,
	"removeMember":            signer,
	"leaveConsortium":         only(with(member, actor.Signatory)),
	"submitTender":            signer,
	"withdrawTender":          signer,
	"listReceipts":            reader,
	"confirmTender":           signer,
	"getTenderChanges":        reader,
	"getTenderConfirmation":   reader,
	"listOwnQuestions":        reader,
	"getBundle":               reader,
	"listOwnLetters":          reader,
	"getOwnLetter":            reader,
}

// allowed is the expectation of one who may.
const allowed = 0

// standing is how everybody stands to what a request is about, read from the
// rows themselves.
type standing struct {
	about     string // what the first id of the address names; "" for nothing
	published bool
	lead      uuid.UUID
	buyers    []uuid.UUID
	suppliers []uuid.UUID
	owner     uuid.UUID
	// members are in the tender beside its owner; known are those, and who was
	// ever asked.
	members, known []uuid.UUID
	giver          uuid.UUID
	team           map[uuid.UUID][]string
}

func (s standing) at(p player, h holder) bool {
	switch h.at {
	case everywhere:
		return true
	case leadBuyer:
		return p.org == s.lead
	case participant:
		return slices.Contains(s.buyers, p.org)
	case owner:
		return p.org == s.owner
	case member:
		return slices.Contains(s.members, p.org)
	case invitee:
		return slices.Contains(s.known, p.org)
	case self:
		return p.id == s.giver
	case bidding:
		return slices.Contains(s.suppliers, p.org)
	case outside:
		return p.org != s.lead && !slices.Contains(s.buyers, p.org)
	case inTeam:
		return slices.ContainsFunc(s.team[p.id], func(r string) bool { return slices.Contains(h.team, r) })
	}
	return false
}

// sees reports whether the player's organisation knows of it at all.
func (s standing) sees(p player) bool {
	return s.about == "" || p.org == s.lead || p.org == s.owner || slices.Contains(s.members, p.org) || slices.Contains(s.buyers, p.org)
}

// expect gives the status that refuses the player, or allowed. A lack of role is
// told when it does not tell that there is something; else what is not one's own
// is not there.
func (r right) expect(p player, s standing) int {
	holds := func(roles []actor.Role) bool {
		return len(roles) == 0 || slices.ContainsFunc(roles, func(x actor.Role) bool { return slices.Contains(p.roles, x) })
	}
	switch {
	case r.public:
		return allowed
	case p.subject == "":
		return http.StatusUnauthorized
	case p.org == uuid.Nil:
		if r.unaffiliated {
			return allowed
		}
		return http.StatusForbidden
	}
	if slices.ContainsFunc(r.holders, func(h holder) bool { return s.at(p, h) && holds(h.roles) }) {
		return allowed
	}
	byRole := !slices.ContainsFunc(r.holders, func(h holder) bool { return len(h.roles) == 0 })
	switch {
	case byRole && !slices.ContainsFunc(r.holders, func(h holder) bool { return holds(h.roles) }):
		return http.StatusForbidden
	case s.sees(p):
		return http.StatusForbidden
	case r.known != 0 && s.published:
		return r.known
	}
	return http.StatusNotFound
}
