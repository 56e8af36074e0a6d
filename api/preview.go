package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/answersheet"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/catalogue"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Preview is the own tender exactly as the buyer will see it.
type Preview struct {
	Tender        Tender                     `json:"tender"`
	Submission    int                        `json:"submission,omitempty" doc:"the one that is shown; absent for the draft"`
	Lots          []uuid.UUID                `json:"lots"`
	Declaration   json.RawMessage            `json:"declaration,omitempty"`
	FailsAbsolute int                        `json:"failsAbsolute" doc:"answers that say no to an absolute requirement: a flag for people"`
	Answers       map[uuid.UUID]OpenedAnswer `json:"answers" doc:"by requirement, as the opening shows them"`
	Attachments   []Attachment               `json:"attachments"`
	Summary       Summary                    `json:"summary" doc:"what a submission of it would be refused for, and what to think over"`
}

// OpenedAnswer is one answer as the opening shows it.
type OpenedAnswer struct {
	Part          string `json:"part" enum:"quality,price"`
	FailsAbsolute bool   `json:"failsAbsolute"`
	Value         any    `json:"value" doc:"as the answer type writes it"`
	Marks
}

// PublicVersion is a tender without what its supplier has marked as business
// secrets.
type PublicVersion struct {
	Standing    *Standing                  `json:"standing,omitempty" doc:"of the own tender"`
	Supplier    string                     `json:"supplier,omitempty"`
	Lots        []uuid.UUID                `json:"lots"`
	ReceivedAt  *time.Time                 `json:"receivedAt,omitempty"`
	Answers     map[uuid.UUID]PublicAnswer `json:"answers" doc:"by requirement"`
	Attachments []Attachment               `json:"attachments"`
	Withheld    []requirement.Withheld     `json:"withheld" doc:"what is left out, and the supplier's reason; a file without its name"`
}

// PublicAnswer is one answer of a public version.
type PublicAnswer struct {
	Value    any         `json:"value,omitempty" doc:"absent where it is withheld"`
	Withheld string      `json:"withheld,omitempty" doc:"in place of the value: that it is withheld, in words"`
	Buyers   []uuid.UUID `json:"buyers,omitempty" doc:"the named buyers that the answer covers; absent for all of them"`
}

// Shown says what of an own tender is shown.
type Shown struct {
	Of   string `query:"of" validate:"omitempty,oneof=draft submission" doc:"submission for the tender that stands; else what is written now"`
	Lots string `query:"lots" validate:"max=2000" doc:"ids of the lots of a submission of the draft, with commas between; those of the newest submission, or all, without them"`
}

// lots reads the ids; what is none is a lot that the procurement does not have.
func (o Shown) lots() []uuid.UUID {
	var out []uuid.UUID
	for text := range strings.SplitSeq(o.Lots, ",") {
		if text != "" {
			id, _ := uuid.Parse(text)
			out = append(out, id)
		}
	}
	return out
}

func (o Shown) standing() bool { return o.Of == "submission" }

func (s *Server) registerPreviews() {
	own := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: "/tenders/{tender}" + path, Tags: []string{"tenders"}, Summary: summary}
	}
	asFile := func(o huma.Operation) huma.Operation { o.Responses = fileResponse(); return o }
	op(s, app.TenderRead, own("previewTender", "/preview", "The own tender exactly as the buyer will see it once it is opened"), s.previewTender)
	op(s, app.TenderRead, asFile(own("previewTenderFile", "/preview/file", "The same as a workbook")), s.previewTenderFile)
	op(s, app.TenderRead, own("getOwnPublicVersion", "/public-version", "The own tender without what is marked as business secrets, and the list of that"), s.ownPublicVersion)
	op(s, app.TenderRead, asFile(own("getOwnPublicVersionFile", "/public-version/file", "The same as a workbook")), s.ownPublicVersionFile)
	opened := func(id, path, summary string) huma.Operation {
		return huma.Operation{OperationID: id, Method: http.MethodGet, Path: "/procurements/{id}/tenders/{tender}/public-version" + path, Tags: []string{"evaluation"}, Summary: summary}
	}
	op(s, app.TendersRead, opened("getPublicVersion", "", "An opened tender without what its supplier has marked as business secrets; the buyer judges what may be withheld"),
		func(ctx context.Context, in *openedTender) (*struct{ Body PublicVersion }, error) {
			v, err := s.App.OpenedPublicVersion(ctx, in.ID, in.Tender)
			return &struct{ Body PublicVersion }{publicVersionOf(v, in.language())}, err
		})
	op(s, app.TendersRead, asFile(opened("getPublicVersionFile", "/file", "The same as a workbook")),
		func(ctx context.Context, in *openedTender) (*file, error) {
			v, err := s.App.OpenedPublicVersion(ctx, in.ID, in.Tender)
			return publicVersionFile(v, in.language(), err)
		})
}

