package app

import (
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// wrapForPartners wraps the data keys of a tender for each of its organisations
// that lacks a wrap, and for each that is asked to join: it can then work from
// the moment it accepts, and until then no policy shows it the wrap. The keys
// are unwrapped for the actor's organisation.
func (w *work) wrapForPartners(ctx context.Context, t sqlcgen.Tender) error {
	missing, err := db.MissingWraps(ctx, w.tx, t.ID)
	if err != nil || len(missing) == 0 {
		return err
	}
	d := &draft{w: w, row: t}
	keys := map[uuid.UUID]seal.DataKey{}
	defer func() {
		for _, k := range keys {
			k.Zero()
		}
	}()
	read := map[int32]bool{}
	for _, m := range missing {
		if read[m.Draft] {
			continue
		}
		read[m.Draft] = true
		of, err := d.readKeys(ctx, m.Draft)
		if err != nil {
			return err
		}
		for _, k := range of {
			keys[k.id] = k.key
		}
	}
	return w.savePartnerWraps(ctx, t.ID, missing, keys)
}

func (w *work) savePartnerWraps(ctx context.Context, tender uuid.UUID, missing []db.MissingWrap, keys map[uuid.UUID]seal.DataKey) error {
	type row struct {
		ID      uuid.UUID `json:"id"`
		Org     uuid.UUID `json:"org"`
		Wrapped string    `json:"wrapped"`
	}
	rows := make([]row, 0, len(missing))
	for _, m := range missing {
		key, readable := keys[m.DataKey]
		if !readable {
			continue // a key that this organisation has no wrap of: another one's request adds it
		}
		wrapped, err := w.app.Wrapping.WrapForOrg(m.Org, m.DataKey, key)
		if err != nil {
			return err
		}
		rows = append(rows, row{m.DataKey, m.Org, base64.StdEncoding.EncodeToString(wrapped)})
	}
	return db.Fault(w.q.InsertPartnerWraps(ctx, w.tx, sqlcgen.InsertPartnerWrapsParams{TenderID: tender, Rows: asJSON(rows)}))
}

// shareKeys wraps the keys that this request has made for the tender's other
// organisations. A supplier that tenders alone has none.
func (d *draft) shareKeys(ctx context.Context) error {
	if len(d.together.Members) == 0 {
		return nil
	}
	missing, err := db.MissingWraps(ctx, d.w.tx, d.row.ID)
	if err != nil {
		return err
	}
	keys := map[uuid.UUID]seal.DataKey{}
	for _, k := range d.keys {
		keys[k.id] = k.key
	}
	return d.w.savePartnerWraps(ctx, d.row.ID, missing, keys)
}
