package specification

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// ParseChoice reads a person's choice from texts: tables with strokes between,
// which no sheet's name can hold ("Krav/Opsjoner" or "3/4"), and columns as
// pairs of letter or number and field ("A:number,C:text"). Empty texts choose
// nothing. It returns an Invalid fault (specification.choice-malformed) at the
// field "table", "headerRow" or "columns".
func ParseChoice(tables string, headerRow int, columns string) (Choice, error) {
	var faults fault.List
	c := Choice{HeaderRow: headerRow}
	for name := range strings.SplitSeq(tables, "/") {
		if name = strings.TrimSpace(name); name != "" {
			c.Tables = append(c.Tables, name)
		}
	}
	if headerRow < 0 {
		faults.Addf("specification.choice-malformed", "headerRow")
	}
	for _, p := range pairs(columns) {
		i, ok := columnIndex(p.name)
		if f := Field(p.value); ok && f.known() && c.Columns[i] == fieldUnknown {
			if c.Columns == nil {
				c.Columns = map[int]Field{}
			}
			c.Columns[i] = f
			continue
		}
		faults.Addf("specification.choice-malformed", "columns")
	}
	return c, faults.Err()
}

// ParseKinds reads a buyer's code list as pairs of code and kind
// ("M:absolute,B:rated"). It returns an Invalid fault
// (specification.choice-malformed) at the field "kinds".
func ParseKinds(text string) ([]requirement.KindCode, error) {
	var faults fault.List
	var all []requirement.KindCode
	for _, p := range pairs(text) {
		kind := requirement.Kind(p.value)
		if _, twice := coded(all, p.name); twice || p.name == "" || !kind.Known() {
			faults.Addf("specification.choice-malformed", "kinds")
			continue
		}
		all = append(all, requirement.KindCode{Code: p.name, Kind: kind})
	}
	return all, faults.Err()
}

type pair struct{ name, value string }

// pairs reads "name:value,name:value"; a name may hold a colon itself.
func pairs(text string) []pair {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var all []pair
	for each := range strings.SplitSeq(text, ",") {
		i := strings.LastIndex(each, ":")
		if i < 0 {
			all = append(all, pair{"", ""})
			continue
		}
		all = append(all, pair{strings.TrimSpace(each[:i]), strings.TrimSpace(each[i+1:])})
	}
	return all
}
