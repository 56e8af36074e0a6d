package requirement

import (
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Change says which fields of a requirement differ, by their JSON names.
type Change struct {
	Requirement uuid.UUID `json:"requirement"`
	Fields      []string  `json:"fields"`
}

// Diff is what differs between two versions of a set. Requirements that only
// moved are not changed.
type Diff struct {
	Added   []uuid.UUID `json:"added"`
	Removed []uuid.UUID `json:"removed"`
	Changed []Change    `json:"changed"`
	// Set names what differs outside the requirements: title, lots, areas,
	// criteria, kindCodes, answerCodes.
	Set []string `json:"set"`
}

// Empty reports whether nothing differs.
func (d Diff) Empty() bool {
	return len(d.Added)+len(d.Removed)+len(d.Changed)+len(d.Set) == 0
}

// placing are the fields that say where a requirement stands, not what it asks.
var placing = []string{"number", "area", "origin"}

// Touched lists, of the requirements that a supplier has answered, those that
// ask something else now or are gone, and every added one that is in lots the
// supplier tenders for (lots empty: all). Only suppliers for whom it is not
// empty have anything to confirm.
func (d Diff) Touched(newer Set, answered, lots []uuid.UUID) []uuid.UUID {
	var touched []uuid.UUID
	a := applicability{lots: lots}
	for _, id := range d.Added {
		if r, ok := newer.Requirement(id); ok && a.inLots(r) {
			touched = append(touched, id)
		}
	}
	for _, id := range d.Removed {
		if slices.Contains(answered, id) {
			touched = append(touched, id)
		}
	}
	for _, c := range d.Changed {
		asks := slices.ContainsFunc(c.Fields, func(f string) bool { return !slices.Contains(placing, f) })
		if asks && slices.Contains(answered, c.Requirement) {
			touched = append(touched, c.Requirement)
		}
	}
	return touched
}

// Changed compares two versions by requirement id. Added and changed stand in
// the newer set's order, removed in the older's.
func Changed(older, newer Set) Diff {
	d := Diff{Added: []uuid.UUID{}, Removed: []uuid.UUID{}, Changed: []Change{}, Set: []string{}}
	was, is := older.indexed(), newer.indexed()
	for _, r := range newer.Requirements {
		i, ok := was[r.ID]
		if !ok {
			d.Added = append(d.Added, r.ID)
			continue
		}
		if fields := differing(older.Requirements[i], r); len(fields) > 0 {
			d.Changed = append(d.Changed, Change{r.ID, fields})
		}
	}
	for _, r := range older.Requirements {
		if _, ok := is[r.ID]; !ok {
			d.Removed = append(d.Removed, r.ID)
		}
	}
	for _, f := range differing(older, newer) {
		if f != "id" && f != "requirements" {
			d.Set = append(d.Set, f)
		}
	}
	return d
}

// differing gives the JSON names of the fields in which two structs of the
// same type differ; an empty list equals an absent one.
func differing(a, b any) []string {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	var names []string
	for i := range x.NumField() {
		f, g := x.Field(i), y.Field(i)
		if f.Kind() == reflect.Slice && f.Len() == 0 && g.Len() == 0 {
			continue
		}
		if !reflect.DeepEqual(f.Interface(), g.Interface()) {
			name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
			names = append(names, name)
		}
	}
	return names
}
