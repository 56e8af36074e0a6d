package requirement

import (
	"slices"

	"github.com/google/uuid"
)

// Requirement is one question or demand. Its identity is ID; Number is the
// buyer's own and is kept as text, because 1.1 and 1.10 differ and buyers
// repeat numbers.
type Requirement struct {
	ID     uuid.UUID `json:"id"`
	Number string    `json:"number"`
	// Area is the heading the requirement stands under; uuid.Nil for none.
	Area       uuid.UUID  `json:"area,omitzero"`
	Title      string     `json:"title,omitempty"`
	Text       string     `json:"text"`
	Help       string     `json:"help,omitempty"`
	Kind       Kind       `json:"kind"`
	AnswerType AnswerType `json:"answerType,omitempty"`
	// Options are what choice and multi-choice choose among.
	Options []Option `json:"options,omitempty"`
	Limits  Limits   `json:"limits,omitzero"`
	// PassIf lists the answers that meet an absolute boolean, choice or
	// multi-choice ("true", "false" or option labels). Empty means "true" for
	// a boolean and any valid answer for the others.
	PassIf []string `json:"passIf,omitempty"`
	// Weight is the share of the criterion, for rated requirements that are
	// scored. Prices have none: they are added.
	Weight Percent `json:"weight,omitzero"`
	// Criterion is what a rated requirement counts under; uuid.Nil for none.
	Criterion uuid.UUID `json:"criterion,omitzero"`
	// Lots limits the requirement to some lots; empty means all.
	Lots      []uuid.UUID `json:"lots,omitempty"`
	Mandatory bool        `json:"mandatory"`
	// Condition says when the requirement applies; nil means always.
	Condition *Condition `json:"condition,omitempty"`
	// Evidence is the documentation asked for, in words, and its kind.
	Evidence     string       `json:"evidence,omitempty"`
	EvidenceKind EvidenceKind `json:"evidenceKind,omitempty"`
	// Needs are the needs (behov) of the set that the requirement serves.
	Needs []uuid.UUID `json:"needs,omitempty"`
	// References are other requirements, standards and rules that it leans on.
	References []Reference `json:"references,omitempty"`
	// SourceOrg is the organisation that wants the requirement; uuid.Nil for
	// all buyers. Suppliers do not see it.
	SourceOrg uuid.UUID `json:"sourceOrg,omitzero"`
	// Origin is the reference of the library entry that this one was made from,
	// see [OriginKey]. It outlives copies: what is known of the entry, such as a
	// certified fact, is known of the requirement.
	Origin string `json:"origin,omitempty"`
	// CopiedFrom is the requirement of an earlier set that this is a copy of.
	CopiedFrom uuid.UUID `json:"copiedFrom,omitzero"`
	// PriceLines are the rows of a price schedule.
	PriceLines []PriceLine `json:"priceLines,omitempty"`
}

// Kind says what a requirement is for the evaluation.
type Kind string

// The kinds of requirement.
const (
	Absolute    Kind = "absolute"    // absolutt krav: met or not
	Rated       Kind = "rated"       // evaluering: scored or priced
	Both        Kind = "both"        // absolute and rated
	OptionKind  Kind = "option"      // opsjon: asked for, not counted
	Information Kind = "information" // for information only
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Absolute, Rated, Both, OptionKind, Information} }

// Known reports whether k is one of the kinds.
func (k Kind) Known() bool { return slices.Contains(Kinds(), k) }

// AnswerType says what an answer looks like.
type AnswerType string

// The answer types. NoAnswer is for information that is only to be read.
const (
	NoAnswer      AnswerType = ""
	Boolean       AnswerType = "boolean"
	Choice        AnswerType = "choice"
	MultiChoice   AnswerType = "multi-choice"
	Text          AnswerType = "text"
	Number        AnswerType = "number"
	Money         AnswerType = "money"
	Date          AnswerType = "date"
	Document      AnswerType = "document"
	PriceSchedule AnswerType = "price-schedule"
)

// AnswerTypes lists every answer type that takes an answer.
func AnswerTypes() []AnswerType {
	return []AnswerType{Boolean, Choice, MultiChoice, Text, Number, Money, Date, Document, PriceSchedule}
}

