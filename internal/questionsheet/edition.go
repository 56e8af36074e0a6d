package questionsheet

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
	"github.com/fellesloft/fellesloft/internal/word"
)

// Entry is one version of an answer to all, as everybody reads it.
type Entry struct {
	Number, Version int
	// Edition is the version of the document that it came with.
	Edition                   int
	Declined                  bool
	Question, Answer, Comment string
	Requirements              []string // their numbers
	// SetVersion is the version of the requirements that it led to, told since
	// SetEdition; 0 for none.
	SetVersion, SetEdition int
	At                     time.Time
}

// Book is the questions and answers of a procurement, of all editions.
type Book struct {
	Title string
	// Nynorsk: the buyer's documents are in nynorsk, and else in bokmål.
	Nynorsk bool
	// Exercise marks a procurement in a sandbox.
	Exercise bool
	Entries  []Entry
}

// Newest gives the newest edition, 0 where nothing has been published.
func (b Book) Newest() int {
	newest := 0
	for _, e := range b.Entries {
		newest = max(newest, e.Edition, e.SetEdition)
	}
	return newest
}

// Workbook writes an edition: all that was published until then, in the order of
// numbers, with what is new and what is changed since the edition before marked.
// Later answers change nothing in it.
func (b Book) Workbook(edition int) ([]byte, error) {
	w := wordsOf(b.Nynorsk)
	t := sheet.Table{Name: w.title, Above: b.above(edition)}
	for _, c := range w.columns {
		t.Columns = append(t.Columns, sheet.Column{Heading: c.Heading, Width: c.Width})
	}
	t.Rows = b.rows(edition)
	return sheet.WriteTables(t)
}

// Document writes an edition as a Word document, with what Workbook has.
func (b Book) Document(edition int) ([]byte, error) {
	return word.WriteTable(b.above(edition)[0], b.above(edition)[1:], wordsOf(b.Nynorsk).columns, b.rows(edition))
}

func (b Book) above(edition int) []string {
	w := wordsOf(b.Nynorsk)
	lines := []string{w.title + ": " + b.Title, w.edition + " " + strconv.Itoa(edition) + ". " + w.marked}
	if b.Exercise {
		lines = append(lines, w.exercise)
	}
	return lines
}

func (b Book) rows(edition int) [][]string {
	w := wordsOf(b.Nynorsk)
	entries := slices.Clone(b.Entries)
	slices.SortFunc(entries, func(x, y Entry) int {
		if x.Number != y.Number {
			return x.Number - y.Number
		}
		return x.Version - y.Version
	})
	var rows [][]string
	for _, e := range entries {
		if e.Edition > edition {
			continue
		}
		answer, led := e.Answer, ""
		if e.Declined {
			answer = w.declined + " " + answer
		}
		if e.SetVersion > 0 && e.SetEdition <= edition {
			led = strconv.Itoa(e.SetVersion)
		}
		rows = append(rows, []string{strconv.Itoa(e.Number), strconv.Itoa(e.Version), w.mark(e, edition), strings.Join(e.Requirements, "; "), e.Question, answer, e.Comment, led,
			e.At.In(calendar.Oslo).Format("02.01.2006 15:04")})
	}
	return rows
}

// words are the document's own, in one language form.
type words struct {
	title, edition, marked, exercise, declined string
	added, corrected, changed                  string
	columns                                    []specification.Column
}

func wordsOf(nynorsk bool) words {
	if nynorsk {
		return words{"Spørsmål og svar", "Utgåve", "Det som er nytt eller endra sidan førre utgåve, er merkt. Rettingar står ved sida av det dei rettar.",
			"Dette er ei øving. Kommunane er verkelege; vedtak, tal og leverandørar er oppdikta.", "Ikkje svara på:", "Ny", "Retta", "Endra",
			columns("Nr.", "Versjon", "Merke", "Gjeld krav", "Spørsmål", "Svar", "Kvifor det er retta", "Førte til kravversjon", "Publisert")}
	}
	return words{"Spørsmål og svar", "Utgave", "Det som er nytt eller endret siden forrige utgave, er merket. Rettelser står ved siden av det de retter.",
		"Dette er en øvelse. Kommunene er virkelige; vedtak, tall og leverandører er oppdiktet.", "Ikke besvart:", "Ny", "Rettet", "Endret",
		columns("Nr.", "Versjon", "Merke", "Gjelder krav", "Spørsmål", "Svar", "Hvorfor det er rettet", "Førte til kravversjon", "Publisert")}
}

func columns(names ...string) []specification.Column {
	widths := []float64{6, 8, 9, 14, 50, 60, 24, 12, 16}
	out := make([]specification.Column, len(names))
	for i, n := range names {
		out[i] = specification.Column{Heading: n, Width: widths[i]}
	}
	return out
}

func (w words) mark(e Entry, edition int) string {
	switch {
	case e.Edition == edition && e.Version > 1:
		return w.corrected
	case e.Edition == edition:
		return w.added
	case e.SetEdition == edition:
		return w.changed
	}
	return ""
}
