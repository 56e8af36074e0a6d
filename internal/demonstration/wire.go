package demonstration

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// What the API sends and takes, as far as the demonstration needs it.

type page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next"`
}

type sandbox struct {
	ID  uuid.UUID `json:"id"`
	Now time.Time `json:"now"`
}

type namedParticipant struct {
	Organisation uuid.UUID `json:"organisation"`
	Estimated    money.NOK `json:"estimated"`
	Maximum      money.NOK `json:"maximum"`
}

type newProcurement struct {
	Space        uuid.UUID          `json:"space"`
	Plan         procurement.Plan   `json:"plan"`
	Participants []namedParticipant `json:"participants"`
}

type revisedProcurement struct {
	Plan procurement.Plan `json:"plan"`
}

type procurementView struct {
	ID           uuid.UUID         `json:"id"`
	Space        uuid.UUID         `json:"space"`
	Version      int64             `json:"version"`
	Phase        procurement.Phase `json:"phase"`
	Plan         procurement.Plan  `json:"plan"`
	State        procurement.State `json:"state"`
	Now          time.Time         `json:"now"`
	Participants struct {
		Named         int       `json:"named"`
		Mandated      int       `json:"mandated"`
		Declined      int       `json:"declined"`
		Dropped       int       `json:"dropped"`
		Estimated     money.NOK `json:"estimated"`
		MandatedValue money.NOK `json:"mandatedValue"`
	} `json:"participants"`
}

type teamMember struct {
	Identity     uuid.UUID `json:"identity"`
	Organisation uuid.UUID `json:"organisation"`
	Role         string    `json:"role"`
}

type decline struct {
	Reason        string        `json:"reason"`
	CaseReference string        `json:"caseReference"`
	DecidedOn     calendar.Date `json:"decidedOn"`
}

type requirements struct {
	Version int             `json:"version"`
	Set     requirement.Set `json:"set"`
}

// preview is what the API understood of a workbook.
type preview struct {
	Set      requirement.Set   `json:"set"`
	Rows     []json.RawMessage `json:"rows"`
	LeftOut  []json.RawMessage `json:"leftOut"`
	Warnings []json.RawMessage `json:"warnings"`
}

type reviewView struct {
	Dispatch   calendar.Date           `json:"dispatch"`
	Regime     string                  `json:"regime"`
	Timeline   []procurement.Milestone `json:"timeline"`
	Unverified []lawRule               `json:"unverified"`
	Refusals   []Violation             `json:"refusals"`
	Warnings   []Violation             `json:"warnings"`
}

type lawRule struct {
	ID        string `json:"id"`
	Paragraph string `json:"paragraph"`
	Mark      string `json:"mark"`
	Kind      string `json:"kind"`
	Value     *int64 `json:"value"`
	Unit      string `json:"unit"`
	Proposed  *int64 `json:"proposed"`
}

type confirmedRule struct {
	Rule   string `json:"rule"`
	Value  *int64 `json:"value,omitempty"`
	Source string `json:"source"`
}

type publicView struct {
	Notice struct {
		Plan   procurement.Plan `json:"plan"`
		Regime string           `json:"regime"`
		Buyers []struct {
			Name string `json:"name"`
		} `json:"buyers"`
	} `json:"notice"`
	Now            time.Time       `json:"now"`
	Requirements   requirement.Set `json:"requirements"`
	Documents      []document      `json:"documents"`
	Clarifications []clarification `json:"clarifications"`
}

type document struct {
	ID   uuid.UUID `json:"id"`
	Name string    `json:"name"`
	Size int       `json:"size"`
}

type question struct {
	ID   uuid.UUID `json:"id"`
	Text string    `json:"text"`
}

