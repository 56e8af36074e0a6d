package app

import (
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
)

// Colleague is a person or system of the reader's own organisation.
type Colleague struct {
	ID   uuid.UUID
	Name string
}

// colleagues finds those of some ids that are the actor's organisation's own;
// others are not told apart from none.
func (w *work) colleagues(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]*Colleague, error) {
	rows, err := w.q.Colleagues(ctx, w.tx, ids)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make(map[uuid.UUID]*Colleague, len(rows))
	for _, r := range rows {
		out[r.ID] = &Colleague{r.ID, r.Name}
	}
	return out, nil
}
