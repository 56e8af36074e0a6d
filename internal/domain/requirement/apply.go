package requirement

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Apply makes the newer version of the older one. It returns conflict
// (requirement.difference-of-another) where the set is not the one that the
// difference was made from, and changes nothing then.
func (d Diff) Apply(older Set) (Set, error) {
	newer := older
	newer.Requirements = slices.Clone(older.Requirements)
	for _, f := range d.Set {
		if err := f.apply(reflect.ValueOf(&newer).Elem()); err != nil {
			return Set{}, err
		}
	}
	index := older.indexed()
	for _, c := range d.Changed {
		i, ok := index[c.Requirement]
		if !ok {
			return Set{}, ofAnother()
		}
		for _, f := range c.Fields {
			if err := f.apply(reflect.ValueOf(&newer.Requirements[i]).Elem()); err != nil {
				return Set{}, err
			}
		}
	}
	return d.arrange(newer, index)
}

// arrange takes out what is removed or moved and puts in, from the front, what
// is moved or added at its place in the newer version.
func (d Diff) arrange(s Set, index map[uuid.UUID]int) (Set, error) {
	out := map[uuid.UUID]bool{}
	put := map[int]Requirement{}
	for _, r := range d.Removed {
		out[r.ID] = true
	}
	for _, m := range d.Moved {
		out[m.Requirement] = true
		i, ok := index[m.Requirement]
		if !ok {
			return Set{}, ofAnother()
		}
		put[m.To] = s.Requirements[i]
	}
	for _, a := range d.Added {
		if _, there := index[a.Requirement.ID]; there {
			return Set{}, ofAnother()
		}
		put[a.At] = a.Requirement
	}
	var stay []Requirement
	for _, r := range s.Requirements {
		if !out[r.ID] {
			stay = append(stay, r)
		}
	}
	if len(stay)+len(out) != len(s.Requirements) {
		return Set{}, ofAnother()
	}
	total := len(stay) + len(put)
	s.Requirements = make([]Requirement, 0, total)
	for at := range total {
		r, placed := put[at]
		if !placed {
			if len(stay) == 0 {
				return Set{}, ofAnother()
			}
			r, stay = stay[0], stay[1:]
		}
		s.Requirements = append(s.Requirements, r)
	}
	return s, nil
}

// apply sets the field of a set or a requirement that has the JSON name.
func (f FieldChange) apply(to reflect.Value) error {
	for i := range to.NumField() {
		name, _, _ := strings.Cut(to.Type().Field(i).Tag.Get("json"), ",")
		if name != f.Field {
			continue
		}
		if !bytes.Equal(encoded(to.Field(i)), f.From) {
			return ofAnother()
		}
		fresh := reflect.New(to.Field(i).Type())
		if err := json.Unmarshal(f.To, fresh.Interface()); err != nil {
			return ofAnother()
		}
		to.Field(i).Set(fresh.Elem())
		return nil
	}
	return ofAnother()
}

func ofAnother() error { return fault.New(fault.Conflict, "requirement.difference-of-another") }
