package db

import (
	"context"

	"github.com/google/uuid"
)

// MissingWrap is a data key of a tender that is not wrapped yet for one of its
// organisations, or for one that is asked to join.
type MissingWrap struct {
	DataKey uuid.UUID `db:"data_key_id"`
	Draft   int32     `db:"draft"`
	Org     uuid.UUID `db:"org_id"`
}

// MissingWraps lists what an own tender lacks, of its newest submission's draft
// and of the one being written; empty for another's tender.
func MissingWraps(ctx context.Context, q DBTX, tender uuid.UUID) ([]MissingWrap, error) {
	return collect[MissingWrap](ctx, q, `SELECT data_key_id, draft, org_id FROM missing_wraps($1)`, tender)
}
