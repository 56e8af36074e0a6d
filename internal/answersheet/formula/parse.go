package formula

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"
)

// operand is a value, or the cells of a reference.
type operand struct {
	value Value
	cells []Ref
	isRef bool
	// columns is how many cells of a range stand beside each other.
	columns int
	// failed is arithmetic that has no number. It spoils what is computed from
	// it, and nothing else: IF may choose the other branch.
	failed error
}

// spoilt keeps a failure of arithmetic beside the place where it happened.
func spoilt(o operand, err error) (operand, error) {
	if errors.Is(err, ErrValue) {
		return operand{failed: err}, nil
	}
	return o, err
}

// parser computes while it reads: formulas are short, and each is read once.
type parser struct {
	e             *Evaluator
	in            string
	pos           int
	at            Ref
	columns, rows int
	depth         int
}

func (p *parser) space() {
	for p.pos < len(p.in) && strings.IndexByte(" \n\r\t", p.in[p.pos]) >= 0 {
		p.pos++
	}
}

// take reads one of the words that stand at this place, the longest first.
func (p *parser) take(words ...string) string {
	p.space()
	for _, w := range words {
		if strings.HasPrefix(p.in[p.pos:], w) {
			p.pos += len(w)
			return w
		}
	}
	return ""
}

func (p *parser) scalar(o operand) (Value, error) {
	if o.failed != nil {
		return Value{}, o.failed
	}
	if !o.isRef {
		return o.value, nil
	}
	if len(o.cells) != 1 {
		return Value{}, ErrUnsupported
	}
	return p.e.Value(o.cells[0])
}

func (p *parser) numberOf(o operand) (decimal.Decimal, error) {
	v, err := p.scalar(o)
	if err != nil {
		return decimal.Decimal{}, err
	}
	return p.e.toNumber(v)
}

func (p *parser) comparison() (operand, error) {
	if p.depth++; p.depth > 100 {
		return operand{}, ErrTooMuch
	}
	defer func() { p.depth-- }()
	left, err := p.sum()
	for err == nil {
		op := p.take("<>", "<=", ">=", "<", ">", "=")
		if op == "" {
			break
		}
		var right operand
		if right, err = p.sum(); err == nil {
			left, err = spoilt(p.compare(op, left, right))
		}
	}
	return left, err
}

func (p *parser) compare(op string, a, b operand) (operand, error) {
	x, err := p.scalar(a)
	if err != nil {
		return operand{}, err
	}
	y, err := p.scalar(b)
	if err != nil {
		return operand{}, err
	}
	order := compare(x, y)
	holds := map[string]bool{"=": order == 0, "<>": order != 0, "<": order < 0, ">": order > 0, "<=": order <= 0, ">=": order >= 0}[op]
	return operand{value: Value{Kind: Boolean, True: holds}}, nil
}

// compare orders two values as spreadsheets do: numbers before texts, texts
// without regard to case, a blank like zero or an empty text.
func compare(x, y Value) int {
	isText := func(v Value) bool { return v.Kind == Text }
	switch {
	case isText(x) && (isText(y) || y.Kind == Blank), isText(y) && x.Kind == Blank:
		return strings.Compare(strings.ToLower(x.Text), strings.ToLower(y.Text))
	case isText(x):
		return 1
	case isText(y):
		return -1
	}
	plain := func(v Value) decimal.Decimal {
		if v.Kind == Boolean && v.True {
			return decimal.NewFromInt(1)
		}
		return v.Number
	}
	return plain(x).Cmp(plain(y))
}

func (p *parser) sum() (operand, error) {
	return p.chain([]string{"+", "-"}, p.product)
}

func (p *parser) product() (operand, error) {
	return p.chain([]string{"*", "/"}, p.power)
}

func (p *parser) power() (operand, error) {
	return p.chain([]string{"^"}, p.unary)
}

