package requirement

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// FieldChange is one field before and after, by its JSON name; null where it
// was or is absent.
type FieldChange struct {
	Field string          `json:"field"`
	From  json.RawMessage `json:"from"`
	To    json.RawMessage `json:"to"`
}

// Change is what differs in one requirement. Number is the newer one's.
type Change struct {
	Requirement uuid.UUID     `json:"requirement"`
	Number      string        `json:"number"`
	Fields      []FieldChange `json:"fields"`
	// Touches reports whether the requirement asks something else now, so that
	// an answer given before has to be looked at again.
	Touches bool `json:"touches"`
}

// Has reports whether one of the fields differs.
func (c Change) Has(fields ...string) bool {
	return slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return slices.Contains(fields, f.Field) })
}

// Addition is a requirement that the newer version has and the older has not.
type Addition struct {
	At          int         `json:"at"` // its place in the newer version, from 0
	Requirement Requirement `json:"requirement"`
}

// Move is a requirement that stands in another order among those that both
// versions have. From is its place in the older version, To in the newer.
type Move struct {
	Requirement uuid.UUID `json:"requirement"`
	From        int       `json:"from"`
	To          int       `json:"to"`
}

// WeightChange is a criterion whose weight differs. A criterion that one of the
// versions does not have weighs nothing in it.
type WeightChange struct {
	Criterion uuid.UUID `json:"criterion"`
	Name      string    `json:"name"`
	From      Percent   `json:"from"`
	To        Percent   `json:"to"`
}

// Diff is what differs between two versions of a set: enough to make the newer
// of the older ([Diff.Apply]). Added, changed and moved stand in the newer
// version's order, removed in the older's.
type Diff struct {
	Added   []Addition    `json:"added"`
	Removed []Requirement `json:"removed"`
	Changed []Change      `json:"changed"`
	// Moved is the smallest number of requirements whose moving explains the
	// new order; those that others were put before have not moved.
	Moved []Move `json:"moved"`
	// Set are the fields that differ outside the requirements: title, lots,
	// areas, criteria, codes.
	Set []FieldChange `json:"set"`
	// Weights tells again, of the criteria in Set, whose weight differs.
	Weights []WeightChange `json:"weights"`
}

// Empty reports whether nothing differs.
func (d Diff) Empty() bool {
	return len(d.Added)+len(d.Removed)+len(d.Changed)+len(d.Moved)+len(d.Set) == 0
}

// placing are the fields that say where a requirement stands and where it comes
// from, not what it asks.
var placing = []string{"number", "area", "origin", "copiedFrom", "sourceOrg", "needs", "references"}

// opening are the fields by which a requirement can come to ask those whom it
// did not ask before.
var opening = []string{"lots", "condition", "mandatory", "answerType"}

// Touched lists, of the requirements that a supplier has answered, those that
// ask something else now or are gone, and for the lots that the supplier
// tenders for (lots empty: all) every added one and every one that may ask it
// for the first time. Only suppliers for whom it is not empty have anything to
// confirm.
func (d Diff) Touched(newer Set, answered, lots []uuid.UUID) []uuid.UUID {
	var touched []uuid.UUID
	a := applicability{lots: lots}
	for _, added := range d.Added {
		if a.inLots(added.Requirement) {
			touched = append(touched, added.Requirement.ID)
		}
	}
	for _, r := range d.Removed {
		if slices.Contains(answered, r.ID) {
			touched = append(touched, r.ID)
		}
	}
	for _, c := range d.Changed {
		r, _ := newer.Requirement(c.Requirement)
		asked := slices.Contains(answered, c.Requirement) && c.Touches
		if asked || c.Has(opening...) && a.inLots(r) {
			touched = append(touched, c.Requirement)
		}
	}
	return touched
}

// Changed compares two versions by requirement id.
func Changed(older, newer Set) Diff {
	d := Diff{Added: []Addition{}, Removed: []Requirement{}, Changed: []Change{}, Moved: moves(older, newer), Set: []FieldChange{}, Weights: []WeightChange{}}
	was, is := older.indexed(), newer.indexed()
	for at, r := range newer.Requirements {
		i, ok := was[r.ID]
		if !ok {
			d.Added = append(d.Added, Addition{at, r})
			continue
		}
		if fields := differing(older.Requirements[i], r); len(fields) > 0 {
			c := Change{Requirement: r.ID, Number: r.Number, Fields: fields}
			c.Touches = slices.ContainsFunc(fields, func(f FieldChange) bool { return !slices.Contains(placing, f.Field) })
			d.Changed = append(d.Changed, c)
		}
	}
	for _, r := range older.Requirements {
		if _, ok := is[r.ID]; !ok {
			d.Removed = append(d.Removed, r)
		}
	}
	before, after := older, newer
	before.ID, before.Requirements, after.ID, after.Requirements = uuid.Nil, nil, uuid.Nil, nil
	d.Set = append(d.Set, differing(before, after)...)
	d.Weights = append(d.Weights, reweighted(older, newer)...)
	return d
}

func reweighted(older, newer Set) []WeightChange {
	var out []WeightChange
	for _, c := range newer.Criteria {
		was, _ := older.Criterion(c.ID)
		if was.Weight != c.Weight {
			out = append(out, WeightChange{c.ID, c.Name, was.Weight, c.Weight})
		}
	}
	for _, c := range older.Criteria {
		if _, kept := newer.Criterion(c.ID); !kept {
			out = append(out, WeightChange{c.ID, c.Name, c.Weight, 0})
		}
	}
	return out
}

// differing compares two structs of the same type field by field; an empty list
// equals an absent one.
func differing(a, b any) []FieldChange {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	var out []FieldChange
	for i := range x.NumField() {
		if reflect.DeepEqual(x.Field(i).Interface(), y.Field(i).Interface()) {
			continue
		}
		from, to := encoded(x.Field(i)), encoded(y.Field(i))
		if !bytes.Equal(from, to) {
			name, _, _ := strings.Cut(x.Type().Field(i).Tag.Get("json"), ",")
			out = append(out, FieldChange{name, from, to})
		}
	}
	return out
}

// encoded is a field's value as JSON; null for the zero value and for an empty
// list.
func encoded(v reflect.Value) json.RawMessage {
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return json.RawMessage("null")
	}
	b, err := json.Marshal(v.Interface())
	if err != nil {
		// Every field of a set is text, numbers and lists of them.
		panic(err)
	}
	return b
}
