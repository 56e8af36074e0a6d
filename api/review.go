package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/rules"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Review is the dry run: what the law says of the plan if the notice is
// dispatched on a day.
type Review struct {
	Dispatch   calendar.Date           `json:"dispatch"`
	Regime     rules.Regime            `json:"regime"`
	Timeline   []procurement.Milestone `json:"timeline"`
	AnswersDue calendar.Date           `json:"answersDue" doc:"the latest day for answers to questions"`
	Used       []Rule                  `json:"used" doc:"the rules that the timeline and the refusals rest on"`
	Unverified []Rule                  `json:"unverified" doc:"to be confirmed or replaced, with a source, before publishing"`
	Refusals   []Violation             `json:"refusals" doc:"what stands in the way of publishing"`
	Warnings   []Violation             `json:"warnings"`
}

// Rule is one value of the law while it holds.
type Rule struct {
	ID        string        `json:"id"`
	Paragraph string        `json:"paragraph"`
	Source    string        `json:"source"`
	Mark      rules.Mark    `json:"mark" doc:"C: checked in a primary source; S: in another one; G: unchecked"`
	ValidFrom calendar.Date `json:"validFrom"`
	ValidTo   calendar.Date `json:"validTo,omitzero"`
	Kind      rules.Kind    `json:"kind" doc:"fixed; none where the law sets no number; unknown where it was not found"`
	Value     *int64        `json:"value,omitempty"`
	Unit      rules.Unit    `json:"unit"`
	Bound     rules.Bound   `json:"bound,omitempty"`
	Proposed  *int64        `json:"proposed,omitempty" doc:"a proposal of the program's where the law sets no number; never law"`
	Confirmed *Confirmation `json:"confirmed,omitempty"`
}

// Confirmation is a value that the lead buyer stands behind for this procurement.
type Confirmation struct {
	Rule        string        `json:"rule"`
	Value       *int64        `json:"value,omitempty" doc:"absent where the value stands as it was"`
	On          calendar.Date `json:"on,omitzero"`
	Source      string        `json:"source"`
	ConfirmedAt time.Time     `json:"confirmedAt"`
	By          string        `json:"by" doc:"the person's id"`
}

func confirmationOf(c rules.Confirmation) Confirmation {
	return Confirmation{Rule: c.RuleID, Value: c.Value, On: c.On, Source: c.Source, ConfirmedAt: c.ConfirmedAt.UTC(), By: c.By}
}

func rulesOf(in []rules.Rule) []Rule {
	out := make([]Rule, len(in))
	for i, r := range in {
		out[i] = Rule{ID: r.ID, Paragraph: r.Paragraph, Source: r.Source, Mark: r.Mark, ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, Kind: r.Kind,
			Value: r.Value, Unit: r.Unit, Bound: r.Bound, Proposed: r.Proposed}
		if r.Confirmed != nil {
			c := confirmationOf(*r.Confirmed)
			out[i].Confirmed = &c
		}
	}
	return out
}

func violations(lang string, in []*fault.Error) []Violation {
	out := make([]Violation, len(in))
	for i, f := range in {
		out[i] = Violation{Rule: f.Rule, Field: f.Field, Paragraph: f.Paragraph, Params: f.Params}
		out[i].Title, out[i].Detail = catalogue.Fault(lang, f)
	}
	return out
}

// Spoken carries the language of texts in an answer.
type Spoken struct {
	AcceptLanguage string `header:"Accept-Language" doc:"nb, nn or en"`
}

func (s Spoken) language() string { return languageOf(s.AcceptLanguage) }

// ConfirmedRules are values that the lead buyer vouches for.
type ConfirmedRules struct {
	Confirmations []ConfirmedRule `json:"confirmations" validate:"required,min=1,max=200,dive"`
}

// ConfirmedRule confirms a rule's value, or replaces it.
type ConfirmedRule struct {
	Rule   string `json:"rule" validate:"required,max=200"`
	Value  *int64 `json:"value,omitempty" doc:"absent confirms the value as it stands"`
	Source string `json:"source" validate:"required,min=3,max=500" doc:"where the lead buyer has it from"`
}

func (s *Server) registerReview() {
	tags := []string{"review"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "reviewProcurement", Method: http.MethodGet, Path: "/procurements/{id}/review", Tags: tags,
		Summary: "Dry run: the timeline, what is unverified, what stands in the way of publishing"}, s.review)
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listConfirmations", Method: http.MethodGet, Path: "/procurements/{id}/confirmations", Tags: tags,
		Summary: "The values that the lead buyer stands behind"}, s.listConfirmations)
	op(s, app.ProcurementPlan, huma.Operation{OperationID: "confirmRules", Method: http.MethodPost, Path: "/procurements/{id}/confirmations", Tags: tags, DefaultStatus: http.StatusNoContent,
		Summary: "Confirm or replace values of rules, each with a source"}, s.confirmRules)
}

func (s *Server) review(ctx context.Context, in *struct {
	InCase
	Spoken
	Dispatch calendar.Date `query:"dispatch" doc:"the day on which the notice is sent; the planned one unless given"`
}) (*struct{ Body Review }, error) {
	r, err := s.App.Review(ctx, in.ID, in.Dispatch)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Review }{Review{Dispatch: r.Dispatch, Regime: r.Regime, Timeline: list(r.Timeline), AnswersDue: r.AnswersDue,
		Used: rulesOf(r.Used), Unverified: rulesOf(r.Unverified), Refusals: violations(in.language(), r.Refusals), Warnings: violations(in.language(), r.Warnings)}}, nil
}

func (s *Server) listConfirmations(ctx context.Context, in *InCase) (*struct{ Body Page[Confirmation] }, error) {
	given, err := s.App.Confirmations(ctx, in.ID)
	return &struct{ Body Page[Confirmation] }{whole(given, confirmationOf)}, err
}

func (s *Server) confirmRules(ctx context.Context, in *struct {
	InCase
	Keyed
	Body ConfirmedRules
}) (*done, error) {
	given := make([]rules.Confirmation, len(in.Body.Confirmations))
	for i, c := range in.Body.Confirmations {
		given[i] = rules.Confirmation{RuleID: c.Rule, Value: c.Value, Source: c.Source}
	}
	return &done{}, s.App.ConfirmRules(ctx, in.ID, given)
}