func (p *parser) chain(operators []string, next func() (operand, error)) (operand, error) {
	left, err := next()
	for err == nil {
		op := p.take(operators...)
		if op == "" {
			break
		}
		var right operand
		if right, err = next(); err == nil {
			left, err = spoilt(p.arithmetic(op, left, right))
		}
	}
	return left, err
}

// divisionDigits are more than a spreadsheet program holds.
const divisionDigits = 24

func (p *parser) arithmetic(op string, a, b operand) (operand, error) {
	if p.e.steps++; p.e.steps > maxSteps {
		return operand{}, ErrTooMuch
	}
	x, err := p.numberOf(a)
	if err != nil {
		return operand{}, err
	}
	y, err := p.numberOf(b)
	if err != nil {
		return operand{}, err
	}
	var n decimal.Decimal
	switch op {
	case "+":
		n = x.Add(y)
	case "-":
		n = x.Sub(y)
	case "*":
		n = x.Mul(y)
	case "/":
		if y.IsZero() {
			return operand{}, ErrValue
		}
		n = x.DivRound(y, divisionDigits)
	case "^":
		if !y.IsInteger() || y.Abs().GreaterThan(decimal.NewFromInt(100)) {
			return operand{}, ErrUnsupported
		}
		if n, err = x.PowInt32(int32(y.IntPart())); err != nil { //nolint:gosec // bounded above
			return operand{}, ErrValue
		}
	}
	return number(n)
}

// maxDigits keeps repeated multiplication from growing numbers without bound.
const maxDigits = 60

func number(n decimal.Decimal) (operand, error) {
	if n.NumDigits() > maxDigits {
		if n = n.Round(divisionDigits); n.NumDigits() > maxDigits+divisionDigits {
			return operand{}, ErrTooMuch
		}
	}
	return operand{value: Num(n)}, nil
}

func (p *parser) unary() (operand, error) {
	negative, signed := false, false
	for {
		sign := p.take("-", "+")
		if sign == "" {
			break
		}
		signed = true
		negative = negative != (sign == "-")
	}
	o, err := p.primary()
	for err == nil && p.take("%") != "" {
		o, err = spoilt(p.arithmetic("/", o, operand{value: Num(decimal.NewFromInt(100))}))
	}
	if err != nil || !signed {
		return o, err
	}
	n, err := p.numberOf(o)
	if negative {
		n = n.Neg()
	}
	return spoilt(operand{value: Num(n)}, err)
}

func (p *parser) primary() (operand, error) {
	p.space()
	if p.pos >= len(p.in) {
		return operand{}, ErrSyntax
	}
	switch c := p.in[p.pos]; {
	case c == '(':
		p.pos++
		o, err := p.comparison()
		if err == nil && p.take(")") == "" {
			err = ErrSyntax
		}
		return o, err
	case c == '"':
		return p.quoted()
	case c >= '0' && c <= '9', c == '.':
		return p.literal()
	}
	return p.named()
}

func (p *parser) quoted() (operand, error) {
	rest := p.in[p.pos+1:]
	var b strings.Builder
	for {
		i := strings.IndexByte(rest, '"')
		if i < 0 {
			return operand{}, ErrSyntax
		}
		b.WriteString(rest[:i])
		if rest = rest[i+1:]; !strings.HasPrefix(rest, `"`) {
			break
		}
		b.WriteByte('"')
		rest = rest[1:]
	}
	p.pos = len(p.in) - len(rest)
	return operand{value: Value{Kind: Text, Text: b.String()}}, nil
}

func (p *parser) literal() (operand, error) {
	end := p.pos
	for end < len(p.in) && (p.in[end] >= '0' && p.in[end] <= '9' || p.in[end] == '.') {
		end++
	}
	n, err := decimal.NewFromString(p.in[p.pos:end])
	if err != nil || end-p.pos > 30 {
		return operand{}, ErrSyntax
	}
	if end < len(p.in) && strings.IndexByte("eE:$", p.in[end]) >= 0 {
		return operand{}, ErrUnsupported // an exponent, or a range of whole rows
	}
	p.pos = end
	return operand{value: Num(n)}, nil
}
