// Package answersheet turns a supplier's answers into files and back: a workbook
// or CSV file generated from the requirement set, and what is understood of one
// that comes back. After the opening it lays all answers out beside each other.
//
// Everything happens in memory, since answers are sealed content: no file, no
// log and no fault of this package holds any of them. A [Reading] does, and is
// for the supplier's own request only.
//
// Nothing is accepted silently. An answer that is not taken is told with its
// place and reason; one that is taken although something is odd about it, too.
// A blank cell changes nothing.
package answersheet

import (
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/money"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/ooxml"
)

// Limits of what is read, beside those of package ooxml. The size is in bytes
// and holds for CSV files too.
const (
	MaxBytes = ooxml.MaxBytes
	MaxRows  = 20_000 // rows with content over all sheets
	// MaxColumns is far above what an answer file has.
	MaxColumns = 200
	maxCells   = 400_000 // with content, over all sheets
)

// Options are what a file is written from, or read against, beside the set.
type Options struct {
	// Version is that of the set; it counts from 1.
	Version int
	// Buyers are names by the ids that price lines use.
	Buyers map[uuid.UUID]string
	// Draft is what has been answered before. Writing fills it in; nil gives a
	// blank file. Reading needs it to judge conditions, and takes the ids of
	// uploaded files and prices that the file leaves blank from it.
	Draft requirement.Values
}

// Cell points at a place in a file. Row counts from 1; in a CSV file it is the
// record's number, and Line the first of the lines that it takes. What is not
// meant is absent.
type Cell struct {
	Sheet  string `json:"sheet,omitempty"`
	Row    int    `json:"row,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
}

// Outcome says what became of the answer that a problem is about.
type Outcome string

// The outcomes.
const (
	Refused Outcome = "refused" // not taken: what was answered before stays
	Taken   Outcome = "taken"   // taken, and to be looked at
	Told    Outcome = "told"    // about the file, not about one answer
)

// Problem is something that the supplier has to know before the answers are
// saved. Params may hold amounts of the supplier's own, so a problem is as
// secret as an answer and is not kept.
type Problem struct {
	Cell
	// Requirement is what it is about, also where the row does not say so:
	// uuid.Nil where it cannot be told.
	Requirement uuid.UUID `json:"requirement,omitzero"`
	// Number is the buyer's, as it stands in the file or, for what is not in
	// the file, in the set.
	Number  string       `json:"number,omitempty"`
	Outcome Outcome      `json:"outcome"`
	Rule    string       `json:"rule"`
	Field   string       `json:"field,omitempty"`
	Params  fault.Params `json:"params,omitempty"`
}

// LeftOut is content that has no place among the answers.
type LeftOut struct {
	Cell
	Reason string `json:"reason"`
}

// The reasons.
const (
	CommentWithoutPlace = "comment" // the answer type has no comment
	UnknownSheet        = "sheet"   // a sheet without a table of answers
	UnknownRow          = "row"     // a row that the supplier has added
)

// Understood is a row and the requirement that it answers.
type Understood struct {
	Cell
	Requirement uuid.UUID `json:"requirement"`
	Number      string    `json:"number"`
}

// Total is what the prices of a schedule add up to: Computed by the system from
// the unit prices in the file, which is what counts, and InFile as the file's
// own total, absent where it has none.
type Total struct {
	Requirement uuid.UUID  `json:"requirement"`
	Computed    money.NOK  `json:"computed"`
	InFile      *money.NOK `json:"inFile,omitempty"`
}

// Reading is what was understood of a file.
type Reading struct {
	// Values are the answers that can be saved. Each is valid, but for a price
	// schedule in which some prices are missing.
	Values   requirement.Values `json:"values"`
	Rows     []Understood       `json:"rows"`
	Problems []Problem          `json:"problems"`
	LeftOut  []LeftOut          `json:"leftOut"`
	Totals   []Total            `json:"totals"`
	// Version is the set's version that the file was generated from; 0 where
	// the file does not tell.
	Version int `json:"version,omitempty"`
}
