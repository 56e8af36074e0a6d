package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/money"
)

// Contract is the agreement for one lot.
type Contract struct {
	ID               uuid.UUID     `json:"id"`
	Lot              uuid.UUID     `json:"lot"`
	Tender           uuid.UUID     `json:"tender"`
	Supplier         uuid.UUID     `json:"supplier"`
	SupplierName     string        `json:"supplierName"`
	Members          []string      `json:"members,omitempty" doc:"the other suppliers that the tender was handed in with; the supplier leads them"`
	Value            money.NOK     `json:"value"`
	BuyerSignedOn    calendar.Date `json:"buyerSignedOn,omitzero"`
	SupplierSignedOn calendar.Date `json:"supplierSignedOn,omitzero"`
	Reference        string        `json:"reference,omitempty"`
	StartsOn         calendar.Date `json:"startsOn"`
	EndsOn           calendar.Date `json:"endsOn"`
	Maximum          money.NOK     `json:"maximum" doc:"the lot's framework maximum"`
	Used             money.NOK     `json:"used" doc:"what all buyers have called off"`
}

func contractOf(c app.Contract) Contract {
	return Contract{ID: c.ID, Lot: c.Lot, Tender: c.Tender, Supplier: c.Supplier, SupplierName: c.SupplierName, Members: c.MemberNames, Value: c.Value, BuyerSignedOn: c.BuyerSignedOn,
		SupplierSignedOn: c.SupplierSignedOn, Reference: c.Reference, StartsOn: c.StartsOn, EndsOn: c.EndsOn, Maximum: c.Maximum, Used: c.Used}
}

// Signatures records that both parties have signed.
type Signatures struct {
	BuyerOn    calendar.Date `json:"buyerOn" validate:"required"`
	SupplierOn calendar.Date `json:"supplierOn" validate:"required"`
	Reference  string        `json:"reference" validate:"required,max=200"`
}

// NoticeReference is the reference of a notice that was sent.
type NoticeReference struct {
	Reference string `json:"reference" validate:"required,max=200"`
}

// CallOff is one municipality's order under a contract.
type CallOff struct {
	ID               uuid.UUID `json:"id"`
	Contract         uuid.UUID `json:"contract"`
	Organisation     uuid.UUID `json:"organisation"`
	OrganisationName string    `json:"organisationName,omitempty"`
	Amount           money.NOK `json:"amount"`
	Reference        string    `json:"reference"`
	CalledAt         time.Time `json:"calledAt"`
	Remaining        money.NOK `json:"remaining,omitzero" doc:"what the municipality's cap leaves; told when the order is made"`
}

func callOffOf(c app.CallOff) CallOff {
	return CallOff{c.ID, c.Contract, c.Org, c.OrgName, c.Amount, c.Reference, c.CalledAt.UTC(), c.Remaining}
}

// NewCallOff orders under a contract.
type NewCallOff struct {
	Contract  uuid.UUID `json:"contract" validate:"required"`
	Amount    money.NOK `json:"amount" validate:"gt=0"`
	Reference string    `json:"reference" validate:"required,max=200" doc:"the municipality's own order or case number"`
}

func (s *Server) registerContracts() {
	tags := []string{"contracts"}
	op(s, app.CallOffRead, huma.Operation{OperationID: "listContracts", Method: http.MethodGet, Path: "/procurements/{id}/contracts", Tags: tags,
		Summary: "The contracts, signed or to be signed"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[Contract] }, error) {
			read, err := s.App.Contracts(ctx, in.ID)
			return &struct{ Body Page[Contract] }{whole(read, contractOf)}, err
		})
	op(s, app.ContractRecord, huma.Operation{OperationID: "signContract", Method: http.MethodPost, Path: "/procurements/{id}/contracts/{contract}/signatures", Tags: tags,
		Summary: "Record that both parties have signed, after the standstill (FOA § 25-1)"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Contract uuid.UUID `path:"contract"`
			Body     Signatures
		}) (*struct{ Body Contract }, error) {
			c, err := s.App.SignContract(ctx, in.ID, in.Contract, in.Body.BuyerOn, in.Body.SupplierOn, in.Body.Reference)
			return &struct{ Body Contract }{contractOf(c)}, err
		})
	op(s, app.ProcurementSteer, huma.Operation{OperationID: "recordAwardNotice", Method: http.MethodPost, Path: "/procurements/{id}/award-notice", Tags: tags,
		Summary: "Record that the notice of the concluded contract was sent (FOA § 21-6)"}, s.recordAwardNotice)
	op(s, app.CallOffMake, huma.Operation{OperationID: "makeCallOff", Method: http.MethodPost, Path: "/procurements/{id}/call-offs", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Order under a contract, within the own cap"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewCallOff
		}) (*struct{ Body CallOff }, error) {
			c, err := s.App.CallOff(ctx, in.ID, in.Body.Contract, in.Body.Amount, in.Body.Reference)
			return &struct{ Body CallOff }{callOffOf(c)}, err
		})
	op(s, app.CallOffRead, huma.Operation{OperationID: "listCallOffs", Method: http.MethodGet, Path: "/procurements/{id}/call-offs", Tags: tags,
		Summary: "The orders under a procurement's contracts"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[CallOff] }, error) {
			read, err := s.App.CallOffs(ctx, in.ID)
			return &struct{ Body Page[CallOff] }{whole(read, callOffOf)}, err
		})
}

func (s *Server) recordAwardNotice(ctx context.Context, in *struct {
	InCase
	Keyed
	Versioned
	Body NoticeReference
}) (*theProcurement, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return answerProcurement(s.App.RecordAwardNotice(ctx, in.ID, version, in.Body.Reference))
}

func itoa(n int) string { return strconv.Itoa(n) }
