package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// LibraryEntry is a reusable requirement in one of its versions, as the actor's
// organisation may read it: its own, those of networks that it is in, and the
// deployment's.
type LibraryEntry struct {
	requirement.Entry
	OwnerName string
	// Newest is the number of the newest version.
	Newest    int
	ChangedAt time.Time
}

// LibraryFilter says which entries are listed. Every word of Text stands in the
// code, area, title, text or evidence; an entry without sectors is for all.
type LibraryFilter struct {
	Text, Sector, Area string
	Own                bool
	After              uuid.UUID
	UpTo               int
}

// Library lists the newest version of the entries that the organisation may
// read.
func (a *App) Library(ctx context.Context, f LibraryFilter) ([]LibraryEntry, error) {
	var out []LibraryEntry
	err := a.do(ctx, LibraryRead, func(w *work) error {
		rows, err := w.q.LibraryEntries(ctx, w.tx, sqlcgen.LibraryEntriesParams{After: f.After, Own: f.Own, Sector: f.Sector, Area: f.Area,
			Words: strings.Fields(strings.ToLower(f.Text)), UpTo: int32(f.UpTo)}) //nolint:gosec // a page size
		if err != nil {
			return db.Fault(err)
		}
		for _, r := range rows {
			e, err := libraryEntryOf(sqlcgen.LibraryEntryRow{ID: r.ID, Version: r.Version, Newest: r.Version, OrgID: r.OrgID, NetworkID: r.NetworkID, Code: r.Code, Area: r.Area, Sectors: r.Sectors,
				Source: r.Source, SourceRead: r.SourceRead, Proposal: r.Proposal, ChangedAt: r.ChangedAt, Requirement: r.Requirement, OwnerName: r.OwnerName})
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// LibraryEntry gives an entry in one of its versions, 0 for the newest. It
// returns not_found for what is not there or not the organisation's to read.
func (a *App) LibraryEntry(ctx context.Context, id uuid.UUID, version int) (LibraryEntry, error) {
	var out LibraryEntry
	err := a.do(ctx, LibraryRead, func(w *work) error {
		w.wanted = id
		var err error
		out, err = w.libraryEntry(ctx, id, version)
		return err
	})
	return out, err
}

func (w *work) libraryEntry(ctx context.Context, id uuid.UUID, version int) (LibraryEntry, error) {
	row, err := w.q.LibraryEntry(ctx, w.tx, sqlcgen.LibraryEntryParams{ID: id, Version: int32(version)}) //nolint:gosec // the API bounds it
	if err != nil {
		return LibraryEntry{}, db.Fault(err)
	}
	return libraryEntryOf(row)
}

func libraryEntryOf(r sqlcgen.LibraryEntryRow) (LibraryEntry, error) {
	out := LibraryEntry{OwnerName: r.OwnerName, Newest: int(r.Newest), ChangedAt: r.ChangedAt, Entry: requirement.Entry{ID: r.ID, Version: int(r.Version),
		Owner: deref(r.OrgID), Network: deref(r.NetworkID), Code: r.Code, Area: r.Area, Sectors: r.Sectors, Source: r.Source, SourceRead: requirement.SourceRead(r.SourceRead), Proposal: r.Proposal}}
	if err := json.Unmarshal(r.Requirement, &out.Requirement); err != nil {
		return LibraryEntry{}, fault.Wrap(fault.Internal, "library.decode", err)
	}
	return out, nil
}

// NewLibraryEntry makes an entry, or a new version of one, of a requirement of a
// case that the organisation takes part in.
type NewLibraryEntry struct {
	Procurement uuid.UUID
	Requirement uuid.UUID
	// Network shares it with the network's members; uuid.Nil keeps it to the
	// organisation.
	Network uuid.UUID
	Code    string // of a new entry; an entry keeps its own
	Area    string // empty for the heading that the requirement stands under
	Sectors []string
	Source  string
}

// AddToLibrary makes an entry of the actor's organisation. It returns not_found
// for a requirement that the organisation may not read, invalid (library.*,
// requirement.*), and conflict for a code that it has (library.code-taken).
func (a *App) AddToLibrary(ctx context.Context, n NewLibraryEntry) (LibraryEntry, error) {
	var out LibraryEntry
	err := a.do(ctx, LibraryWrite, func(w *work) error {
		e, err := w.reusable(ctx, n)
		if err != nil {
			return err
		}
		e.ID, e.Version, e.Code = uuid.Must(uuid.NewV7()), 1, n.Code
		if err := e.Validate(); err != nil {
			return err
		}
		if err := w.q.InsertLibraryEntry(ctx, w.tx, sqlcgen.InsertLibraryEntryParams{ID: e.ID, NetworkID: idOrNull(e.Network), Code: e.Code, Area: e.Area, Sectors: e.Sectors,
			Source: e.Source, SourceRead: string(e.SourceRead)}); err != nil {
			return db.Fault(err)
		}
		out, err = w.keepEntry(ctx, e, "library.added")
		return err
	})
	return out, err
}

// ReviseLibraryEntry makes a new version of an entry of the actor's
// organisation; earlier versions stay for those who took them. It returns stale
// (library.version), else what AddToLibrary does.
func (a *App) ReviseLibraryEntry(ctx context.Context, id uuid.UUID, expected int64, n NewLibraryEntry) (LibraryEntry, error) {
	var out LibraryEntry
	err := a.do(ctx, LibraryWrite, func(w *work) error {
		w.wanted = id
		row, err := w.q.LockLibraryEntry(ctx, w.tx, id)
		if err != nil {
			return db.Fault(err)
		}
		if expected != 0 && expected != int64(row.Version) {
			return fault.New(fault.Stale, "library.version", fault.Params{"expected": itoa(expected), "is": itoa(row.Version)})
		}
		was, err := w.libraryEntry(ctx, id, 0)
		if err != nil {
			return err
		}
		e, err := w.reusable(ctx, n)
		if err != nil {
			return err
		}
		e.ID, e.Version, e.Code = id, was.Version+1, was.Code
		if err := e.Validate(); err != nil {
			return err
		}
		if err := w.q.ReviseLibraryEntry(ctx, w.tx, sqlcgen.ReviseLibraryEntryParams{ID: id, Version: int32(e.Version), NetworkID: idOrNull(e.Network), Area: e.Area, Sectors: e.Sectors, //nolint:gosec // versions count up from 1
			Source: e.Source, SourceRead: string(e.SourceRead)}); err != nil {
			return db.Fault(err)
		}
		out, err = w.keepEntry(ctx, e, "library.revised")
		return err
	})
	return out, err
}

// reusable reads the requirement that an entry is made of.
func (w *work) reusable(ctx context.Context, n NewLibraryEntry) (requirement.Entry, error) {
	if n.Network != uuid.Nil {
		in, err := w.q.InNetwork(ctx, w.tx, n.Network)
		if err != nil {
			return requirement.Entry{}, db.Fault(err)
		}
		if !in {
			return requirement.Entry{}, fault.New(fault.Invalid, "library.network").At("network")
		}
	}
	if err := w.load(ctx, n.Procurement, ProcurementRead); err != nil {
		return requirement.Entry{}, err
	}
	set, err := w.currentSet(ctx)
	if err != nil {
		return requirement.Entry{}, err
	}
	r, ok := set.Requirement(n.Requirement)
	if !ok {
		return requirement.Entry{}, fault.New(fault.NotFound, "not-found")
	}
	e := requirement.Entry{Owner: w.by.Org, Network: n.Network, Area: strings.TrimSpace(n.Area), Sectors: n.Sectors, Requirement: r.Reusable(), Source: n.Source, SourceRead: requirement.SourceNotRead}
	for _, area := range set.Areas {
		if e.Area == "" && area.ID == r.Area {
			e.Area = area.Title
		}
	}
	if e.Sectors == nil {
		e.Sectors = []string{}
	}
	return e, nil
}

func (w *work) keepEntry(ctx context.Context, e requirement.Entry, action string) (LibraryEntry, error) {
	if err := w.q.InsertLibraryVersion(ctx, w.tx, sqlcgen.InsertLibraryVersionParams{EntryID: e.ID, Version: int32(e.Version), Requirement: asJSON(e.Requirement), MadeBy: &w.by.ID}); err != nil { //nolint:gosec // versions count up from 1
		return LibraryEntry{}, db.Fault(err)
	}
	// The case is where it came from, and no part of what happened to it.
	about := w.p.ID
	w.p.ID = uuid.Nil
	err := w.audit(ctx, entry{action: action, object: e.ID, hash: hashOf(asJSON(e.Requirement)),
		after: map[string]string{"code": e.Code, "version": itoa(e.Version), "procurement": about.String()}})
	if err != nil {
		return LibraryEntry{}, err
	}
	return w.libraryEntry(ctx, e.ID, 0)
}

// TakeFromLibrary adds entries, in their newest version, to the end of the
// case's draft. Each requirement keeps the reference of its entry. It returns
// not_found for an entry that the organisation may not read, conflict
// (library.taken-already, and after publication).
func (a *App) TakeFromLibrary(ctx context.Context, id uuid.UUID, expected int64, entries []uuid.UUID) (SetVersion, error) {
	var out SetVersion
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		draft, err := w.draftFor(ctx, id, expected)
		if err != nil {
			return err
		}
		var all []requirement.Entry
		var origins []string
		for _, one := range entries {
			e, err := w.libraryEntry(ctx, one, 0)
			if err != nil {
				return err
			}
			all, origins = append(all, e.Entry), append(origins, e.Origin())
		}
		set := draft.Set
		if draft.Version == 0 {
			set = requirement.Set{Title: w.p.Plan.Title, Lots: w.planLots()}
		}
		set, err = set.Take(all, func() uuid.UUID { return uuid.Must(uuid.NewV7()) })
		if err != nil {
			return err
		}
		return w.replaceSet(ctx, set, &out, map[string]string{"taken": strings.Join(origins, " ")})
	})
	return out, err
}
