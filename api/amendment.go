package api

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Amendment is a draft of the next version of the requirements and files.
type Amendment struct {
	Version        int              `json:"version" doc:"the version that it becomes"`
	Base           int              `json:"base" doc:"the published version that it changes"`
	Edit           int64            `json:"edit" doc:"the number in its ETag, which is that of the requirements"`
	Clarifications []int            `json:"clarifications" doc:"the answers to all that it follows from, by number"`
	BegunBy        uuid.UUID        `json:"begunBy"`
	BegunAt        time.Time        `json:"begunAt"`
	Difference     requirement.Diff `json:"difference"`
	FilesAdded     []string         `json:"filesAdded"`
	FilesRemoved   []string         `json:"filesRemoved"`
}

// NewAmendment begins an amendment.
type NewAmendment struct {
	Clarifications []int `json:"clarifications,omitempty" validate:"max=200,unique,dive,min=1,max=100000" doc:"the answers to all that it follows from, by number"`
}

// AmendmentReview is the dry run of an amendment. It is the same whether or not
// anybody has answered.
type AmendmentReview struct {
	Difference     requirement.Diff `json:"difference"`
	Touching       []uuid.UUID      `json:"touching" doc:"the requirements by which answers have to be looked at again"`
	Asked          int              `json:"asked" doc:"how many requirements ask for an answer, before or after"`
	Material       bool             `json:"material" doc:"the deadline has to be extended"`
	Days           int              `json:"days" doc:"by how many days, after our own rule; the law has no number"`
	DeadlineBefore time.Time        `json:"deadlineBefore"`
	Earliest       time.Time        `json:"earliest" doc:"the earliest deadline that the law allows for what is published now"`
	Proposed       time.Time        `json:"proposed"`
	TenderDeadline time.Time        `json:"tenderDeadline" doc:"what would hold"`
	QuestionsBy    time.Time        `json:"questionsBy"`
	AnswersDue     calendar.Date    `json:"answersDue"`
	ValidUntil     calendar.Date    `json:"validUntil"`
	AwardOn        calendar.Date    `json:"awardOn"`
	Used           []Rule           `json:"used"`
	Refusals       []Violation      `json:"refusals"`
	Warnings       []Violation      `json:"warnings"`
}

// NewVersion publishes an amendment.
type NewVersion struct {
	Until   time.Time `json:"until,omitzero" doc:"the new tender deadline; the proposed one unless given"`
	Reason  string    `json:"reason" validate:"required,max=4000" doc:"what everybody is told"`
	Shorter string    `json:"shorter,omitempty" validate:"max=2000" doc:"why the deadline moves less than proposed; stands in the procurement record"`
	Edit    int64     `json:"edit,omitempty" validate:"min=0" doc:"the number in the ETag of the requirements that were looked at; refused when they have changed since"`
}

// PublishedVersion tells of one version that has been published.
type PublishedVersion struct {
	Version        int               `json:"version"`
	PublishedAt    time.Time         `json:"publishedAt"`
	SHA256         string            `json:"sha256" doc:"of the requirements as they were published"`
	TenderDeadline time.Time         `json:"tenderDeadline" doc:"as it was set with the version"`
	Before         int               `json:"before,omitempty" doc:"the version that it took the place of"`
	Difference     *requirement.Diff `json:"difference,omitempty" doc:"from the version before"`
	FilesAdded     []string          `json:"filesAdded,omitempty"`
	FilesRemoved   []string          `json:"filesRemoved,omitempty"`
	Clarifications []int             `json:"clarifications,omitempty"`
	Reason         string            `json:"reason,omitempty"`
	DeadlineBefore *time.Time        `json:"deadlineBefore,omitempty"`
}

func publishedVersionOf(v app.PublishedVersion) PublishedVersion {
	out := PublishedVersion{Version: v.Version, PublishedAt: v.PublishedAt.UTC(), SHA256: hex.EncodeToString(v.SHA256), TenderDeadline: v.Deadline.UTC()}
	if m := v.Amendment; m != nil {
		d := filled(m.Difference)
		out.Before, out.Difference, out.Reason, out.DeadlineBefore = m.Before, &d, m.Reason, utc(&m.DeadlineBefore)
		out.FilesAdded, out.FilesRemoved, out.Clarifications = m.FilesAdded, m.FilesRemoved, m.Clarifications
	}
	return out
}

type theAmendment struct {
	ETag string `header:"ETag"`
	Body Amendment
}

