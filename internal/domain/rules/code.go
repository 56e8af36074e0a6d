package rules

// Regime is the part of FOA that a procurement follows beside Part I.
type Regime string

// The regimes (FOA chapter 5).
const (
	NoRegime Regime = "none" // below the entry threshold, outside the law
	PartI    Regime = "I"    // Part I only
	PartII   Regime = "II"   // Parts I and II, national notice
	PartIII  Regime = "III"  // Parts I and III, EEA notice
	PartIV   Regime = "IV"   // Parts I and IV, health and social services
	Any      Regime = "all"  // of a rule that is not of one part
)

// Regimes lists what a procurement can be under.
func Regimes() []Regime { return []Regime{NoRegime, PartI, PartII, PartIII, PartIV} }

// Procedure is a code of eForms' procurement-procedure-type where there is one.
type Procedure string

// The procedures. Those with a star in the comment have a code of our own.
const (
	OpenNational       Procedure = "open-national"       // * Part II
	RestrictedNational Procedure = "restricted-national" // * Part II
	OpenProcedure      Procedure = "open"
	Restricted         Procedure = "restricted"
	Negotiated         Procedure = "neg-w-call"
	Dialogue           Procedure = "comp-dial"
	Innovation         Procedure = "innovation"
	DPS                Procedure = "dps"           // * dynamic purchasing system
	HealthSocial       Procedure = "health-social" // * Part IV
	AnyProcedure       Procedure = "any"           // of a rule that is not of one procedure
)

// Stage is what a rule is about.
type Stage string

// The stages.
const (
	EntryThreshold     Stage = "entry-threshold"
	NationalThreshold  Stage = "national-threshold"
	EEAThreshold       Stage = "eea-threshold"
	SmallLot           Stage = "small-lot"
	RecurringValue     Stage = "recurring-value"
	OpenEndedValue     Stage = "open-ended-value"
	RequestDeadline    Stage = "request-deadline"
	TenderDeadline     Stage = "tender-deadline"
	DocumentsAddition  Stage = "documents-addition"  // added where the documents are not all online
	AnswersBefore      Stage = "answers-before"      // answers to questions, before the tender deadline
	MaterialChange     Stage = "material-change"     // of the documents, during tendering
	AmendmentExtension Stage = "amendment-extension" // our own rule for how far the deadline moves
	AdmissionDeadline  Stage = "admission-deadline"
	AdmissionCheck     Stage = "admission-check"
	Standstill         Stage = "standstill"
	TenderValidity     Stage = "tender-validity"
	AwardNotice        Stage = "award-notice"
	InjunctionPetition Stage = "injunction-petition"
	RequestResult      Stage = "request-result"
	Auction            Stage = "auction"
	Retention          Stage = "retention"
	FrameworkDuration  Stage = "framework-duration"
	TaxCertificate     Stage = "tax-certificate"
	SelectionMinimum   Stage = "selection-minimum"
	ContractChange     Stage = "contract-change"
	EnvironmentWeight  Stage = "environment-weight"
	EnvironmentRank    Stage = "environment-rank"
)

// Variant is the circumstance in which one of several rules of a stage holds.
type Variant string

// The variants.
const (
	Main          Variant = "main"
	NotElectronic Variant = "not-electronic"
	PriorNotice   Variant = "prior-notice"
	Urgent        Variant = "urgent"
	NoAgreement   Variant = "no-agreement" // non-state buyer and suppliers agree on no deadline
	Justified     Variant = "justified"
	State         Variant = "state"
	Other         Variant = "other" // buyers that are no state authority
	Works         Variant = "works"
	GoodsServices Variant = "goods-services"
	SpecialHealth Variant = "special-health-social"
	Share         Variant = "share"
	Age           Variant = "age"
	Additional    Variant = "additional"
	Unforeseen    Variant = "unforeseen"
)

// Anchor is the event that a period is counted from or back from.
type Anchor string

// The anchors.
const (
	NoticeDispatched  Anchor = "notice-dispatched" // the day the notice is sent
	InvitationSent    Anchor = "invitation-sent"
	TenderDue         Anchor = "tender-deadline"
	SubmissionDue     Anchor = "submission-deadline" // for the request, or the tender where there is none
	AwardLettersSent  Anchor = "award-letters-sent"
	ContractConcluded Anchor = "contract-concluded" // signed by both
	RequestReceived   Anchor = "request-received"
	AdmissionReceived Anchor = "admission-received"
	AgreementStart    Anchor = "agreement-start"
)
