package app

import (
	"context"
	"encoding/json"
	"math"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// AuditFilter narrows a search in the audit log.
type AuditFilter = db.AuditFilter

// AuditEntry is one line of the audit log as an organisation's auditor reads it.
type AuditEntry = db.AuditEntry

// SearchAudit lists what the actor's organisation did and was refused, and what
// others did to objects that it may see, newest first. Reading it is itself
// audited. Only an auditor may.
func (a *App) SearchAudit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	if f.Before <= 0 {
		f.Before = math.MaxInt64
	}
	var out []AuditEntry
	err := a.do(ctx, AuditSearch, func(w *work) error {
		var err error
		if out, err = db.SearchAudit(ctx, w.tx, f); err != nil {
			return err
		}
		read := entry{action: "audit.searched", after: map[string]string{"entries": itoa(len(out))}}
		if f.Case != nil {
			read.object = *f.Case
		}
		return w.audit(ctx, read)
	})
	return out, err
}

// TimelineEntry is one line of a case's timeline as a party may know it. Who is
// empty for what time, or another organisation, did.
type TimelineEntry struct {
	Seq    int64
	At     time.Time // case time
	Action string
	Object *uuid.UUID
	Own    bool
	Who    string
	Params map[string]string
}

// Timeline lists what has happened in a procurement behind a place (0: from the
// beginning), as the actor's organisation may know it: a lead buyer, a
// participant, a supplier with a tender. For everybody else there is none.
func (a *App) Timeline(ctx context.Context, id uuid.UUID, after int64, upTo int) ([]TimelineEntry, error) {
	var out []TimelineEntry
	err := a.do(ctx, TimelineRead, func(w *work) error {
		w.wanted = id
		rows, err := db.PartyTimeline(ctx, w.tx, id, after, upTo)
		if err != nil {
			return err
		}
		if len(rows) == 0 && after == 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		for _, r := range rows {
			e := TimelineEntry{Seq: r.Seq, At: r.At, Action: r.Action, Object: r.ObjectID, Own: r.Own, Who: r.Who}
			// Whatever is no text is not for people to read.
			var params map[string]any
			if err := json.Unmarshal(r.Params, &params); err != nil {
				return fault.Wrap(fault.Internal, "audit.decode", err)
			}
			e.Params = texts(params)
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

func texts(in map[string]any) map[string]string {
	out := map[string]string{}
	for k, v := range in {
		if s, ok := v.(string); ok {
			out[k] = s
		}
	}
	return out
}
