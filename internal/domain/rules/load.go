package rules

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"

	"github.com/fellesloft/fellesloft/internal/fault"
)

//go:embed packs/*.json
var packs embed.FS

// file is the layout of one file under packs/. Every part may be absent.
type file struct {
	Rules       []Rule            `json:"rules"`
	Environment []EnvironmentDuty `json:"environment"`
	Record      []RecordItem      `json:"record"`
	Procedures  []ProcedureRule   `json:"procedures"`
}

// Load reads the rules that are built into the program. It returns an Internal
// fault (rules.pack-invalid) when they contradict themselves, which the
// package's tests rule out.
func Load() (Pack, error) { return load(packs) }

func load(source fs.FS) (Pack, error) {
	names, err := fs.Glob(source, "packs/*.json")
	if err != nil {
		return Pack{}, fault.Wrap(fault.Internal, "rules.pack-invalid", err)
	}
	var p Pack
	for _, name := range names {
		f, err := read(source, name)
		if err != nil {
			return Pack{}, fault.Wrap(fault.Internal, "rules.pack-invalid", fmt.Errorf("%s: %w", name, err))
		}
		p.rules = append(p.rules, f.Rules...)
		p.duties = append(p.duties, f.Environment...)
		p.record = append(p.record, f.Record...)
		p.procedures = append(p.procedures, f.Procedures...)
	}
	slices.SortFunc(p.rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), a.ValidFrom.Compare(b.ValidFrom))
	})
	if err := p.validate(); err != nil {
		return Pack{}, fault.Wrap(fault.Internal, "rules.pack-invalid", err)
	}
	return p, nil
}

// read refuses unknown fields, because a misspelt valid_to would otherwise be a
// rule without an end.
func read(source fs.FS, name string) (file, error) {
	b, err := fs.ReadFile(source, name)
	if err != nil {
		return file{}, err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var f file
	return f, d.Decode(&f)
}
