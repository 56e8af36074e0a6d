package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Progress is how far one joint procurement has come, and which municipality it
// waits for.
type Progress struct {
	ID             uuid.UUID
	Title, Phase   string
	LeadName       string
	PublishedAt    *time.Time
	TenderDeadline *time.Time
	Participants   []ParticipantProgress
}

// ParticipantProgress is one municipality's own answer.
type ParticipantProgress struct {
	Org   uuid.UUID `json:"organisation"`
	Name  string    `json:"name"`
	State string    `json:"state"`
}

// Progress lists real procurements from their launch on, by id, for the
// municipalities' association. It decides nothing in them.
func (a *App) Progress(ctx context.Context, after uuid.UUID, upTo int) ([]Progress, error) {
	var out []Progress
	err := a.do(ctx, ProgressRead, func(w *work) error {
		rows, err := db.ListProgress(ctx, w.tx, after, upTo)
		if err != nil {
			return err
		}
		for _, r := range rows {
			p := Progress{ID: r.ID, Title: r.Title, Phase: r.Phase, LeadName: r.LeadName, PublishedAt: r.PublishedAt, TenderDeadline: r.TenderDeadline}
			if err := json.Unmarshal(r.Participants, &p.Participants); err != nil {
				return fault.Wrap(fault.Internal, "progress.decode", err)
			}
			out = append(out, p)
		}
		return nil
	})
	return out, err
}
