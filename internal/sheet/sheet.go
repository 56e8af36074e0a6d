// Package sheet reads and writes spreadsheets: a buyer's requirement
// specification in and out. Workbooks are handled in memory only.
package sheet

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Limits of what is read. They bound memory as well as work: a small file can
// unpack to a large one, and a text that is stored once can be shown in many
// cells.
const (
	MaxBytes      = 20 << 20  // the file
	MaxRows       = 20_000    // rows with content over all sheets
	MaxColumns    = 200       // columns of a row
	maxUnzipped   = 200 << 20 // the file's parts, unpacked
	maxParts      = 2_000
	maxCharacters = 50 << 20 // bytes of text over all cells
)

// Options say how a specification is read.
type Options struct {
	// NewID gives ids to what is read; it must never repeat itself.
	NewID func() uuid.UUID
	// Lots are the procurement's lots, matched by name without regard to case.
	// Other names become lots of their own and are warned about.
	Lots []requirement.Lot
	// KindCodes are the buyer's codes. They come before those of the workbook
	// and the common ones.
	KindCodes []requirement.KindCode
}

// Cell points at a place in the workbook. Row counts from 1 and Column is its
// letter; they are absent where the whole sheet or row is meant.
type Cell struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
}

// Reason says why a row or column did not become part of the set.
type Reason string

// The reasons.
const (
	AboveHeader     Reason = "above-header"     // titles, legends and notes over the header row
	RepeatedHeader  Reason = "repeated-header"  // the header once more, as on each printed page
	Heading         Reason = "heading"          // became an area
	Cancelled       Reason = "cancelled"        // the buyer has withdrawn the requirement and kept its number
	NoRequirement   Reason = "no-requirement"   // a row with neither number nor text of a requirement
	StrayPriceLine  Reason = "stray-price-line" // a price line that follows no price schedule
	ColumnUnknown   Reason = "column-unknown"   // a column whose heading is not understood
	ColumnForAnswer Reason = "column-for-answer"
	NoHeader        Reason = "no-header" // a sheet without a requirement table
)

// LeftOut is a row, column or sheet that did not become part of the set.
type LeftOut struct {
	Cell
	Reason Reason `json:"reason"`
}

// Warning is something read that a person should look at.
type Warning struct {
	Cell
	Rule   string       `json:"rule"`
	Params fault.Params `json:"params,omitempty"`
}

// Understood is a row and the requirement that it became.
type Understood struct {
	Cell
	Requirement uuid.UUID `json:"requirement"`
	Number      string    `json:"number"`
}

// Preview is what was understood, before anything is saved. The set is a
// draft: what it lacks for publication is told by its Validate.
type Preview struct {
	Set      requirement.Set `json:"set"`
	Rows     []Understood    `json:"rows"`
	LeftOut  []LeftOut       `json:"leftOut"`
	Warnings []Warning       `json:"warnings"`
}
