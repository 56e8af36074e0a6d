package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// StoredAnswer is an entry of a supplier's own library: an answer that it means
// to use again.
type StoredAnswer struct {
	ID      uuid.UUID
	Version int64
	// Origin is the requirement of a library that it answers, see
	// [requirement.Requirement]; "" for one that is found by people only.
	Origin string
	Title  string
	// Value is as an answer's, for the answer type that it is meant for.
	Value json.RawMessage
	Note  string
	// Owner is the person who looks after it: who saved it last.
	Owner uuid.UUID
	// ReviewOn is the day on which it is to be looked at again; zero for none.
	ReviewOn calendar.Date
	SavedAt  time.Time
}

// storedContent is what of an entry is sealed.
type storedContent struct {
	Title string          `json:"title"`
	Value json.RawMessage `json:"value"`
	Note  string          `json:"note,omitempty"`
}

// maxStored is what one organisation's library may hold.
const maxStored = 5_000

// StoredAnswers lists the library of the actor's organisation behind an id.
func (a *App) StoredAnswers(ctx context.Context, after uuid.UUID, upTo int) ([]StoredAnswer, error) {
	var out []StoredAnswer
	err := a.do(ctx, StoredAnswersRead, func(w *work) error {
		rows, err := w.q.StoredAnswers(ctx, w.tx, sqlcgen.StoredAnswersParams{After: after, UpTo: int32(upTo)}) //nolint:gosec // a page size
		if err != nil || len(rows) == 0 {
			return db.Fault(err)
		}
		out, err = w.openStored(ctx, rows)
		return err
	})
	return out, err
}

// StoreAnswer puts an entry into the library of the actor's organisation. It
// returns invalid (stored-answer.title, stored-answer.value) and conflict
// (stored-answer.too-many).
func (a *App) StoreAnswer(ctx context.Context, s StoredAnswer) (StoredAnswer, error) {
	s.ID, s.Version = uuid.Must(uuid.NewV7()), 1
	err := a.do(ctx, StoredAnswersWrite, func(w *work) error {
		if err := s.check(); err != nil {
			return err
		}
		n, err := w.q.CountStoredAnswers(ctx, w.tx)
		if err != nil {
			return db.Fault(err)
		}
		if n >= maxStored {
			return fault.New(fault.Conflict, "stored-answer.too-many", fault.Params{"max": itoa(maxStored)})
		}
		sealed, err := w.sealStored(ctx, &s)
		if err != nil {
			return err
		}
		if err := w.q.InsertStoredAnswer(ctx, w.tx, sqlcgen.InsertStoredAnswerParams{ID: s.ID, OrgID: w.by.Org, Origin: textOrNull(s.Origin), Sealed: sealed,
			OwnerID: s.Owner, ReviewOn: db.DateOrNull(s.ReviewOn)}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "stored-answer.saved", object: s.ID, hash: hashOf(sealed), after: map[string]string{"version": "1"}})
	})
	return s, err
}

// ReplaceStoredAnswer saves an entry anew; the actor looks after it from then
// on. It returns stale (stored-answer.version) besides what StoreAnswer does.
func (a *App) ReplaceStoredAnswer(ctx context.Context, expected int64, s StoredAnswer) (StoredAnswer, error) {
	err := a.stored(ctx, s.ID, expected, func(w *work, version int64) error {
		if err := s.check(); err != nil {
			return err
		}
		s.Version = version + 1
		sealed, err := w.sealStored(ctx, &s)
		if err != nil {
			return err
		}
		if err := w.q.ReplaceStoredAnswer(ctx, w.tx, sqlcgen.ReplaceStoredAnswerParams{ID: s.ID, Origin: textOrNull(s.Origin), Version: s.Version, Sealed: sealed,
			OwnerID: s.Owner, ReviewOn: db.DateOrNull(s.ReviewOn)}); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "stored-answer.saved", object: s.ID, hash: hashOf(sealed), after: map[string]string{"version": itoa(s.Version)}})
	})
	return s, err
}

// DeleteStoredAnswer takes an entry out of the library. Tenders that took it over
// keep what they took.
func (a *App) DeleteStoredAnswer(ctx context.Context, id uuid.UUID, expected int64) error {
	return a.stored(ctx, id, expected, func(w *work, _ int64) error {
		if err := w.q.DeleteStoredAnswer(ctx, w.tx, id); err != nil {
			return db.Fault(err)
		}
		return w.audit(ctx, entry{action: "stored-answer.deleted", object: id})
	})
}

