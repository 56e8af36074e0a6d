package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// RequirementVersion tells of one version of a requirement set.
type RequirementVersion struct {
	Version      int        `json:"version"`
	State        string     `json:"state" enum:"draft,kept,locked,superseded,discarded" doc:"kept: before publication, under a note; locked: published; superseded: by an amendment; discarded: an amendment that was never published"`
	Note         string     `json:"note,omitempty"`
	FrozenAt     *time.Time `json:"frozenAt,omitempty" doc:"when it was kept or published"`
	KeptBy       *uuid.UUID `json:"keptBy,omitempty"`
	Requirements int        `json:"requirements" doc:"how many"`
}

func requirementVersionOf(v app.VersionLine) RequirementVersion {
	out := RequirementVersion{Version: v.Version, State: v.State, Note: v.Note, KeptBy: v.KeptBy, Requirements: v.Requirements}
	if v.FrozenAt != nil {
		at := v.FrozenAt.UTC()
		out.FrozenAt = &at
	}
	return out
}

// KeptVersion names the draft as it is.
type KeptVersion struct {
	Note string `json:"note" validate:"required,max=500"`
}

// CopiedRequirements is a draft made of an earlier set.
type CopiedRequirements struct {
	Requirements
	Lost []RequirementWarning `json:"lost" doc:"what could not come along"`
}

// NewCopy says what is copied.
type NewCopy struct {
	Procurement uuid.UUID `json:"procurement" validate:"required" doc:"one that the organisation leads, or that is public"`
	Version     int       `json:"version,omitempty" validate:"min=0,max=100000" doc:"the newest, or the public one, unless given"`
	Replace     bool      `json:"replace,omitempty" doc:"let the draft's own requirements give way"`
}

func (s *Server) registerSetVersions() {
	tags := []string{"requirements"}
	op(s, app.ProcurementRead, huma.Operation{OperationID: "listRequirementVersions", Method: http.MethodGet, Path: "/procurements/{id}/requirements/versions", Tags: tags,
		Summary: "The versions of the requirement set, oldest first"},
		func(ctx context.Context, in *InCase) (*struct{ Body Page[RequirementVersion] }, error) {
			read, err := s.App.SetVersions(ctx, in.ID)
			return &struct{ Body Page[RequirementVersion] }{whole(read, requirementVersionOf)}, err
		})
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "keepRequirementVersion", Method: http.MethodPost, Path: "/procurements/{id}/requirements/versions", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Keep the draft as it is under a note; it goes on as the next version"},
		func(ctx context.Context, in *struct {
			InCase
			Keyed
			Body KeptVersion
		}) (*struct{ Body RequirementVersion }, error) {
			v, err := s.App.KeepVersion(ctx, in.ID, in.Body.Note)
			return &struct{ Body RequirementVersion }{requirementVersionOf(v)}, err
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getRequirementVersion", Method: http.MethodGet, Path: "/procurements/{id}/requirements/versions/{version}", Tags: tags,
		Summary: "One version of the requirement set"},
		func(ctx context.Context, in *struct {
			InCase
			Version int `path:"version" validate:"min=1,max=100000"`
		}) (*struct{ Body Requirements }, error) {
			v, err := s.App.RequirementVersion(ctx, in.ID, in.Version)
			return &struct{ Body Requirements }{requirementsOf(v)}, err
		})
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getRequirementDifference", Method: http.MethodGet, Path: "/procurements/{id}/requirements/difference", Tags: tags,
		Summary: "What differs between two versions: added, removed, moved and changed field by field, and which changes touch answers"},
		func(ctx context.Context, in *struct {
			InCase
			From int `query:"from" validate:"min=0,max=100000" doc:"the older version; the newest unless given"`
			To   int `query:"to" validate:"min=0,max=100000" doc:"the newer version; the newest unless given"`
		}) (*struct{ Body requirement.Diff }, error) {
			d, err := s.App.Difference(ctx, in.ID, in.From, in.To)
			return &struct{ Body requirement.Diff }{filled(d)}, err
		})
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "copyRequirements", Method: http.MethodPost, Path: "/procurements/{id}/requirements/copy", Tags: tags,
		Summary: "Make the draft of a copy of an earlier procurement's set"}, s.copyRequirements)
	op(s, app.ProcurementRead, huma.Operation{OperationID: "getCopyDifference", Method: http.MethodGet, Path: "/procurements/{id}/requirements/copy-difference", Tags: tags,
		Summary: "What differs between the set and the earlier one that it was copied from"},
		func(ctx context.Context, in *struct {
			InCase
			Earlier uuid.UUID `query:"earlier" validate:"required" doc:"the earlier procurement"`
			Version int       `query:"version" validate:"min=0,max=100000" doc:"of the earlier set; the one that was copied unless given"`
		}) (*struct{ Body requirement.Diff }, error) {
			d, err := s.App.CopyDifference(ctx, in.ID, in.Earlier, in.Version)
			return &struct{ Body requirement.Diff }{filled(d)}, err
		})
}

// filled gives a difference without absent lists.
func filled(d requirement.Diff) requirement.Diff {
	d.Added, d.Removed, d.Changed, d.Moved, d.Set, d.Weights = list(d.Added), list(d.Removed), list(d.Changed), list(d.Moved), list(d.Set), list(d.Weights)
	return d
}

// theCopy is the draft that a copy has made.
type theCopy struct {
	ETag string `header:"ETag"`
	Body CopiedRequirements
}

// copyRequirements goes by the list's tag, like putRequirements.
func (s *Server) copyRequirements(ctx context.Context, in *struct {
	InCase
	Keyed
	Versioned
	Spoken
	Body NewCopy
}) (*theCopy, error) {
	edit, err := in.version()
	if err != nil {
		return nil, err
	}
	v, lost, err := s.App.CopyRequirements(ctx, in.ID, edit, app.SetCopy{Procurement: in.Body.Procurement, Version: in.Body.Version, Replace: in.Body.Replace})
	return &theCopy{etag(v.Edit), CopiedRequirements{requirementsOf(v), requirementWarnings(lost, in.language())}}, err
}
