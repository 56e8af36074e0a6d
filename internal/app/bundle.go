package app

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// Bundle is what a supplier needs to prove, without this server, that what is
// opened is what was sent: the receipt, the envelopes and their data keys. Only
// the supplier gets it, and keeps it secret until the opening. It returns
// not_found for a submission that the tender does not have, or that is older
// than the organisation's part in it.
func (a *App) Bundle(ctx context.Context, tenderID uuid.UUID, submission int) (seal.Bundle, error) {
	var out seal.Bundle
	err := a.do(ctx, TenderRead, func(w *work) error {
		row, _, err := w.ownTenderByID(ctx, tenderID, false)
		if err != nil {
			return err
		}
		sent, err := w.q.Submissions(ctx, w.tx, tenderID)
		if err != nil {
			return db.Fault(err)
		}
		i := slices.IndexFunc(sent, func(s sqlcgen.SubmissionsRow) bool { return int(s.N) == submission })
		if i < 0 {
			return fault.New(fault.NotFound, "not-found")
		}
		receipt, err := seal.ParseSignedReceipt(sent[i].Receipt)
		if err != nil {
			return err
		}
		d := &draft{w: w, row: row}
		if d.keys, err = d.readKeys(ctx, sent[i].Draft); err != nil {
			return err
		}
		defer d.zero()
		envelopes, err := w.q.Envelopes(ctx, w.tx, sqlcgen.EnvelopesParams{TenderID: tenderID, Submission: sent[i].N})
		if err != nil {
			return db.Fault(err)
		}
		out = seal.NewBundle(receipt)
		for _, e := range envelopes {
			part := seal.Part(e.Part)
			key, readable := d.keys[place{e.LotID, part}]
			if !readable {
				return fault.New(fault.NotFound, "not-found") // handed in before this organisation joined
			}
			if err := out.Add(e.LotID, part, e.Sealed, key.key); err != nil {
				return err
			}
		}
		return w.audit(ctx, entry{action: "tender.bundle-read", object: tenderID, after: map[string]string{"submission": itoa(submission)}})
	})
	return out, err
}

// BundleFile gives the bundle as the file that `fellesloft verify receipt`
// reads.
func (a *App) BundleFile(ctx context.Context, tenderID uuid.UUID, submission int) ([]byte, error) {
	b, err := a.Bundle(ctx, tenderID, submission)
	if err != nil {
		return nil, err
	}
	file, err := json.Marshal(b)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "bundle.encode", err)
	}
	return file, nil
}
