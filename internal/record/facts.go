// Package record makes the documents that a procurement leaves behind: the
// procurement record (anskaffelsesprotokoll, FOA §§ 10-5 and 25-5) and the
// letters to suppliers (§§ 10-1, 24-10, 25-1). They come from plain facts that
// the use cases fetch, so the record, the letters and the case can never tell
// different stories.
package record

import (
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
)

// Organisation is a party as it is named in a document.
type Organisation struct {
	Name, OrgNr, Address, Email string
	// With are the others that it tendered together with.
	With []Organisation
}

// Facts is everything that the procurement record tells. Amounts exclude VAT;
// instants are case time. What is zero or empty is not known, and is shown as
// missing where the law asks for it.
type Facts struct {
	// Language is nb or nn, the language form of the procurement's documents.
	Language string
	// Invented marks demo data: real municipalities, invented decisions.
	Invented bool
	MadeAt   time.Time

	Title, Reference, Description string
	Contract                      rules.ContractKind
	Procedure                     rules.Procedure
	Regime                        rules.Regime
	Phase                         procurement.Phase
	Lead                          Organisation
	Lots                          []Lot
	NoLotsReason                  string
	Estimated, Maximum            money.NOK
	Dispatch                      *procurement.Dispatch
	PublishedAt, TenderDeadline   time.Time

	Participants []Participant
	Rules        []RuleUsed
	Timeline     []Happening
	Openings     []Opening
	Declined     []DeclinedQuestion
	Tenders      []Tender
	Late         []LateTender
	Rejections   []Rejection
	Rankings     []Ranking
	Winners      []Winner
	Declarations []Declaration
	// Conflicts says what conflict of interest or distortion was found and what
	// was done; empty means that none was recorded.
	Conflicts      string
	Subcontractors []Subcontractor
	Contracts      []Contract
	CallOffs       []CallOff
	Ending         *Ending
	// Negotiation tells whether dialogue was planned (Part II, § 9-3).
	Negotiation bool
	// Statements are what the lead buyer has written for an item of the record
	// in its own words.
	Statements map[rules.RecordKey]string
}

// Lot is one part of the procurement.
type Lot struct {
	Number             int
	Title, CPV         string
	Estimated, Maximum money.NOK
}

// Participant is a municipality and what became of its mandate.
type Participant struct {
	Organisation
	// State is named, mandated, declined or dropped.
	State         string
	DecidedOn     calendar.Date
	CaseReference string
	Maximum       money.NOK
	// CostShare is percent with a point, "12.5".
	CostShare string
	EndsOn    calendar.Date
	Reason    string
}

// RuleUsed is a rule that the procurement rests on, with the lead buyer's
// confirmation where there is one (rules.Rule.Confirmed).
type RuleUsed struct {
	rules.Rule
	// ConfirmedBy is the name, at the time, of the person who confirmed.
	ConfirmedBy string
}

// Happening is a line of the timeline. Who is a name, or empty for what time
// decided.
type Happening struct {
	At     time.Time
	Event  procurement.EventKind
	Params map[string]string
	Who    string
	// Reason is the person's own, where the law or the record asks for one.
	Reason string
}

// Opening is the opening of a part with those who approved it.
type Opening struct {
	Part      procurement.Part
	At        time.Time
	Approvals []Approval
}

// Approval is one person's approval.
type Approval struct {
	Name string
	At   time.Time
}

// DeclinedQuestion is a question that got a reason and no answer, as it was
// published. After the deadline no answer could be given any more.
type DeclinedQuestion struct {
	Number           int
	Question, Reason string
	At               time.Time
	AfterDeadline    bool
}

// Tender is a tender that was submitted in time.
type Tender struct {
	Supplier    Organisation
	ReceivedAt  time.Time
	Lots        []int
	WithdrawnAt time.Time
	// Under is the version that its answers were given under, where an amendment
	// to version Published touches them and nobody confirmed them; 0 otherwise.
	Under, Published int
}

// LateTender is an attempt after the deadline, or one that an outage stopped.
type LateTender struct {
	Supplier Organisation
	At       time.Time
	Outage   bool
}

// Rejection is a rejected tender.
type Rejection struct {
	Supplier  Organisation
	Ground    procurement.Ground
	Paragraph string
	Reason    string
	At        time.Time
	By        string
}

// Ranking is the ranking of one lot by the declared method.
type Ranking struct {
	Lot  int
	Rows []Ranked
}

// Ranked is a tender's place; points are decimals with a point.
type Ranked struct {
	Rank     int
	Supplier string
	Points   string
	Price    money.NOK
}

// Winner is the chosen tender of a lot.
type Winner struct {
	Lot      int
	Supplier Organisation
	Reason   string
	Value    money.NOK
}

// Declaration is one person's declaration of impartiality (FOA § 7-5).
type Declaration struct {
	Name, Role string
	At         time.Time
	// Conflict is what the person declared; empty for none.
	Conflict string
}

// Subcontractor of a chosen supplier: what it is to do, and its share in percent.
type Subcontractor struct {
	Organisation
	Supplier, Task string
	Share          int
}

// Contract is a signed or awaited contract.
type Contract struct {
	Lot                             int
	Supplier                        Organisation
	Value                           money.NOK
	BuyerSignedOn, SupplierSignedOn calendar.Date
	StartsOn, EndsOn                calendar.Date
}

// CallOff is a municipality's order under the agreement.
type CallOff struct {
	Buyer     string
	Lot       int
	Amount    money.NOK
	Reference string
	At        time.Time
}

// Ending is how the competition ended without a contract.
type Ending struct {
	Reason string
	At     time.Time
}
