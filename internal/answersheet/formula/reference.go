package formula

import (
	"strings"
)

// maxRange bounds the cells of one range.
const maxRange = 50_000

const (
	lastColumn = 16_384
	lastRow    = 1_048_576
)

// named reads what begins with a name: a function, TRUE, a reference on this
// sheet or on another of the workbook.
func (p *parser) named() (operand, error) {
	sheet := p.at.Sheet
	if p.in[p.pos] == '\'' {
		name, err := p.quotedSheet()
		if err != nil {
			return operand{}, err
		}
		sheet = name
	} else {
		word := p.word()
		switch {
		case word == "":
			return operand{}, ErrUnsupported
		case p.pos < len(p.in) && p.in[p.pos] == '(':
			p.pos++
			return p.call(strings.ToUpper(word))
		case p.pos < len(p.in) && p.in[p.pos] == '!':
			p.pos++
			sheet = word
		case strings.EqualFold(word, "TRUE"), strings.EqualFold(word, "FALSE"):
			return operand{value: Value{Kind: Boolean, True: strings.EqualFold(word, "TRUE")}}, nil
		default:
			p.pos -= len(word)
		}
	}
	if strings.ContainsAny(sheet, "[]") {
		return operand{}, ErrUnsupported // another file
	}
	first, err := p.cell(sheet)
	if err != nil {
		return operand{}, err
	}
	if p.pos >= len(p.in) || p.in[p.pos] != ':' {
		return operand{cells: []Ref{first}, isRef: true, columns: 1}, nil
	}
	p.pos++
	last, err := p.cell(sheet)
	if err != nil {
		return operand{}, err
	}
	return p.cellsBetween(first, last)
}

func (p *parser) quotedSheet() (string, error) {
	rest := p.in[p.pos+1:]
	var b strings.Builder
	for {
		i := strings.IndexByte(rest, '\'')
		if i < 0 {
			return "", ErrSyntax
		}
		b.WriteString(rest[:i])
		if rest = rest[i+1:]; !strings.HasPrefix(rest, "'") {
			break
		}
		b.WriteByte('\'')
		rest = rest[1:]
	}
	if !strings.HasPrefix(rest, "!") {
		return "", ErrSyntax
	}
	p.pos = len(p.in) - len(rest) + 1
	return b.String(), nil
}

// word reads letters, digits and what names are made of beside them.
func (p *parser) word() string {
	start := p.pos
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '$' || c >= 0x80 {
			p.pos++
			continue
		}
		break
	}
	return p.in[start:p.pos]
}

// cell reads one address and moves its relative parts.
func (p *parser) cell(sheet string) (Ref, error) {
	at := Ref{Sheet: sheet}
	fixedColumn := p.dollar()
	letters := 0
	for ; p.pos < len(p.in) && isLetter(p.in[p.pos]); p.pos++ {
		if letters++; letters > 3 {
			return at, ErrUnsupported
		}
		at.Column = at.Column*26 + int(p.in[p.pos]|0x20-'a') + 1
	}
	fixedRow := p.dollar()
	digits := 0
	for ; p.pos < len(p.in) && p.in[p.pos] >= '0' && p.in[p.pos] <= '9'; p.pos++ {
		if digits++; digits > 7 {
			return at, ErrUnsupported
		}
		at.Row = at.Row*10 + int(p.in[p.pos]-'0')
	}
	if letters == 0 || digits == 0 {
		return at, ErrUnsupported // a name of the workbook's own, or a whole row or column
	}
	if !fixedColumn {
		at.Column += p.columns
	}
	if !fixedRow {
		at.Row += p.rows
	}
	if at.Column < 1 || at.Column > lastColumn || at.Row < 1 || at.Row > lastRow {
		return at, ErrValue
	}
	return at, nil
}

func (p *parser) dollar() bool {
	if p.pos < len(p.in) && p.in[p.pos] == '$' {
		p.pos++
		return true
	}
	return false
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func (p *parser) cellsBetween(a, b Ref) (operand, error) {
	left, right := min(a.Column, b.Column), max(a.Column, b.Column)
	top, bottom := min(a.Row, b.Row), max(a.Row, b.Row)
	columns, rows := right-left+1, bottom-top+1
	if columns > maxRange || rows > maxRange || columns*rows > maxRange {
		return operand{}, ErrTooMuch
	}
	if p.e.steps += columns * rows; p.e.steps > maxSteps {
		return operand{}, ErrTooMuch
	}
	all := make([]Ref, 0, columns*rows)
	for r := top; r <= bottom; r++ {
		for c := left; c <= right; c++ {
			all = append(all, Ref{a.Sheet, c, r})
		}
	}
	return operand{cells: all, isRef: true, columns: columns}, nil
}