type openedTender struct {
	InCase
	ByTender
}

type ownShown struct {
	ByTender
	Shown
}

func (s *Server) previewTender(ctx context.Context, in *ownShown) (*struct{ Body Preview }, error) {
	p, err := s.App.PreviewTender(ctx, in.Tender, in.standing(), in.lots())
	if err != nil {
		return nil, err
	}
	lang := in.language()
	out := Preview{Tender: tenderOf(p.Tender, lang), Submission: p.Submission, Lots: list(p.Content.Lots), Declaration: p.Content.Declaration, FailsAbsolute: p.Content.FailsAbsolute(),
		Answers: make(map[uuid.UUID]OpenedAnswer, len(p.Content.Answers)), Attachments: whole(p.Content.Files, attachmentOf).Items, Summary: *summaryOf(p.Summary, lang)}
	for id, a := range p.Content.Answers {
		out.Answers[id] = OpenedAnswer{string(a.Part), a.FailsAbsolute, a.Value, Marks{a.Secret, a.Buyers}}
	}
	return &struct{ Body Preview }{out}, nil
}

func (s *Server) previewTenderFile(ctx context.Context, in *ownShown) (*file, error) {
	p, err := s.App.PreviewTender(ctx, in.Tender, in.standing(), in.lots())
	if err != nil {
		return nil, err
	}
	content, err := answersheet.WriteMatrix(answersheet.Matrix{Set: p.Content.Set, Price: true, Buyers: p.Content.Buyers,
		Columns: []answersheet.Column{{Supplier: standingOf(p.Tender, in.language()).Text, Answers: p.Content.Marked()}}})
	return attachment("tilbud.xlsx", workbookType, content), err
}

func (s *Server) ownPublicVersion(ctx context.Context, in *ownShown) (*struct{ Body PublicVersion }, error) {
	v, t, err := s.App.OwnPublicVersion(ctx, in.Tender, in.standing(), in.lots())
	if err != nil {
		return nil, err
	}
	out, standing := publicVersionOf(v, in.language()), standingOf(t, in.language())
	out.Standing = &standing
	return &struct{ Body PublicVersion }{out}, nil
}

func (s *Server) ownPublicVersionFile(ctx context.Context, in *ownShown) (*file, error) {
	v, _, err := s.App.OwnPublicVersion(ctx, in.Tender, in.standing(), in.lots())
	return publicVersionFile(v, in.language(), err)
}

func publicVersionOf(v app.PublicVersion, lang string) PublicVersion {
	out := PublicVersion{Supplier: v.Supplier, Lots: list(v.Lots), Answers: make(map[uuid.UUID]PublicAnswer, len(v.Answers)), Attachments: whole(v.Files, attachmentOf).Items, Withheld: v.Withheld}
	if !v.ReceivedAt.IsZero() {
		at := v.ReceivedAt.UTC()
		out.ReceivedAt = &at
	}
	for id, a := range v.Answers {
		out.Answers[id] = PublicAnswer{Value: a.Value, Buyers: a.Buyers}
	}
	for _, w := range v.Withheld {
		if !w.File {
			out.Answers[w.Requirement] = PublicAnswer{Withheld: catalogue.Text(lang, "public.withheld")}
		}
	}
	return out
}

func publicVersionFile(v app.PublicVersion, lang string, err error) (*file, error) {
	if err != nil {
		return nil, err
	}
	title := catalogue.Text(lang, "public.version")
	m := answersheet.Matrix{Set: v.Set, Price: v.Price, Buyers: v.Buyers, WithheldHeading: catalogue.Text(lang, "public.withheld-list")}
	column := answersheet.Column{Supplier: title, Answers: v.Answers, Withheld: map[uuid.UUID]string{}}
	if v.Supplier != "" {
		column.Supplier = v.Supplier + " – " + title
	}
	for _, w := range v.Withheld {
		what := catalogue.Text(lang, "public.file")
		if !w.File {
			what = catalogue.Text(lang, "public.answer")
			column.Withheld[w.Requirement] = catalogue.Text(lang, "public.withheld")
		}
		m.Withheld = append(m.Withheld, answersheet.WithheldLine{Number: w.Number, What: what, Reason: w.Reason})
	}
	m.Columns = []answersheet.Column{column}
	content, err := answersheet.WriteMatrix(m)
	return attachment("offentlig-versjon.xlsx", workbookType, content), err
}