func answerAmendment(m app.Amendment, err error) (*theAmendment, error) {
	return &theAmendment{etag(m.Edit), Amendment{Version: m.Version, Base: m.Base, Edit: m.Edit, Clarifications: list(m.Clarifications), BegunBy: m.BegunBy, BegunAt: m.BegunAt.UTC(),
		Difference: filled(m.Difference), FilesAdded: list(m.Files.Added), FilesRemoved: list(m.Files.Removed)}}, err
}

func (s *Server) registerAmendments() {
	tags := []string{"amendments"}
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "beginAmendment", Method: http.MethodPost, Path: "/procurements/{id}/amendment", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Begin a draft of the next version beside the published one; it is written as before publication"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body NewAmendment
		}) (*theAmendment, error) {
			return answerAmendment(s.App.BeginAmendment(ctx, in.ID, in.Body.Clarifications))
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getAmendment", Method: http.MethodGet, Path: "/procurements/{id}/amendment", Tags: tags,
		Summary: "The amendment being written, and how it differs from what is published"},
		func(ctx context.Context, in *InCase) (*theAmendment, error) {
			return answerAmendment(s.App.Amendment(ctx, in.ID))
		})
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "discardAmendment", Method: http.MethodDelete, Path: "/procurements/{id}/amendment", Tags: tags,
		Summary: "Discard the amendment being written"},
		func(ctx context.Context, in *struct {
			InCase
			Versioned
		}) (*struct{}, error) {
			edit, err := in.version()
			if err != nil {
				return nil, err
			}
			return &struct{}{}, s.App.DiscardAmendment(ctx, in.ID, edit)
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "reviewAmendment", Method: http.MethodGet, Path: "/procurements/{id}/amendment/review", Tags: tags,
		Summary: "Dry run: what changes, what of it touches answers, how far the deadline moves and why, what stands in the way"}, s.reviewAmendment)
	steer(s, app.ProcurementSteer, huma.Operation{OperationID: "publishAmendment", Method: http.MethodPost, Path: "/procurements/{id}/amendment/publication", Tags: []string{"steering"},
		Summary: "Publish the amendment: the new version holds, the deadline moves, everybody is told; tenders that stand go on standing"},
		func(ctx context.Context, version int64, in *struct {
			Steering
			Body NewVersion
		}) (app.CommandStatus, error) {
			b := in.Body
			return s.App.PublishAmendment(ctx, in.ID, version, app.NewVersion{Until: b.Until, Reason: b.Reason, Shorter: b.Shorter, Edit: b.Edit})
		})
	public := []string{"public"}
	op(s, app.Public, huma.Operation{OperationID: "listPublishedVersions", Method: http.MethodGet, Path: "/public/procurements/{id}/versions", Tags: public,
		Summary: "What has been published when, and how each version differs from the one before, without sign-in"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[PublishedVersion] }, error) {
			read, err := s.App.PublishedVersions(ctx, in.ID)
			return &struct{ Body Page[PublishedVersion] }{whole(read, publishedVersionOf)}, err
		})
	op(s, app.Public, huma.Operation{OperationID: "getPublishedVersion", Method: http.MethodGet, Path: "/public/procurements/{id}/versions/{version}", Tags: public,
		Summary: "The requirements as they were published in a version, without sign-in"},
		func(ctx context.Context, in *struct {
			InCase
			Version int `path:"version" validate:"min=1,max=100000"`
		}) (*struct{ Body Requirements }, error) {
			v, err := s.App.PublishedVersion(ctx, in.ID, in.Version)
			return &struct{ Body Requirements }{requirementsOf(v)}, err
		})
}

func (s *Server) reviewAmendment(ctx context.Context, in *struct {
	InCase
	Spoken
	Until time.Time `query:"until" doc:"the new tender deadline; the proposed one unless given"`
}) (*struct{ Body AmendmentReview }, error) {
	r, err := s.App.ReviewAmendment(ctx, in.ID, in.Until)
	if err != nil {
		return nil, err
	}
	return &struct{ Body AmendmentReview }{amendmentReviewOf(r, in.language())}, nil
}

func amendmentReviewOf(r procurement.AmendmentReview, lang string) AmendmentReview {
	return AmendmentReview{Difference: filled(r.Difference), Touching: list(r.Touching), Asked: r.Asked, Material: r.Material, Days: r.Days,
		DeadlineBefore: r.Before.UTC(), Earliest: r.Earliest.UTC(), Proposed: r.Proposed.UTC(), TenderDeadline: r.Deadline.UTC(),
		QuestionsBy: r.QuestionsBy.UTC(), AnswersDue: r.AnswersDue, ValidUntil: r.ValidUntil, AwardOn: r.AwardOn,
		Used: rulesOf(r.Used), Refusals: violations(lang, r.Refusals), Warnings: violations(lang, r.Warnings)}
}
