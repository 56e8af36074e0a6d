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

// LibraryEntry is a reusable requirement in one of its versions.
type LibraryEntry struct {
	ID          uuid.UUID               `json:"id"`
	Version     int                     `json:"version"`
	Newest      int                     `json:"newest" doc:"the newest version"`
	Owner       *uuid.UUID              `json:"owner,omitempty" doc:"absent for the deployment's own, which everybody reads"`
	OwnerName   string                  `json:"ownerName,omitempty"`
	Network     *uuid.UUID              `json:"network,omitempty" doc:"the network whose members read it too"`
	Code        string                  `json:"code"`
	Area        string                  `json:"area,omitempty"`
	Sectors     []string                `json:"sectors" doc:"the services that it is for; none for all"`
	Requirement requirement.Requirement `json:"requirement"`
	Source      string                  `json:"source,omitempty"`
	SourceRead  string                  `json:"sourceRead" enum:"read,partly,not" doc:"how far the source was read by who wrote the entry down"`
	Proposal    bool                    `json:"proposal" doc:"decided by nobody with the authority to do so"`
	Origin      string                  `json:"origin" doc:"what a requirement taken from it keeps as its origin"`
	ChangedAt   time.Time               `json:"changedAt"`
}

func libraryEntryOf(e app.LibraryEntry) LibraryEntry {
	out := LibraryEntry{ID: e.ID, Version: e.Version, Newest: e.Newest, OwnerName: e.OwnerName, Code: e.Code, Area: e.Area, Sectors: list(e.Sectors), Requirement: e.Requirement,
		Source: e.Source, SourceRead: string(e.SourceRead), Proposal: e.Proposal, Origin: e.Origin(), ChangedAt: e.ChangedAt.UTC()}
	if e.Owner != uuid.Nil {
		out.Owner = &e.Owner
	}
	if e.Network != uuid.Nil {
		out.Network = &e.Network
	}
	return out
}

// RevisedLibraryEntry is a new version of an entry, made of a requirement.
type RevisedLibraryEntry struct {
	Procurement uuid.UUID `json:"procurement" validate:"required"`
	Requirement uuid.UUID `json:"requirement" validate:"required" doc:"of the newest version of the procurement's set"`
	Network     uuid.UUID `json:"network,omitzero" doc:"shares it with the network's members"`
	Area        string    `json:"area,omitempty" validate:"max=200" doc:"the heading of the requirement unless given"`
	Sectors     []string  `json:"sectors,omitempty" validate:"max=20,unique,dive,max=60"`
	Source      string    `json:"source,omitempty" validate:"max=1000"`
}

// NewLibraryEntry is an entry of the own organisation.
type NewLibraryEntry struct {
	Code string `json:"code" validate:"required,max=40" doc:"unique in the organisation"`
	RevisedLibraryEntry
}

func (r RevisedLibraryEntry) entry(code string) app.NewLibraryEntry {
	return app.NewLibraryEntry{Procurement: r.Procurement, Requirement: r.Requirement, Network: r.Network, Code: code, Area: r.Area, Sectors: r.Sectors, Source: r.Source}
}

// TakenEntries are library entries for a set.
type TakenEntries struct {
	Entries []uuid.UUID `json:"entries" validate:"required,min=1,max=500,unique"`
}

type theLibraryEntry struct {
	ETag string `header:"ETag"`
	Body LibraryEntry
}

func answerLibraryEntry(e app.LibraryEntry, err error) (*theLibraryEntry, error) {
	return &theLibraryEntry{etag(int64(e.Newest)), libraryEntryOf(e)}, err
}

func (s *Server) registerLibrary() {
	tags := []string{"library"}
	op(s, app.LibraryRead, huma.Operation{OperationID: "listLibrary", Method: http.MethodGet, Path: "/library", Tags: tags,
		Summary: "Reusable requirements: the organisation's own, its networks' and the deployment's"}, s.listLibrary)
	op(s, app.LibraryRead, huma.Operation{OperationID: "getLibraryEntry", Method: http.MethodGet, Path: "/library/{entry}", Tags: tags,
		Summary: "A reusable requirement"},
		func(ctx context.Context, in *struct {
			Entry   uuid.UUID `path:"entry"`
			Version int       `query:"version" validate:"min=0,max=100000" doc:"the newest unless given"`
		}) (*theLibraryEntry, error) {
			return answerLibraryEntry(s.App.LibraryEntry(ctx, in.Entry, in.Version))
		})
	op(s, app.LibraryWrite, huma.Operation{OperationID: "addToLibrary", Method: http.MethodPost, Path: "/library", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make a requirement reusable in the own organisation, or in a network"},
		func(ctx context.Context, in *struct {
			Keyed
			Body NewLibraryEntry
		}) (*theLibraryEntry, error) {
			return answerLibraryEntry(s.App.AddToLibrary(ctx, in.Body.entry(in.Body.Code)))
		})
	op(s, app.LibraryWrite, huma.Operation{OperationID: "reviseLibraryEntry", Method: http.MethodPut, Path: "/library/{entry}", Tags: tags,
		Summary: "Make a new version of an entry of the own organisation"}, s.reviseLibraryEntry)
	op(s, app.RequirementsWrite, huma.Operation{OperationID: "takeFromLibrary", Method: http.MethodPost, Path: "/procurements/{id}/requirements/library", Tags: tags,
		Summary: "Add library entries to the end of the draft"}, s.takeFromLibrary)
}

func (s *Server) listLibrary(ctx context.Context, in *struct {
	Paged
	Text   string `query:"q" validate:"max=200" doc:"words that all stand in the entry"`
	Sector string `query:"sector" validate:"max=60" doc:"entries for the sector, and those for all"`
	Area   string `query:"area" validate:"max=200"`
	Own    bool   `query:"own" doc:"only those of the own organisation"`
}) (*struct{ Body Page[LibraryEntry] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Library(ctx, app.LibraryFilter{Text: in.Text, Sector: in.Sector, Area: in.Area, Own: in.Own, After: after, UpTo: in.limit() + 1})
	return &struct{ Body Page[LibraryEntry] }{pageByID(read, in.limit(), func(e app.LibraryEntry) uuid.UUID { return e.ID }, libraryEntryOf)}, err
}

func (s *Server) reviseLibraryEntry(ctx context.Context, in *struct {
	Versioned
	Entry uuid.UUID `path:"entry"`
	Body  RevisedLibraryEntry
}) (*theLibraryEntry, error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	return answerLibraryEntry(s.App.ReviseLibraryEntry(ctx, in.Entry, version, in.Body.entry("")))
}

// takeFromLibrary goes by the list's tag, like putRequirements.
func (s *Server) takeFromLibrary(ctx context.Context, in *struct {
	InCase
	Keyed
	Versioned
	Spoken
	Body TakenEntries
}) (*theRequirements, error) {
	edit, err := in.version()
	if err != nil {
		return nil, err
	}
	v, err := s.App.TakeFromLibrary(ctx, in.ID, edit, in.Body.Entries)
	return answerRequirements(in.language(), v, err)
}