func (a *App) stored(ctx context.Context, id uuid.UUID, expected int64, f func(w *work, version int64) error) error {
	return a.do(ctx, StoredAnswersWrite, func(w *work) error {
		w.wanted = id
		row, err := w.q.LockStoredAnswer(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		if expected != 0 && expected != row.Version {
			return fault.New(fault.Stale, "stored-answer.version", fault.Params{"expected": itoa(expected), "is": itoa(row.Version)})
		}
		return f(w, row.Version)
	})
}

func (s StoredAnswer) check() error {
	var l fault.List
	if s.Title == "" || len(s.Title) > 300 {
		l.Addf("stored-answer.title", "title")
	}
	if len(s.Value) == 0 || !json.Valid(s.Value) || string(s.Value) == "null" {
		l.Addf("stored-answer.value", "value")
	}
	return l.Err()
}

// organisationKey gives the key of the actor's organisation for its own request,
// and makes it the first time.
func (w *work) organisationKey(ctx context.Context) (seal.DataKey, error) {
	row, err := w.q.OrganisationKey(ctx, w.tx)
	if err = db.Fault(err); fault.Is(err, fault.NotFound) {
		made := seal.NewDataKey()
		defer made.Zero()
		id := uuid.Must(uuid.NewV7())
		wrapped, err := w.app.Wrapping.WrapForOrg(w.by.Org, id, made)
		if err != nil {
			return seal.DataKey{}, err
		}
		// Of two that make it at once, one has made it for both.
		if _, err := w.q.InsertOrganisationKey(ctx, w.tx, sqlcgen.InsertOrganisationKeyParams{OrgID: w.by.Org, ID: id, Wrapped: wrapped}); err != nil {
			return seal.DataKey{}, db.Fault(err)
		}
		if row, err = w.q.OrganisationKey(ctx, w.tx); err != nil {
			return seal.DataKey{}, db.Fault(err)
		}
	} else if err != nil {
		return seal.DataKey{}, err
	}
	key, err := w.app.Wrapping.UnwrapForOrg(ctx, w.by.Org, row.ID, row.Wrapped)
	if err != nil || w.app.Wrapping.Current(row.Wrapped) {
		return key, err
	}
	// The library outlives wrapping keys: it goes over to the newest when used.
	wrapped, err := w.app.Wrapping.WrapForOrg(w.by.Org, row.ID, key)
	if err != nil {
		return key, err
	}
	return key, db.Fault(w.q.RewrapOrganisationKey(ctx, w.tx, wrapped))
}

func (w *work) sealStored(ctx context.Context, s *StoredAnswer) ([]byte, error) {
	key, err := w.organisationKey(ctx)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	s.Owner, s.SavedAt = w.by.ID, time.Now()
	return key.EncryptOwn(w.by.Org, s.ID, s.Version, asJSON(storedContent{s.Title, s.Value, s.Note}))
}

func (w *work) openStored(ctx context.Context, rows []sqlcgen.StoredAnswersRow) ([]StoredAnswer, error) {
	key, err := w.organisationKey(ctx)
	if err != nil {
		return nil, err
	}
	defer key.Zero()
	out := make([]StoredAnswer, len(rows))
	for i, r := range rows {
		plain, err := key.DecryptOwn(w.by.Org, r.ID, r.Version, r.Sealed)
		if err != nil {
			return nil, err
		}
		var c storedContent
		if err := json.Unmarshal(plain, &c); err != nil {
			return nil, fault.Wrap(fault.Internal, "stored-answer.decode", err)
		}
		out[i] = StoredAnswer{ID: r.ID, Version: r.Version, Origin: deref(r.Origin), Title: c.Title, Value: c.Value, Note: c.Note, Owner: r.OwnerID, SavedAt: r.SavedAt}
		if r.ReviewOn != nil {
			out[i].ReviewOn = calendar.DateOf(*r.ReviewOn)
		}
	}
	return out, nil
}

// Suggestion is an entry of the organisation's own library for a requirement of a
// tender. It is never taken over by itself.
type Suggestion struct {
	Requirement uuid.UUID
	Stored      StoredAnswer
	// Fits tells whether the value is a valid answer as it is.
	Fits bool
	// Due tells whether the day has passed on which it was to be looked at again.
	Due bool
}

// Suggestions lists what the organisation's own library holds for the
// requirements of a tender of its own, in the order of the requirements, the
// newest first: entries that answer the same requirement of a library.
func (a *App) Suggestions(ctx context.Context, tender uuid.UUID) ([]Suggestion, error) {
	out := []Suggestion{}
	err := a.do(ctx, TenderRead, func(w *work) error {
		_, pub, err := w.ownTenderByID(ctx, tender, false)
		if err != nil {
			return err
		}
		set, err := decodeSet(pub.RequirementSet)
		if err != nil {
			return err
		}
		by, err := w.storedByOrigin(ctx, set)
		if err != nil {
			return err
		}
		today := calendar.DateOf(w.now)
		for _, r := range set.Requirements {
			for _, s := range by[r.Origin] {
				out = append(out, Suggestion{r.ID, s, r.Check(s.Value) == nil, !s.ReviewOn.IsZero() && s.ReviewOn.Before(today)})
			}
		}
		return nil
	})
	return out, err
}

func (w *work) storedByOrigin(ctx context.Context, set requirement.Set) (map[string][]StoredAnswer, error) {
	var origins []string
	for _, r := range set.Requirements {
		if r.Origin != "" {
			origins = append(origins, r.Origin)
		}
	}
	if len(origins) == 0 {
		return nil, nil
	}
	rows, err := w.q.StoredAnswersOf(ctx, w.tx, origins)
	if err != nil || len(rows) == 0 {
		return nil, db.Fault(err)
	}
	same := make([]sqlcgen.StoredAnswersRow, len(rows))
	for i, r := range rows {
		same[i] = sqlcgen.StoredAnswersRow(r)
	}
	opened, err := w.openStored(ctx, same)
	if err != nil {
		return nil, err
	}
	by := map[string][]StoredAnswer{}
	for _, s := range opened {
		by[s.Origin] = append(by[s.Origin], s)
	}
	return by, nil
}
