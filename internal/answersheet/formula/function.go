package formula

import (
	"strings"

	"github.com/shopspring/decimal"
)

// apply computes a function. Names are those of the file format, which are
// English whatever the program's language.
func (p *parser) apply(name string, args []operand) (operand, error) {
	switch name {
	case "SUM":
		return p.fold(args, decimal.Zero, decimal.Decimal.Add)
	case "PRODUCT":
		return p.fold(args, decimal.NewFromInt(1), decimal.Decimal.Mul)
	case "SUBTOTAL":
		return p.subtotal(args)
	case "SUMPRODUCT":
		return p.sumProduct(args)
	case "SUMIF":
		return p.sumIf(args)
	case "ROUND":
		return p.round(args)
	case "ABS":
		return p.abs(args)
	case "MIN":
		return p.extreme(args, -1)
	case "MAX":
		return p.extreme(args, 1)
	case "AVERAGE":
		return p.average(args)
	case "IF":
		return p.choose(args)
	}
	return operand{}, ErrUnsupported
}

// maxArguments is what the file format allows.
const maxArguments = 255

func (p *parser) call(name string) (operand, error) {
	var args []operand
	for p.take(")") == "" {
		if len(args) > 0 && p.take(",") == "" {
			return operand{}, ErrSyntax
		}
		a, err := p.comparison()
		if err != nil {
			return operand{}, err
		}
		if args = append(args, a); len(args) > maxArguments {
			return operand{}, ErrTooMuch
		}
	}
	return spoilt(p.apply(name, args))
}

func (p *parser) choose(args []operand) (operand, error) {
	if len(args) < 2 || len(args) > 3 {
		return operand{}, ErrSyntax
	}
	condition, err := p.scalar(args[0])
	switch {
	case err != nil:
		return operand{}, err
	case condition.Kind == Text:
		return operand{}, ErrValue
	case condition.True, condition.Kind == Number && !condition.Number.IsZero():
		return args[1], nil
	case len(args) == 3:
		return args[2], nil
	}
	return operand{value: Value{Kind: Boolean}}, nil
}

// each gives the numbers of the arguments as SUM takes them: in cells only
// numbers count, in the formula itself texts that are numbers do too.
func (p *parser) each(args []operand, take func(decimal.Decimal)) error {
	for _, a := range args {
		if !a.isRef {
			n, err := p.numberOf(a)
			if err != nil {
				return err
			}
			take(n)
			continue
		}
		for _, at := range a.cells {
			v, err := p.e.Value(at)
			if err != nil {
				return err
			}
			if v.Kind == Number {
				take(v.Number)
			}
		}
	}
	return nil
}

func (p *parser) fold(args []operand, start decimal.Decimal, add func(a, b decimal.Decimal) decimal.Decimal) (operand, error) {
	var failed error
	err := p.each(args, func(n decimal.Decimal) {
		o, err := number(add(start, n))
		if err != nil {
			failed = err
			return
		}
		start = o.value.Number
	})
	if err == nil {
		err = failed
	}
	return operand{value: Num(start)}, err
}

// subtotal adds a range without the subtotals in it.
func (p *parser) subtotal(args []operand) (operand, error) {
	if len(args) < 2 {
		return operand{}, ErrSyntax
	}
	which, err := p.numberOf(args[0])
	if err != nil {
		return operand{}, err
	}
	if !which.Equal(decimal.NewFromInt(9)) && !which.Equal(decimal.NewFromInt(109)) {
		return operand{}, ErrUnsupported
	}
	for i, a := range args[1:] {
		kept := operand{isRef: true}
		for _, at := range a.cells {
			if !strings.HasPrefix(strings.ToUpper(p.e.book.Cell(at).Formula), "SUBTOTAL(") {
				kept.cells = append(kept.cells, at)
			}
		}
		args[1+i] = kept
	}
	return p.fold(args[1:], decimal.Zero, decimal.Decimal.Add)
}

func (p *parser) sumProduct(args []operand) (operand, error) {
	if len(args) == 0 {
		return operand{}, ErrSyntax
	}
	sum := decimal.Zero
	for i := range args[0].cells {
		product := decimal.NewFromInt(1)
		for _, a := range args {
			if len(a.cells) != len(args[0].cells) || a.columns != args[0].columns {
				return operand{}, ErrValue
			}
			v, err := p.e.Value(a.cells[i])
			if err != nil {
				return operand{}, err
			}
			product = product.Mul(v.Number) // what is no number counts as zero
		}
		sum = sum.Add(product)
	}
	return number(sum)
}

// sumIf adds where a cell equals a text or number; other criteria are not
// supported.
func (p *parser) sumIf(args []operand) (operand, error) {
	if len(args) < 2 || !args[0].isRef {
		return operand{}, ErrSyntax
	}
	added := args[0]
	if len(args) == 3 {
		added = args[2]
	}
	if len(added.cells) != len(args[0].cells) {
		return operand{}, ErrUnsupported
	}
	wanted, err := p.scalar(args[1])
	if err != nil {
		return operand{}, err
	}
	if strings.ContainsAny(wanted.Text, "<>=*?~") {
		return operand{}, ErrUnsupported
	}
	sum := decimal.Zero
	for i, at := range args[0].cells {
		v, err := p.e.Value(at)
		if err != nil {
			return operand{}, err
		}
		if v.Kind != wanted.Kind || compare(v, wanted) != 0 {
			continue
		}
		n, err := p.e.Value(added.cells[i])
		if err != nil {
			return operand{}, err
		}
		if n.Kind == Number {
			sum = sum.Add(n.Number)
		}
	}
	return number(sum)
}

func (p *parser) round(args []operand) (operand, error) {
	if len(args) != 2 {
		return operand{}, ErrSyntax
	}
	n, err := p.numberOf(args[0])
	if err != nil {
		return operand{}, err
	}
	places, err := p.numberOf(args[1])
	if err != nil {
		return operand{}, err
	}
	if !places.IsInteger() || places.Abs().GreaterThan(decimal.NewFromInt(divisionDigits)) {
		return operand{}, ErrUnsupported
	}
	return number(n.Round(int32(places.IntPart()))) //nolint:gosec // bounded above; halves away from zero, as spreadsheets do
}

func (p *parser) abs(args []operand) (operand, error) {
	if len(args) != 1 {
		return operand{}, ErrSyntax
	}
	n, err := p.numberOf(args[0])
	return operand{value: Num(n.Abs())}, err
}

func (p *parser) extreme(args []operand, sign int) (operand, error) {
	var best decimal.Decimal
	seen := false
	err := p.each(args, func(n decimal.Decimal) {
		if !seen || n.Cmp(best) == sign {
			best, seen = n, true
		}
	})
	return operand{value: Num(best)}, err
}

func (p *parser) average(args []operand) (operand, error) {
	sum, n := decimal.Zero, int64(0)
	if err := p.each(args, func(x decimal.Decimal) { sum, n = sum.Add(x), n+1 }); err != nil {
		return operand{}, err
	}
	if n == 0 {
		return operand{}, ErrValue
	}
	return number(sum.DivRound(decimal.NewFromInt(n), divisionDigits))
}
