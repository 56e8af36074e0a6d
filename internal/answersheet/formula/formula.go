// Package formula computes the formulas of an uploaded price sheet anew, with
// exact decimals, so that what a spreadsheet program has stored beside them can
// be compared.
//
// It knows the arithmetic that price sheets are made of and refuses the rest,
// since a formula that is half understood would hide a difference. Work is
// bounded: a hostile file costs a fixed number of steps.
package formula

import (
	"errors"

	"github.com/shopspring/decimal"
)

// The reasons why a formula has no value here.
var (
	// ErrUnsupported is for a function, operator or reference beyond what price
	// sheets need, such as another file or a whole column.
	ErrUnsupported = errors.New("formula not supported")
	// ErrSyntax is for what is no formula.
	ErrSyntax = errors.New("formula malformed")
	// ErrCircular is for a formula that leads back to itself.
	ErrCircular = errors.New("formula circular")
	// ErrValue is for arithmetic on what is no number, and division by zero.
	ErrValue = errors.New("formula has no number")
	// ErrTooMuch is for more work than one file may ask for.
	ErrTooMuch = errors.New("formula needs too much work")
)

// Ref is one cell. Column and Row count from 1.
type Ref struct {
	Sheet       string
	Column, Row int
}

// Kind says what a value is.
type Kind int

// The kinds of value.
const (
	Blank Kind = iota
	Number
	Text
	Boolean
)

// Value is the value of a cell or of a part of a formula.
type Value struct {
	Kind   Kind
	Number decimal.Decimal
	Text   string
	True   bool
}

// Num makes a number.
func Num(d decimal.Decimal) Value { return Value{Kind: Number, Number: d} }

// Cell is what a cell holds: a formula, without its equals sign, or a value.
type Cell struct {
	Formula string
	Value   Value
	// Columns and Rows move the formula's relative references: a formula that a
	// spreadsheet program stores once for a block of cells is written for the
	// block's first cell.
	Columns, Rows int
}

// Book gives the cells of a workbook; a cell that is not there is blank.
type Book interface {
	Cell(Ref) Cell
}

// reading gives a number written as text its value, for arithmetic on such
// cells.
type reading func(text string) (decimal.Decimal, bool)

// maxSteps bounds the work of one Evaluator: cells visited and operations.
const maxSteps = 5_000_000

// maxDepth bounds how deep formulas lead to others.
const maxDepth = 500

// Evaluator computes formulas of one workbook. It is not safe for concurrent
// use.
type Evaluator struct {
	book   Book
	number reading
	known  map[Ref]result
	under  map[Ref]bool
	fixed  map[Ref]decimal.Decimal
	steps  int
	depth  int
}

type result struct {
	value Value
	err   error
}

// New makes an Evaluator. number reads a text cell that arithmetic meets; nil
// means that text is never a number.
func New(book Book, number func(text string) (decimal.Decimal, bool)) *Evaluator {
	return &Evaluator{book: book, number: number, known: map[Ref]result{}, under: map[Ref]bool{}}
}

// Value computes a cell. It returns one of the package's errors.
func (e *Evaluator) Value(at Ref) (Value, error) {
	if n, ok := e.fixed[at]; ok {
		return Num(n), nil
	}
	if r, ok := e.known[at]; ok {
		return r.value, r.err
	}
	if e.steps++; e.steps > maxSteps {
		return Value{}, ErrTooMuch
	}
	c := e.book.Cell(at)
	if c.Formula == "" {
		return c.Value, nil
	}
	if e.under[at] {
		return Value{}, ErrCircular
	}
	if e.depth >= maxDepth {
		return Value{}, ErrTooMuch
	}
	e.under[at], e.depth = true, e.depth+1
	v, err := e.compute(c, at)
	e.depth--
	delete(e.under, at)
	e.known[at] = result{v, err}
	return v, err
}

// Weight tells how much of one cell another counts: 1 for a term of a sum, 2
// for one that is added twice, 0 for one that is left out. It holds for sums,
// which is what totals are.
func (e *Evaluator) Weight(total, term Ref) (decimal.Decimal, error) {
	with := func(n int64) (decimal.Decimal, error) {
		e.known, e.fixed = map[Ref]result{}, map[Ref]decimal.Decimal{term: decimal.NewFromInt(n)}
		defer func() { e.known, e.fixed = map[Ref]result{}, nil }()
		v, err := e.Value(total)
		if err != nil {
			return decimal.Decimal{}, err
		}
		return e.toNumber(v)
	}
	none, err := with(0)
	if err != nil {
		return none, err
	}
	one, err := with(1)
	return one.Sub(none), err
}

func (e *Evaluator) compute(c Cell, at Ref) (Value, error) {
	p := parser{e: e, in: c.Formula, at: at, columns: c.Columns, rows: c.Rows}
	o, err := p.comparison()
	if err != nil {
		return Value{}, err
	}
	if p.space(); p.pos < len(p.in) {
		return Value{}, ErrSyntax
	}
	return p.scalar(o)
}

func (e *Evaluator) toNumber(v Value) (decimal.Decimal, error) {
	switch v.Kind {
	case Number:
		return v.Number, nil
	case Blank:
		return decimal.Zero, nil
	case Boolean:
		if v.True {
			return decimal.NewFromInt(1), nil
		}
		return decimal.Zero, nil
	case Text:
		if e.number != nil {
			if n, ok := e.number(v.Text); ok {
				return n, nil
			}
		}
	}
	return decimal.Decimal{}, ErrValue
}
