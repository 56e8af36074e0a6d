// Package specification understands tables as a requirement specification, and
// lays one out as tables. What a file is, a workbook or a Word document, makes
// no difference here: packages sheet and word take the tables out of it and put
// them in. Nothing is guessed silently: what was left out and what was assumed
// is told with its place.
package specification

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Options say how a specification is read.
type Options struct {
	// NewID gives ids to what is read; it must never repeat itself.
	NewID func() uuid.UUID
	// Lots are the procurement's lots, matched by name without regard to case.
	// Other names become lots of their own and are warned about.
	Lots []requirement.Lot
	// KindCodes are the buyer's codes. They come before those of the document
	// and the common ones.
	KindCodes []requirement.KindCode
	// Choice is what a person has chosen about the tables.
	Choice Choice
}

// Choice overrides what would be found by itself. The zero value overrides
// nothing.
type Choice struct {
	// Tables are the only ones that are read: sheets by name, Word tables by
	// number.
	Tables []string
	// HeaderRow is the header's row, counted from 1, in each table that is read.
	HeaderRow int
	// Columns says what columns hold, counted from 0. Without a header that is
	// found or given, every row then counts.
	Columns map[int]Field
}

// Reason says why a table, row or column did not become a requirement.
type Reason string

// The reasons.
const (
	AboveHeader     Reason = "above-header"     // titles, legends and notes over the header row
	RepeatedHeader  Reason = "repeated-header"  // the header once more, as on each printed page
	Heading         Reason = "heading"          // became an area
	Cancelled       Reason = "cancelled"        // the buyer has withdrawn the requirement and kept its number
	Continued       Reason = "continued"        // became part of the requirement above, whose number spans both rows
	NoRequirement   Reason = "no-requirement"   // a row with neither number nor text of a requirement
	StrayPriceLine  Reason = "stray-price-line" // a price line that follows no price schedule
	ColumnUnknown   Reason = "column-unknown"   // a column whose heading is not understood
	ColumnForAnswer Reason = "column-for-answer"
	NoHeader        Reason = "no-header"  // a table without a requirement table's header
	Legend          Reason = "legend"     // a table that explains codes
	NotChosen       Reason = "not-chosen" // a table that was not among the chosen ones
)

// LeftOut is a table, row or column that did not become a requirement.
type LeftOut struct {
	Place
	Reason Reason `json:"reason"`
}

// Warning is something read that a person should look at.
type Warning struct {
	Place
	Rule   string       `json:"rule"`
	Params fault.Params `json:"params,omitempty"`
}

// Understood is a row and the requirement that it became.
type Understood struct {
	Place
	Requirement uuid.UUID `json:"requirement"`
	Number      string    `json:"number"`
}

// TableRead says how a table was read; with it a person can say what to read
// otherwise.
type TableRead struct {
	Place
	// HeaderRow is 0 where every row counts.
	HeaderRow    int          `json:"headerRow"`
	Columns      []ColumnRead `json:"columns"`
	Requirements int          `json:"requirements" doc:"how many the table gave"`
}

// ColumnRead is a column with a heading, and what it was taken for; "" where
// that is not known.
type ColumnRead struct {
	Column  string `json:"column"`
	Heading string `json:"heading"`
	Field   Field  `json:"field,omitempty"`
}

// Reference is a requirement's mention of another one's number.
type Reference struct {
	From   uuid.UUID `json:"from"`
	To     uuid.UUID `json:"to"`
	Number string    `json:"number"`
}

// Preview is what was understood, before anything is saved. The set is a
// draft: what it lacks for publication is told by its Validate.
type Preview struct {
	Set      requirement.Set `json:"set"`
	Tables   []TableRead     `json:"tables"`
	Rows     []Understood    `json:"rows"`
	LeftOut  []LeftOut       `json:"leftOut"`
	Warnings []Warning       `json:"warnings"`
	// References are the mentions that can mean one requirement only.
	References []Reference `json:"references"`
}
