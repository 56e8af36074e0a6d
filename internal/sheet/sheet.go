// Package sheet reads and writes spreadsheets: a buyer's requirement
// specification in and out.
package sheet

import (
	"io"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// Options say how a specification is read.
type Options struct {
	// NewID gives ids to what is read; it must never repeat itself.
	NewID func() uuid.UUID
	// Lots are the procurement's lots, matched by name. Names that are not
	// among them are warned about.
	Lots []requirement.Lot
	// KindCodes are the buyer's codes, tried before the known ones.
	KindCodes []requirement.KindCode
}

// Cell points at a place in the workbook. Row and Column count from 1; zero
// means the whole sheet or row.
type Cell struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
}

// LeftOut is a row or cell that did not become part of the set.
type LeftOut struct {
	Cell
	Reason string `json:"reason"`
}

// Warning is something read that a person should look at.
type Warning struct {
	Cell
	Rule   string            `json:"rule"`
	Params map[string]string `json:"params,omitempty"`
}

// Understood is a row and the requirement that it became.
type Understood struct {
	Cell
	Requirement uuid.UUID `json:"requirement"`
	Number      string    `json:"number"`
}

// Preview is what was understood, before anything is saved.
type Preview struct {
	Set      requirement.Set `json:"set"`
	Rows     []Understood    `json:"rows"`
	LeftOut  []LeftOut       `json:"leftOut"`
	Warnings []Warning       `json:"warnings"`
}

// Limits of what is read.
const (
	MaxBytes = 20 << 20
	MaxRows  = 20_000
)

// ReadSpecification reads a requirement specification.
func ReadSpecification(r io.Reader, o Options) (Preview, error) { return Preview{}, nil }

// WriteSpecification writes a set as a workbook that ReadSpecification reads back.
func WriteSpecification(s requirement.Set) ([]byte, error) { return nil, nil }