// Known reports whether t is one of the answer types.
func (t AnswerType) Known() bool { return slices.Contains(AnswerTypes(), t) }

// Part is the half of a tender that an answer is sealed in.
type Part string

// The parts. Quality is opened first and must be readable on its own.
const (
	Quality Part = "quality"
	Price   Part = "price"
)

// Parts lists both parts in the order they are opened.
func Parts() []Part { return []Part{Quality, Price} }

// Part gives the half of the tender that an answer belongs to: amounts are the
// price part, all else quality.
func (r Requirement) Part() Part {
	if r.AnswerType == Money || r.AnswerType == PriceSchedule {
		return Price
	}
	return Quality
}

// IsAbsolute reports whether not meeting the requirement can lead to rejection.
func (r Requirement) IsAbsolute() bool { return r.Kind == Absolute || r.Kind == Both }

// IsRated reports whether the answer counts in the evaluation.
func (r Requirement) IsRated() bool { return r.Kind == Rated || r.Kind == Both }

// ForLot reports whether the requirement applies to a lot. uuid.Nil asks for
// what is common to all lots and matches only unlimited requirements.
func (r Requirement) ForLot(lot uuid.UUID) bool {
	return len(r.Lots) == 0 || slices.Contains(r.Lots, lot)
}

// Option is one value of a choice. The label is the value: it is what buyers
// and suppliers write in their documents.
type Option struct {
	Label string `json:"label"`
	// WantsDate and WantsComment say what must stand with this option.
	WantsDate    bool `json:"wantsDate,omitempty"`
	WantsComment bool `json:"wantsComment,omitempty"`
	// WantsPrice says that a price belongs to this option. No amount stands in
	// the quality part, so the price is a requirement of its own, whose
	// condition names the option; a set without it is not valid.
	WantsPrice bool `json:"wantsPrice,omitempty"`
}

// Limits bound an answer. Zero values mean no limit. For an absolute
// requirement an answer outside Min or Max is valid and fails the requirement;
// for the others it is invalid.
type Limits struct {
	Words      int `json:"words,omitempty"`
	Characters int `json:"characters,omitempty"` // Unicode code points
	// Min and Max are decimals with a point for number and money (kroner),
	// dates (2006-01-02) for date, numbers of choices for multi-choice and of
	// files for document.
	Min  string `json:"min,omitempty"`
	Max  string `json:"max,omitempty"`
	Unit string `json:"unit,omitempty"`
}

// Condition makes a requirement apply only when at least one clause holds.
type Condition struct {
	AnyOf []Clause `json:"anyOf"`
}

// Clause holds when the other requirement applies and its answer is, or for a
// multi-choice contains, one of the values ("true" and "false" for boolean).
type Clause struct {
	Requirement uuid.UUID `json:"requirement"`
	Values      []string  `json:"values"`
}

// PriceLine is a row of a price schedule. Code is unique in its schedule.
type PriceLine struct {
	Code string `json:"code"`
	Text string `json:"text"`
	// Quantity is a decimal with at most four decimals and a point.
	Quantity string `json:"quantity"`
	Unit     string `json:"unit,omitempty"`
	// Counts says whether the row is part of the evaluated price.
	Counts bool `json:"counts"`
	// Buyers and Periods widen the row to a table; empty means one price for
	// all. The quantity then holds for each cell.
	Buyers  []uuid.UUID `json:"buyers,omitempty"`
	Periods []string    `json:"periods,omitempty"`
}

// CriterionKind tells how a criterion is evaluated.
type CriterionKind string

// The kinds of criterion.
const (
	QualityCriterion CriterionKind = "quality"
	PriceCriterion   CriterionKind = "price"
	// Environment is scored as quality and counts towards the environment rule.
	Environment CriterionKind = "environment"
)

// Criterion is an award criterion (tildelingskriterium). Weight is percent of
// the whole.
type Criterion struct {
	ID     uuid.UUID     `json:"id"`
	Name   string        `json:"name"`
	Weight Percent       `json:"weight"`
	Kind   CriterionKind `json:"kind"`
}
