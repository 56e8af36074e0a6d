package answersheet

import (
	"bytes"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// WriteCSV writes the answer form as a CSV file that spreadsheet programs in
// Norway open as a table: UTF-8 with a byte order mark, semicolons, decimal
// commas. Price schedules take a row for each price. Texts that a program would
// execute have an apostrophe before them, which Read takes away. With a draft
// the file is as secret as its answers.
func WriteCSV(set requirement.Set, o Options) []byte {
	var out bytes.Buffer
	out.Write(markUTF8)
	named := buyersByName(o.Buyers)
	write := func(fields ...string) {
		for i, f := range fields {
			if i > 0 {
				out.WriteByte(';')
			}
			out.WriteString(field(guard(f)))
		}
		out.WriteString("\r\n")
	}
	write("Krav-id", "Nr.", "Tittel", "Krav", "Svartype", "Prislinje", "Kjøper", "Periode", "Svar", "Dato", "Kommentar")
	for _, r := range set.Requirements {
		switch r.AnswerType {
		case requirement.NoAnswer:
			continue
		case requirement.PriceSchedule:
			prices := draftPrices(o.Draft[r.ID])
			for _, c := range r.PriceCells() {
				var price shownAnswer
				if n, ok := prices[keyOf(c)]; ok {
					price.setNumber(n.Decimal())
				}
				write(r.ID.String(), r.Number, r.Title, r.Text, typeWords[r.AnswerType], c.Line.Code, buyerText(o, named, c.Buyer), c.Period, price.Text, "", "")
			}
			continue
		}
		s := shownOf(r, o.Draft[r.ID])
		write(r.ID.String(), r.Number, r.Title, r.Text, typeWords[r.AnswerType], "", "", "", s.Text, s.Date, s.Comment)
	}
	return out.Bytes()
}

// field quotes a text that needs it (RFC 4180). Line ends within it stay what
// they are, which the standard library's writer does not promise.
func field(s string) string {
	if !strings.ContainsAny(s, ";\"\r\n\t ") {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// buyerText names a buyer, by id where the name does not tell which.
func buyerText(o Options, named map[string]uuid.UUID, id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	if name := o.Buyers[id]; named[plain(name)] == id {
		return name
	}
	return id.String()
}
