package formula_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/fellesloft/fellesloft/internal/answersheet/formula"
)

// book is a sheet "P" by addresses such as B2; a text that begins with an
// equals sign is a formula.
type book map[formula.Ref]formula.Cell

func (b book) Cell(at formula.Ref) formula.Cell { return b[at] }

func cellsOf(rows ...[]string) book {
	b := book{}
	for r, row := range rows {
		for c, text := range row {
			at := formula.Ref{Sheet: "P", Column: c + 1, Row: r + 1}
			n, err := decimal.NewFromString(text)
			switch {
			case text == "":
			case strings.HasPrefix(text, "="):
				b[at] = formula.Cell{Formula: text[1:]}
			case err == nil:
				b[at] = formula.Cell{Value: formula.Num(n)}
			default:
				b[at] = formula.Cell{Value: formula.Value{Kind: formula.Text, Text: text}}
			}
		}
	}
	return b
}

func norwegian(text string) (decimal.Decimal, bool) {
	n, err := decimal.NewFromString(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), ",", "."))
	return n, err == nil
}

func TestValue(t *testing.T) {
	t.Parallel()
	// Rows: 1 2 3 · "1 234,50" Ja Nei · =A1+B1 blank
	rows := [][]string{{"1", "2", "3"}, {"1 234,50", "Ja", "Nei"}, {"=A1+B1", "", "=SUBTOTAL(9,A1:C1)"}}
	tests := map[string]struct {
		want string
		err  error
	}{
		"1+2*3":                            {want: "7"},
		"(1+2)*3":                          {want: "9"},
		"-2^2":                             {want: "4"}, // the sign binds closer, as in spreadsheets
		"10%*50":                           {want: "5"},
		"0.1+0.2":                          {want: "0.3"},
		"1/0":                              {err: formula.ErrValue},
		"IF(A1=0,0,6/A1)":                  {want: "6"},
		"IF(A1=1,5,1/0)":                   {want: "5"},
		"IF(A1=2,1/1,1/0)":                 {err: formula.ErrValue},
		"$A$1+P!B1+'P'!C1":                 {want: "6"},
		"SUM(A1:C1)":                       {want: "6"},
		"SUM(A1:C2)":                       {want: "6"}, // texts in cells do not count
		"A2*2":                             {want: "2469"},
		"B2*2":                             {err: formula.ErrValue},
		"SUMIF(B2:C2,\"ja\",B1:C1)":        {want: "2"},
		"SUMIF(B2:C2,\"<>ja\",B1:C1)":      {err: formula.ErrUnsupported},
		"SUMPRODUCT(A1:B1,B1:C1)":          {want: "8"},
		"ROUND(2.345,2)":                   {want: "2.35"},
		"ROUND(-2.345,2)":                  {want: "-2.35"},
		"SUBTOTAL(9,A1:C1,C3)":             {want: "6"},
		"A3":                               {want: "3"},
		"MIN(A1:C1)+MAX(A1:C1)+AVERAGE(4)": {want: "8"},
		"[1]Ark!A1":                        {err: formula.ErrUnsupported},
		"A:A":                              {err: formula.ErrUnsupported},
		"SUM(A1:XFD1048576)":               {err: formula.ErrTooMuch},
		"INDIRECT(\"A1\")":                 {err: formula.ErrUnsupported},
		"HYPERLINK(\"x\")":                 {err: formula.ErrUnsupported},
		"D4":                               {err: formula.ErrCircular},
		"1+":                               {err: formula.ErrSyntax},
		"1 2":                              {err: formula.ErrSyntax},
		strings.Repeat("(", 200) + "1":     {err: formula.ErrTooMuch},
		"9^99*9^99*9^99*9^99*9^99":         {err: formula.ErrTooMuch},
	}
	for in, test := range tests {
		t.Run(in[:min(len(in), 30)], func(t *testing.T) {
			t.Parallel()
			at := formula.Ref{Sheet: "P", Column: 4, Row: 4}
			b := cellsOf(rows...)
			b[at] = formula.Cell{Formula: in}
			v, err := formula.New(b, norwegian).Value(at)
			if !errors.Is(err, test.err) || test.err == nil && v.Number.String() != test.want {
				t.Fatalf("%s %v, want %s %v", v.Number, err, test.want, test.err)
			}
		})
	}
}

// A formula that is stored once for a block is moved with its cell.
func TestSharedFormulaMoves(t *testing.T) {
	t.Parallel()
	b := cellsOf([]string{"2", "3"}, []string{"5", "7"})
	at := formula.Ref{Sheet: "P", Column: 3, Row: 2}
	b[at] = formula.Cell{Formula: "A1*B1+$A$1", Rows: 1}
	if v, err := formula.New(b, nil).Value(at); err != nil || v.Number.String() != "37" {
		t.Fatalf("%s %v", v.Number, err)
	}
}

// What a total counts, found without reading how it is written.
func TestWeight(t *testing.T) {
	t.Parallel()
	b := cellsOf([]string{"=10*2", "20", "30"}, []string{"=A1+B1", "=SUM(A1:A2)+C1"})
	e := formula.New(b, nil)
	for column, want := range map[int]string{1: "2", 2: "1", 3: "1"} {
		w, err := e.Weight(formula.Ref{Sheet: "P", Column: 2, Row: 2}, formula.Ref{Sheet: "P", Column: column, Row: 1})
		if err != nil || w.String() != want {
			t.Errorf("column %d counts %s times (%v), want %s", column, w, err, want)
		}
	}
}

// A sum of sums, each over the last, costs no more than its cells.
func TestManyFormulasAreComputedOnce(t *testing.T) {
	t.Parallel()
	b := cellsOf([]string{"1"})
	for r := 2; r <= 400; r++ {
		b[formula.Ref{Sheet: "P", Column: 1, Row: r}] = formula.Cell{Formula: fmt.Sprintf("A%d+A%d", r-1, r-1)}
	}
	e := formula.New(b, nil)
	if v, err := e.Value(formula.Ref{Sheet: "P", Column: 1, Row: 100}); err != nil || !v.Number.Equal(decimal.NewFromInt(2).Pow(decimal.NewFromInt(99))) {
		t.Fatalf("%s %v", v.Number, err)
	}
}

func TestNoFormulaBreaksIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringOf(rapid.SampledFrom([]rune("A1B2:$(),+-*/^%=<>\"'!SUMIFROUND.0 [æ"))).Draw(t, "formula")
		at := formula.Ref{Sheet: "P", Column: 4, Row: 4}
		b := cellsOf([]string{"1", "x"})
		b[at] = formula.Cell{Formula: in}
		_, _ = formula.New(b, norwegian).Value(at) // an error or a value, never a panic
	})
}
