package requirement

import (
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Entry is one version of a reusable requirement in the library.
type Entry struct {
	ID      uuid.UUID
	Version int
	// Owner is the organisation whose entry it is; uuid.Nil for the deployment's
	// own, which everybody reads.
	Owner uuid.UUID
	// Network is the network whose members read it beside the owner; uuid.Nil
	// for none.
	Network uuid.UUID
	Code    string
	// Area is the heading that the entry stands under; Sectors are the services
	// that it is for, none for all of them.
	Area    string
	Sectors []string
	// Requirement holds what can be used in any set, see [Requirement.Reusable].
	Requirement Requirement
	// Source says where it comes from, and SourceRead how far that source was
	// read by who wrote the entry down: read, partly or not.
	Source     string
	SourceRead SourceRead
	// Proposal marks what nobody with the authority to do so has decided.
	Proposal bool
}

// SourceRead says how far a source has been checked.
type SourceRead string

// How far a source has been checked.
const (
	SourceIsRead     SourceRead = "read"
	SourcePartlyRead SourceRead = "partly"
	SourceNotRead    SourceRead = "not"
)

const (
	originPrefix    = "library:"
	maxCode         = 40
	maxLibraryArea  = 200
	maxSectors      = 20
	maxSectorLength = 60
)

// Origin is the reference that a requirement taken out of the entry keeps: the
// code of one of the deployment's own, which says the same in every deployment,
// else the entry's id; and the version.
func (e Entry) Origin() string {
	name := e.ID.String()
	if e.Owner == uuid.Nil {
		name = e.Code
	}
	return originPrefix + name + "@" + strconv.Itoa(e.Version)
}

// OriginKey is what two requirements made from the same library entry share,
// whatever its version; empty for a requirement without a library origin.
func OriginKey(origin string) string {
	if !strings.HasPrefix(origin, originPrefix) {
		return ""
	}
	key, _, _ := strings.Cut(origin, "@")
	return key
}

// Reusable gives what a requirement asks, without what holds in its own set
// only: identity, place, criterion and weight, lots, conditions, needs, who
// wanted it and references to its neighbours.
func (r Requirement) Reusable() Requirement {
	r.ID, r.Area, r.Criterion, r.CopiedFrom, r.SourceOrg = uuid.Nil, uuid.Nil, uuid.Nil, uuid.Nil, uuid.Nil
	r.Number, r.Origin, r.Weight, r.Lots, r.Condition, r.Needs = "", "", 0, nil, nil, nil
	var kept []Reference
	for _, ref := range r.References {
		if ref.Requirement = uuid.Nil; ref != (Reference{}) {
			kept = append(kept, ref)
		}
	}
	r.References = kept
	lines := slices.Clone(r.PriceLines)
	for i := range lines {
		lines[i].Buyers = nil
	}
	r.PriceLines = lines
	return r
}

// Validate judges an entry that is to be added. It returns invalid with every
// problem: the library's own (library.*), and those of the requirement itself.
func (e Entry) Validate() error {
	var l fault.List
	if c := strings.TrimSpace(e.Code); c == "" || len(e.Code) > maxCode || !readable(c) || strings.ContainsAny(e.Code, "@:\n\r\t") {
		l.Addf("library.code", "code")
	}
	if len(e.Area) > maxLibraryArea || !readable(e.Area) {
		l.Addf("library.area", "area")
	}
	if len(e.Sectors) > maxSectors || repeats(e.Sectors) || slices.ContainsFunc(e.Sectors, func(s string) bool {
		return strings.TrimSpace(s) == "" || len(s) > maxSectorLength || !readable(s)
	}) {
		l.Addf("library.sectors", "sectors")
	}
	// A requirement that is rated gets its criterion and weight, and an option's
	// price its requirement, in the set that it is taken into.
	alone := e.Requirement
	alone.ID = uuid.Max
	if alone.IsRated() {
		alone.Kind = Information
		if e.Requirement.Kind == Both {
			alone.Kind = Absolute
		}
	}
	alone.Options = slices.Clone(alone.Options)
	for i := range alone.Options {
		alone.Options[i].WantsPrice = false
	}
	v := validator{set: Set{Requirements: []Requirement{alone}}, index: map[uuid.UUID]int{alone.ID: 0}}
	v.requirement("requirement", alone)
	if f, ok := fault.As(v.Err()); ok {
		for _, one := range f.All() {
			c := *one
			c.Also = nil
			l.Add(&c)
		}
	}
	return l.Err()
}

// Take adds library entries to the end of the set, each under the area of its
// heading, which is made where the set has none of that title. A rated one
// still needs its criterion and weight. It returns conflict
// (library.taken-already) for an entry that the set has.
func (s Set) Take(entries []Entry, next func() uuid.UUID) (Set, error) {
	var l fault.List
	s.Areas, s.Requirements = slices.Clone(s.Areas), slices.Clone(s.Requirements)
	for i, e := range entries {
		origin := e.Origin()
		if slices.ContainsFunc(s.Requirements, func(r Requirement) bool { return OriginKey(r.Origin) == OriginKey(origin) }) {
			l.Add(fault.New(fault.Conflict, "library.taken-already", fault.Params{"code": e.Code}).At("entries[" + strconv.Itoa(i) + "]"))
			continue
		}
		r := e.Requirement
		r.ID, r.Number, r.Origin, r.SourceOrg = next(), e.Code, origin, uuid.Nil
		if title := strings.TrimSpace(e.Area); title != "" {
			r.Area = s.areaCalled(title)
			if r.Area == uuid.Nil {
				r.Area = next()
				s.Areas = append(s.Areas, Area{ID: r.Area, Title: title})
			}
		}
		s.Requirements = append(s.Requirements, r)
	}
	return s, l.Err()
}

func (s Set) areaCalled(title string) uuid.UUID {
	for _, a := range s.Areas {
		if strings.EqualFold(strings.TrimSpace(a.Title), title) {
			return a.ID
		}
	}
	return uuid.Nil
}
