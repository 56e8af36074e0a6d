package seed

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"sync"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

//go:embed library.json
var libraryFile []byte

// LibraryEntryID gives the id that an entry of the deployment's library has in
// every deployment.
func LibraryEntryID(code string) uuid.UUID { return idOf("library", code) }

// Library lists the deployment's own library entries: cross-sector requirements
// with their sources, a proposal that nobody has decided.
func Library() []requirement.Entry { return library() }

var library = sync.OnceValue(func() []requirement.Entry {
	var file struct {
		About    string `json:"about"`
		Proposal bool   `json:"proposal"`
		Entries  []struct {
			Code        string                  `json:"code"`
			Area        string                  `json:"area"`
			Source      string                  `json:"source"`
			SourceRead  requirement.SourceRead  `json:"sourceRead"`
			Requirement requirement.Requirement `json:"requirement"`
		} `json:"entries"`
	}
	d := json.NewDecoder(bytes.NewReader(libraryFile))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		panic("seed: library.json: " + err.Error())
	}
	var out []requirement.Entry
	for _, e := range file.Entries {
		out = append(out, requirement.Entry{ID: LibraryEntryID(e.Code), Version: 1, Code: e.Code, Area: e.Area, Sectors: []string{},
			Requirement: e.Requirement, Source: e.Source, SourceRead: e.SourceRead, Proposal: file.Proposal})
	}
	return out
})

type libraryRow struct {
	ID          uuid.UUID               `json:"id"`
	Code        string                  `json:"code"`
	Area        string                  `json:"area"`
	Source      string                  `json:"source"`
	SourceRead  string                  `json:"source_read"`
	Proposal    bool                    `json:"proposal"`
	Requirement requirement.Requirement `json:"requirement"`
}

const libraryEntriesSQL = `
INSERT INTO library_entries AS e (id, code, area, source, source_read, proposal)
SELECT id, code, area, source, source_read, proposal
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, code text, area text, source text, source_read text, proposal boolean)
ON CONFLICT (id) DO UPDATE SET
  code = excluded.code, area = excluded.area, source = excluded.source, source_read = excluded.source_read, proposal = excluded.proposal
WHERE (e.code, e.area, e.source, e.source_read, e.proposal) IS DISTINCT FROM
      (excluded.code, excluded.area, excluded.source, excluded.source_read, excluded.proposal)`

// A wording that differs from the newest is a new version: what was taken from
// the earlier one keeps its origin.
const libraryRevisedSQL = `
UPDATE library_entries e SET version = e.version + 1, changed_at = clock_timestamp()
FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, requirement jsonb) JOIN library_versions v ON v.entry_id = r.id
WHERE e.id = r.id AND v.version = e.version AND v.requirement <> r.requirement`

const libraryVersionsSQL = `
INSERT INTO library_versions (entry_id, version, requirement)
SELECT r.id, e.version, r.requirement FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, requirement jsonb) JOIN library_entries e ON e.id = r.id
ON CONFLICT (entry_id, version) DO NOTHING`

func libraryRows() []libraryRow {
	var out []libraryRow
	for _, e := range Library() {
		out = append(out, libraryRow{e.ID, e.Code, e.Area, e.Source, string(e.SourceRead), e.Proposal, e.Requirement})
	}
	return out
}
