package app

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// answeredUnder gives the version of the set that a tender's answers are given
// under: what it was confirmed for, or submitted under. What an answer says, and
// whether it fails an absolute requirement, is judged by what was asked.
func (w *work) answeredUnder(ctx context.Context, tender uuid.UUID) (int, error) {
	row, err := w.q.StandingTender(ctx, w.tx, tender)
	return int(max(row.SetVersion, row.Confirmed)), db.Fault(err)
}

// openedStanding is an opened tender beside the amended requirements.
type openedStanding struct {
	procurement.Standing
	missing, gone []uuid.UUID
}

// standings tells how the opened tenders of the case stand to the published
// version, by tender.
func (w *work) standings(ctx context.Context) (map[uuid.UUID]openedStanding, error) {
	rows, err := w.q.StandingTenders(ctx, w.tx, w.p.ID)
	if err != nil {
		return nil, db.Fault(err)
	}
	out := make(map[uuid.UUID]openedStanding, len(rows))
	differences := map[int]requirement.Diff{}
	var published *SetVersion
	for _, r := range rows {
		s := openedStanding{Standing: procurement.Standing{Submitted: int(r.SetVersion), Confirmed: int(r.Confirmed), Published: w.p.State.SetVersion}}
		if base := s.Base(); base < s.Published {
			if published == nil {
				if published, err = w.setVersion(ctx, w.p.ID, s.Published); err != nil {
					return nil, err
				}
			}
			d, compared := differences[base]
			if !compared {
				older, err := w.setVersion(ctx, w.p.ID, base)
				if err != nil {
					return nil, err
				}
				d = requirement.Changed(older.Set, published.Set)
				differences[base] = d
			}
			s.Touched = d.Touched(published.Set, r.Answered, r.Lots)
			for _, id := range s.Touched {
				_, asked := published.Requirement(id)
				switch {
				case !asked:
					s.gone = append(s.gone, id)
				case !slices.Contains(r.Answered, id):
					s.missing = append(s.missing, id)
				}
			}
		}
		out[r.TenderID] = s
	}
	return out, nil
}

// goneRequirements are those that opened tenders answer and the published version
// no longer asks, each once, marked by their number.
func (w *work) goneRequirements(ctx context.Context, tenders []OpenedTender) ([]requirement.Requirement, error) {
	var out []requirement.Requirement
	seen, read := map[uuid.UUID]bool{}, map[int]requirement.Set{}
	for _, t := range tenders {
		for _, id := range t.Gone {
			if seen[id] {
				continue
			}
			base := t.Standing.Base()
			if _, known := read[base]; !known {
				v, err := w.setVersion(ctx, w.p.ID, base)
				if err != nil {
					return nil, err
				}
				read[base] = v.Set
			}
			if r, known := read[base].Requirement(id); known {
				r.Number += " (utgått)"
				out = append(out, r)
				seen[id] = true
			}
		}
	}
	return out, nil
}
