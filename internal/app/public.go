package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// PublicLine is one row of the list of published procurements.
type PublicLine struct {
	ID          uuid.UUID
	Title       string
	LeadName    string
	Phase       procurement.Phase
	Deadline    time.Time
	QuestionsBy *time.Time
	// AnswersDue is the latest day for answers to all; zero where it is not known.
	AnswersDue  calendar.Date
	PublishedAt time.Time
	ChangedAt   time.Time
}

// public reads as the role that may see public tables and nothing else.
func (a *App) public() db.DBTX {
	if a.Public != nil {
		return db.As(a.Public, actor.Nobody)
	}
	return db.As(a.Pool, actor.Nobody)
}

// PublicProcurements lists published procurements of the real space; sandbox
// cases never appear.
func (a *App) PublicProcurements(ctx context.Context, after uuid.UUID, upTo int) ([]PublicLine, error) {
	rows, err := a.q.PublicProcurements(ctx, a.public(), sqlcgen.PublicProcurementsParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make([]PublicLine, len(rows))
	for i, r := range rows {
		out[i] = PublicLine{r.ID, r.Title, r.LeadName, procurement.Phase(r.Phase), r.Deadline, r.QuestionsBy, db.DateOf(r.AnswersDue), r.PublishedAt, r.ChangedAt}
	}
	return out, nil
}

// PublicCase is everything that is public of one procurement.
type PublicCase struct {
	PublicLine
	Sandbox      bool
	Now          time.Time
	SetVersion   int
	Notice       PublicNotice
	Requirements requirement.Set
	Documents    []Document
	// Clarifications are all versions of all answers, by number and version.
	Clarifications []Clarification
	Changes        []PublicChange
}

// PublicChange is one change that everybody is told of.
type PublicChange struct {
	Kind   string
	Params map[string]string
	At     time.Time
}

// PublicProcurement gives what is public of a procurement, without sign-in
// (FOA § 22-5 (1)).
func (a *App) PublicProcurement(ctx context.Context, id uuid.UUID) (PublicCase, error) {
	q := a.public()
	r, err := a.q.PublicProcurement(ctx, q, id)
	if err != nil {
		return PublicCase{}, db.Fault(err)
	}
	out := PublicCase{PublicLine: PublicLine{r.ID, r.Title, r.LeadName, procurement.Phase(r.Phase), r.Deadline, r.QuestionsBy, db.DateOf(r.AnswersDue), r.PublishedAt, r.ChangedAt},
		Sandbox: r.Sandbox, Now: r.CaseNow, SetVersion: int(r.SetVersion)}
	if err := json.Unmarshal(r.Notice, &out.Notice); err != nil {
		return PublicCase{}, fault.Wrap(fault.Internal, "notice.decode", err)
	}
	if out.Requirements, err = decodeSet(r.RequirementSet); err != nil {
		return PublicCase{}, err
	}
	documents, err := a.q.PublicDocuments(ctx, q, id)
	if err != nil {
		return PublicCase{}, db.Fault(err)
	}
	for _, d := range documents {
		out.Documents = append(out.Documents, Document{ID: d.ID, SetVersion: int(d.SetVersion), Kind: d.Kind, Name: d.Name, MediaType: d.MediaType, Size: int(d.Size), SHA256: d.Sha256})
	}
	answers, err := a.q.PublicClarifications(ctx, q, id)
	if err != nil {
		return PublicCase{}, db.Fault(err)
	}
	if out.Clarifications, err = clarifications(answers); err != nil {
		return PublicCase{}, err
	}
	changes, err := a.q.PublicChanges(ctx, q, id)
	if err != nil {
		return PublicCase{}, db.Fault(err)
	}
	for _, c := range changes {
		change := PublicChange{Kind: c.Kind, At: c.At}
		if err := json.Unmarshal(c.Params, &change.Params); err != nil {
			return PublicCase{}, fault.Wrap(fault.Internal, "change.decode", err)
		}
		out.Changes = append(out.Changes, change)
	}
	return out, nil
}

// PublicDocument gives one public file with its content.
func (a *App) PublicDocument(ctx context.Context, id, document uuid.UUID) (Document, error) {
	d, err := a.q.PublicDocument(ctx, a.public(), sqlcgen.PublicDocumentParams{ProcurementID: id, ID: document})
	if err != nil {
		return Document{}, db.Fault(err)
	}
	return Document{ID: d.ID, SetVersion: int(d.SetVersion), Kind: d.Kind, Name: d.Name, MediaType: d.MediaType, Size: len(d.Content), SHA256: d.Sha256, Content: d.Content}, nil
}

// Organisation is one row of the register.
type Organisation struct {
	ID             uuid.UUID
	Kind           string
	Name           string
	OrgNumber      string
	MunicipalityNo string
	County         string
	Population     int
	LanguageForm   string
	Networks       []string
	Invented       bool
}

// Organisations lists the register's municipalities and other buyers behind an
// id, of one digital network or all ("").
func (a *App) Organisations(ctx context.Context, kinds []string, network string, after uuid.UUID, upTo int) ([]Organisation, error) {
	var out []Organisation
	err := a.do(ctx, SignedIn, func(w *work) error {
		rows, err := w.q.Organisations(ctx, w.tx, sqlcgen.OrganisationsParams{Kinds: kinds, Network: network, After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			out = append(out, Organisation{ID: r.ID, Kind: r.Kind, Name: r.Name, OrgNumber: deref(r.Orgnr), MunicipalityNo: deref(r.MunicipalityNo), County: deref(r.County),
				Population: int(deref(r.Population)), LanguageForm: r.LanguageForm, Networks: r.Networks, Invented: r.Invented})
		}
		return nil
	})
	return out, err
}