type clarification struct {
	Number   int    `json:"number"`
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

type notification struct {
	Kind string     `json:"kind"`
	Case *uuid.UUID `json:"case"`
}

type tender struct {
	ID      uuid.UUID `json:"id"`
	Version int64     `json:"version"`
	State   string    `json:"state"`
}

type answers struct {
	Answers     []answerRow              `json:"answers"`
	Declaration *procurement.Declaration `json:"declaration"`
}

type answerRow struct {
	Requirement uuid.UUID       `json:"requirement"`
	Value       json.RawMessage `json:"value"`
}

func rowsOf(values requirement.Values) []answerRow {
	var out []answerRow
	for id, value := range values {
		out = append(out, answerRow{id, value})
	}
	slices.SortFunc(out, func(a, b answerRow) int { return slices.Compare(a.Requirement[:], b.Requirement[:]) })
	return out
}

type draft struct {
	Tender   tender                  `json:"tender"`
	Problems []struct{ Rule string } `json:"problems"`
	Summary  requirement.Summary     `json:"summary"`
}

type receipt struct {
	Submission int             `json:"submission"`
	State      string          `json:"state"`
	ReceivedAt time.Time       `json:"receivedAt"`
	Receipt    json.RawMessage `json:"receipt"`
}

type lateAttempt struct {
	SupplierName string    `json:"supplierName"`
	ReceivedAt   time.Time `json:"receivedAt"`
	Deadline     time.Time `json:"deadline"`
	Reason       string    `json:"reason"`
}

type openedTender struct {
	ID            uuid.UUID   `json:"id"`
	SupplierName  string      `json:"supplierName"`
	Lots          []uuid.UUID `json:"lots"`
	FailsAbsolute int         `json:"failsAbsolute"`
	Rejection     *rejection  `json:"rejection"`
}

type rejection struct {
	Ground    procurement.Ground `json:"ground"`
	Paragraph string             `json:"paragraph"`
	Reason    string             `json:"reason"`
}

type newScore struct {
	Tender      uuid.UUID `json:"tender"`
	Requirement uuid.UUID `json:"requirement"`
	Points      string    `json:"points"`
	Note        string    `json:"note"`
}

type documentation struct {
	Tender    uuid.UUID     `json:"tender"`
	Heading   string        `json:"heading"`
	Reference string        `json:"reference"`
	IssuedOn  calendar.Date `json:"issuedOn"`
}

type winner struct {
	Lot    uuid.UUID `json:"lot"`
	Tender uuid.UUID `json:"tender"`
	Reason string    `json:"reason"`
}

type letter struct {
	Kind   string    `json:"kind"`
	SentAt time.Time `json:"sentAt"`
	Facts  struct {
		StandstillUntil time.Time   `json:"standstillUntil"`
		Lots            []letterLot `json:"lots"`
	} `json:"facts"`
}

type letterLot struct {
	Number   int               `json:"number"`
	Winner   string            `json:"winner"`
	IsWinner bool              `json:"isWinner"`
	Rank     int               `json:"rank"`
	Criteria []letterCriterion `json:"criteria"`
}

type letterCriterion struct {
	Name     string          `json:"name"`
	Elements []letterElement `json:"elements"`
}

type letterElement struct {
	Number        string          `json:"number"`
	Text          string          `json:"text"`
	Points        decimal.Decimal `json:"points"`
	WinnersPoints decimal.Decimal `json:"winnersPoints"`
	WinnersNotes  []string        `json:"winnersNotes"`
}

type contract struct {
	ID            uuid.UUID     `json:"id"`
	Lot           uuid.UUID     `json:"lot"`
	SupplierName  string        `json:"supplierName"`
	BuyerSignedOn calendar.Date `json:"buyerSignedOn"`
	Maximum       money.NOK     `json:"maximum"`
	Used          money.NOK     `json:"used"`
}

type signatures struct {
	BuyerOn    calendar.Date `json:"buyerOn"`
	SupplierOn calendar.Date `json:"supplierOn"`
	Reference  string        `json:"reference"`
}

type newCallOff struct {
	Contract  uuid.UUID `json:"contract"`
	Amount    money.NOK `json:"amount"`
	Reference string    `json:"reference"`
}

type callOff struct {
	OrganisationName string    `json:"organisationName"`
	Amount           money.NOK `json:"amount"`
	Reference        string    `json:"reference"`
	Remaining        money.NOK `json:"remaining"`
}
