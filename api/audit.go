package api

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// AuditEntry is one line of the audit log. Of what another organisation did, only
// what, when and to which object is told.
type AuditEntry struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	CaseAt    *time.Time      `json:"caseAt,omitempty" doc:"case time, moved on in a sandbox"`
	Own       bool            `json:"own" doc:"the own organisation did it, or tried"`
	ActorKind string          `json:"actorKind,omitempty"`
	Actor     *uuid.UUID      `json:"actor,omitempty"`
	ActorName string          `json:"actorName,omitempty" doc:"as it was; empty when it has been erased"`
	Action    string          `json:"action"`
	Outcome   string          `json:"outcome" enum:"done,refused,denied"`
	Case      *uuid.UUID      `json:"case,omitempty"`
	Object    *uuid.UUID      `json:"object,omitempty"`
	Before    json.RawMessage `json:"before,omitempty"`
	After     json.RawMessage `json:"after,omitempty"`
	StateHash string          `json:"stateHash,omitempty" doc:"SHA-256 of the ciphertext or of the state, in hexadecimal"`
	Request   string          `json:"request,omitempty"`
	Command   *uuid.UUID      `json:"command,omitempty"`
}

func auditEntryOf(e app.AuditEntry) AuditEntry {
	return AuditEntry{Seq: e.Seq, At: e.At.UTC(), CaseAt: utc(e.CaseAt), Own: e.Own, ActorKind: text(e.ActorKind), Actor: e.ActorID, ActorName: text(e.ActorName), Action: e.Action, Outcome: e.Outcome,
		Case: e.CaseID, Object: e.ObjectID, Before: e.Before, After: e.After, StateHash: hex.EncodeToString(e.StateHash), Request: text(e.RequestID), Command: e.CommandID}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// TimelineEntry is one line of a case's timeline as a party may know it.
type TimelineEntry struct {
	At     time.Time         `json:"at" doc:"case time"`
	Action string            `json:"action"`
	Object *uuid.UUID        `json:"object,omitempty"`
	Own    bool              `json:"own"`
	Who    string            `json:"who,omitempty" doc:"the own organisation's person or system"`
	Params map[string]string `json:"params"`
}

// CaseProgress is how far a joint procurement has come, and which municipality it
// waits for.
type CaseProgress struct {
	ID             uuid.UUID                 `json:"id"`
	Title          string                    `json:"title"`
	Phase          string                    `json:"phase"`
	LeadBuyer      string                    `json:"leadBuyer"`
	PublishedAt    *time.Time                `json:"publishedAt,omitempty"`
	TenderDeadline *time.Time                `json:"tenderDeadline,omitempty"`
	Participants   []app.ParticipantProgress `json:"participants"`
}

func (s *Server) registerAudit() {
	op(s, app.AuditSearch, huma.Operation{OperationID: "searchAudit", Method: http.MethodGet, Path: "/audit", Tags: []string{"audit"},
		Summary: "What the own organisation did and was refused, and what happened to what it may see; the newest first"}, s.searchAudit)
	op(s, app.TimelineRead, huma.Operation{OperationID: "getTimeline", Method: http.MethodGet, Path: "/procurements/{id}/timeline", Tags: []string{"audit"},
		Summary: "What has happened in a procurement, as one of its parties may know it"}, s.timeline)
	op(s, app.ProgressRead, huma.Operation{OperationID: "listProgress", Method: http.MethodGet, Path: "/progress", Tags: []string{"progress"},
		Summary: "How far joint procurements have come, for the municipalities' association"}, s.progress)
}

func (s *Server) searchAudit(ctx context.Context, in *struct {
	Paged
	Case    uuid.UUID `query:"case"`
	Actor   uuid.UUID `query:"actor"`
	Command uuid.UUID `query:"command"`
	Action  string    `query:"action" validate:"max=100" doc:"one action, or its first words: tender finds tender.submitted"`
	Outcome string    `query:"outcome" validate:"omitempty,oneof=done refused denied"`
	Request string    `query:"request" validate:"max=100"`
	From    time.Time `query:"from"`
	To      time.Time `query:"to"`
}) (*struct{ Body Page[AuditEntry] }, error) {
	before, err := in.afterSeq()
	if err != nil {
		return nil, err
	}
	read, err := s.App.SearchAudit(ctx, app.AuditFilter{Case: given(in.Case), Actor: given(in.Actor), Command: given(in.Command), Action: given(in.Action), Outcome: given(in.Outcome),
		Request: given(in.Request), From: given(in.From), To: given(in.To), Before: before, UpTo: in.limit() + 1})
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[AuditEntry] }{pageBySeq(read, in.limit(), func(e app.AuditEntry) int64 { return e.Seq }, auditEntryOf)}, nil
}

// given is nil for what was left out.
func given[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func (s *Server) timeline(ctx context.Context, in *struct {
	InCase
	Paged
}) (*struct{ Body Page[TimelineEntry] }, error) {
	after, err := in.afterSeq()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Timeline(ctx, in.ID, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[TimelineEntry] }{pageBySeq(read, in.limit(), func(e app.TimelineEntry) int64 { return e.Seq }, func(e app.TimelineEntry) TimelineEntry {
		return TimelineEntry{e.At.UTC(), e.Action, e.Object, e.Own, e.Who, e.Params}
	})}, nil
}

func (s *Server) progress(ctx context.Context, in *Paged) (*struct{ Body Page[CaseProgress] }, error) {
	after, err := in.afterID()
	if err != nil {
		return nil, err
	}
	read, err := s.App.Progress(ctx, after, in.limit()+1)
	if err != nil {
		return nil, err
	}
	return &struct{ Body Page[CaseProgress] }{pageByID(read, in.limit(), func(p app.Progress) uuid.UUID { return p.ID }, func(p app.Progress) CaseProgress {
		return CaseProgress{p.ID, p.Title, p.Phase, p.LeadName, utc(p.PublishedAt), utc(p.TenderDeadline), list(p.Participants)}
	})}, nil
}

// afterSeq reads a cursor that is a place in a sequence; 0 is the beginning.
func (p Paged) afterSeq() (int64, error) {
	if p.After == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(p.After, 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, ruleCursor).At("after")
	}
	return n, nil
}

// pageBySeq makes a page of what was read, of one more than the limit.
func pageBySeq[T, R any](read []T, limit int, seq func(T) int64, line func(T) R) Page[R] {
	out := Page[R]{Items: make([]R, 0, min(len(read), limit))}
	for i, r := range read {
		if i == limit {
			out.Next = strconv.FormatInt(seq(read[i-1]), 10)
			break
		}
		out.Items = append(out.Items, line(r))
	}
	return out
}
