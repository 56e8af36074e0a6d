package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// PublicVersion is a tender without what its supplier has marked as business
// secrets. It is generated, so nothing that is marked can be forgotten. The
// self-declaration is no part of it.
type PublicVersion struct {
	Supplier string
	Lots     []uuid.UUID
	// ReceivedAt is zero for a draft.
	ReceivedAt time.Time
	Set        requirement.Set
	// Price tells that the price part is open; its answers are shown only then.
	Price   bool
	Buyers  map[uuid.UUID]string
	Answers requirement.Answers
	Files   []Attachment
	// Withheld is what is left out.
	Withheld []requirement.Withheld
}

// public takes out what is marked.
func (c OpenedContent) public() PublicVersion {
	attached := make([]requirement.Attached, len(c.Files))
	for i, f := range c.Files {
		attached[i] = requirement.Attached{File: f.ID, Requirement: f.Requirement, Secret: f.Secret}
	}
	p := c.Set.Public(c.Marked(), attached)
	out := PublicVersion{Lots: c.Lots, Set: c.Set, Price: c.Price, Buyers: c.Buyers, Answers: p.Answers, Withheld: p.Withheld}
	for _, id := range p.Files {
		for _, f := range c.Files {
			if f.ID == id {
				out.Files = append(out.Files, f)
			}
		}
	}
	return out
}

// OwnPublicVersion shows the supplier the public version of its own tender, as
// PreviewTender shows the whole.
func (a *App) OwnPublicVersion(ctx context.Context, tenderID uuid.UUID, standing bool, lots []uuid.UUID) (PublicVersion, Tender, error) {
	p, err := a.PreviewTender(ctx, tenderID, standing, lots)
	if err != nil {
		return PublicVersion{}, Tender{}, err
	}
	out := p.Content.public()
	if p.Submission != 0 {
		out.ReceivedAt = p.Tender.ReceivedAt
	}
	return out, p.Tender, nil
}

// OpenedPublicVersion gives the team the public version of an opened tender.
// While prices are closed it holds none. Every reading is audited. It returns
// conflict (tenders.sealed) before the opening.
func (a *App) OpenedPublicVersion(ctx context.Context, id, tenderID uuid.UUID) (PublicVersion, error) {
	var out PublicVersion
	err := a.do(ctx, TendersRead, func(w *work) error {
		if err := w.load(ctx, id, TendersRead); err != nil {
			return err
		}
		t, err := w.openedTender(ctx, tenderID)
		if err != nil {
			return err
		}
		c, err := w.openedContent(ctx, t)
		if err != nil {
			return err
		}
		out = c.public()
		out.Supplier, out.ReceivedAt = t.Names(), t.ReceivedAt
		return w.audit(ctx, entry{action: "tender.public-version-read", object: tenderID})
	})
	return out, err
}
