package answersheet

import (
	"fmt"
	"strconv"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// WriteWorkbook generates the workbook in which a supplier answers a set: a sheet
// for each part of the tender, one for each price schedule, and a hidden stamp
// that tells what it was generated from. Questions are protected, answer cells
// are open and offer or check what their type allows. With a draft its answers
// stand in them, so the file is as secret as they are.
func WriteWorkbook(set requirement.Set, o Options) ([]byte, error) {
	s, err := stampOf(set, o.Version)
	if err != nil {
		return nil, err
	}
	b, err := newBook()
	if err != nil {
		return nil, err
	}
	w := &answerBook{book: b, set: set, options: o, lists: map[string]string{}, tables: map[uuid.UUID]string{}}
	for _, r := range set.Requirements {
		if r.AnswerType == requirement.PriceSchedule {
			w.tables[r.ID] = fmt.Sprintf("%s %d", tableSheet, len(w.tables)+1)
		}
	}
	w.guide()
	for _, part := range requirement.Parts() {
		w.part(part)
	}
	for _, r := range set.Requirements {
		if name, ok := w.tables[r.ID]; ok {
			w.table(name, r)
		}
	}
	w.stamp(s)
	b.fail(b.file.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: new(true)}))
	return b.bytes()
}

// answerBook is a workbook being written.
type answerBook struct {
	*book
	set     requirement.Set
	options Options
	tables  map[uuid.UUID]string // sheets of price schedules
	lists   map[string]string    // ranges of drop-down lists, by their content
	listed  int
}

func (w *answerBook) guide() {
	w.sheet(guideSheet, true)
	lines := []string{
		"Svar på " + w.set.Title,
		"Kravversjon " + strconv.Itoa(w.options.Version),
		"Fyll ut de gule cellene. Spørsmålene er låst: blir en tekst endret, tas svaret på den ikke med.",
		"En tom celle endrer ingenting i utkastet. Et svar fjernes i løsningen, ikke her.",
		"Datoer skrives som 31.12.2026, tall og beløp som 1234,50. Beløp er i " + currency(w.set) + " uten merverdiavgift.",
		"Prisskjemaene viser summer. Det er prisene per enhet som teller; systemet regner selv.",
		"Filer lastes opp i løsningen. Her står bare navnene deres.",
		"Leveringen skjer i løsningen. Dette arket er ikke et tilbud.",
	}
	for i, line := range lines {
		style := w.styles.text
		if i == 0 {
			style = w.styles.bold
		}
		w.put(guideSheet, 0, i+1, line, style)
	}
	w.widths(guideSheet, []float64{100})
	w.protect(guideSheet)
}

// The columns of a sheet of answers, counted from 0. The first is hidden.
const (
	outID = iota
	outNumber
	outTitle
	outText
	outGuidance
	outKind
	outMandatory
	outApplies
	outType
	outOption
	outAnswer
	outDate
	outComment
)

var outHeadings = []string{"Krav-id", "Nr.", "Tittel", "Krav", "Veiledning", "Slag", "Må besvares", "Gjelder når", "Svartype", "Alternativ", "Svar", "Dato", "Kommentar"}

var outWidths = []float64{4, 9, 20, 60, 40, 14, 10, 26, 12, 24, 50, 13, 30}

const outHeader = 3 // below the title and a blank row

func (w *answerBook) part(part requirement.Part) {
	name := map[requirement.Part]string{requirement.Quality: answerSheet, requirement.Price: priceSheet}[part]
	w.sheet(name, false)
	w.put(name, outNumber, 1, w.set.Title, w.styles.bold)
	for i, h := range outHeadings {
		w.put(name, i, outHeader, h, w.styles.header)
	}
	row, area := outHeader+1, uuid.Nil
	for _, r := range w.set.Requirements {
		if r.Part() != part {
			continue
		}
		if r.Area != area {
			if area = r.Area; area != uuid.Nil {
				w.put(name, outText, row, areaPath(w.set, area), w.styles.bold)
				row++
			}
		}
		row = w.requirement(name, row, r)
	}
	w.widths(name, outWidths)
	w.hideColumn(name, outID)
	w.freeze(name, outHeader)
	w.protect(name)
}

// requirement writes one requirement and gives the next free row.
func (w *answerBook) requirement(name string, row int, r requirement.Requirement) int {
	for column, text := range map[int]string{
		outID: r.ID.String(), outNumber: r.Number, outTitle: r.Title, outText: r.Text, outGuidance: guidance(w.set, r), outKind: kindWords[r.Kind],
		outMandatory: truthWord(r.Mandatory), outApplies: explained(w.set, r), outType: typeWords[r.AnswerType],
	} {
		w.put(name, column, row, text, w.styles.text)
	}
	shown := shownOf(r, w.options.Draft[r.ID])
	switch r.AnswerType {
	case requirement.NoAnswer:
		return row + 1
	case requirement.PriceSchedule:
		w.put(name, outOption, row, "Se arket «"+w.tables[r.ID]+"»", w.styles.text)
		return row + 1
	case requirement.MultiChoice:
		return w.ticks(name, row, r, shown)
	}
	w.answer(name, row, r, shown)
	if r.AnswerType == requirement.Choice {
		w.beside(name, row, r, shown)
	}
	return row + 1
}

// ticks writes a row for each option of a multi-choice, to be ticked.
func (w *answerBook) ticks(name string, row int, r requirement.Requirement, shown shownAnswer) int {
	chosen := map[string]bool{}
	for _, c := range shown.Chosen {
		chosen[c] = true
	}
	first := row + 1
	for i, o := range r.Options {
		row = first + i
		w.put(name, outID, row, r.ID.String(), w.styles.text)
		w.put(name, outNumber, row, r.Number, w.styles.text)
		w.put(name, outOption, row, o.Label, w.styles.text)
		tick := ""
		if chosen[o.Label] {
			tick = yes
		}
		w.put(name, outAnswer, row, tick, w.styles.textOpen)
	}
	w.offer(name, outAnswer, first, row, []string{yes, no})
	return row + 1
}

// answer writes the answer cell with what it allows.
func (w *answerBook) answer(name string, row int, r requirement.Requirement, shown shownAnswer) {
	switch r.AnswerType {
	case requirement.Boolean:
		w.put(name, outAnswer, row, shown.Text, w.styles.textOpen)
		w.offer(name, outAnswer, row, row, []string{yes, no})
	case requirement.Choice:
		labels := make([]string, len(r.Options))
		for i, o := range r.Options {
			labels[i] = o.Label
		}
		w.put(name, outAnswer, row, shown.Text, w.styles.textOpen)
		w.offer(name, outAnswer, row, row, labels)
	case requirement.Number:
		w.amount(name, outAnswer, row, shown, w.styles.numberOpen)
		w.bound(name, outAnswer, row, excelize.DataValidationTypeDecimal, r)
	case requirement.Money:
		w.amount(name, outAnswer, row, shown, w.styles.moneyOpen)
		w.bound(name, outAnswer, row, excelize.DataValidationTypeDecimal, r)
	case requirement.Date:
		w.day(name, outAnswer, row, shown.Text, shown.Day)
		w.bound(name, outAnswer, row, excelize.DataValidationTypeDate, r)
	default:
		text := shown.Text
		if !fits(text) {
			// Shortened it would come back as another answer; a blank cell
			// leaves the draft's as it is.
			text = ""
			w.put(name, outComment, row, "Svaret i utkastet er for langt for en celle. Det blir stående.", w.styles.text)
		}
		w.put(name, outAnswer, row, text, w.styles.textOpen)
		if n := r.Limits.Characters; r.AnswerType == requirement.Text && n > 0 && n <= maxCell {
			w.validate(name, outAnswer, row, row, func(v *excelize.DataValidation) error {
				return v.SetRange(0, n, excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween)
			}, "Høyst "+strconv.Itoa(n)+" tegn.", true)
		}
	}
}

// beside writes what some options of a choice want.
func (w *answerBook) beside(name string, row int, r requirement.Requirement, shown shownAnswer) {
	for _, o := range r.Options {
		if o.WantsDate {
			w.day(name, outDate, row, shown.Date, shown.Day)
		}
		if o.WantsComment {
			w.put(name, outComment, row, shown.Comment, w.styles.textOpen)
		}
	}
}

func (w *answerBook) amount(name string, column, row int, shown shownAnswer, style int) {
	switch {
	case shown.Number == nil:
		w.put(name, column, row, "", style)
	case storable(*shown.Number):
		w.number(name, column, row, shown.Number.String(), style)
	default: // more digits than a number cell keeps
		w.put(name, column, row, shown.Text, w.styles.textOpen)
	}
}

func (w *answerBook) day(name string, column, row int, shown, day string) {
	if n, ok := dayNumber(day); ok {
		w.number(name, column, row, strconv.Itoa(n), w.styles.dateOpen)
		return
	}
	w.put(name, column, row, shown, w.styles.dateOpen)
}

// stamp writes the hidden sheet.
func (w *answerBook) stamp(s stamp) {
	w.sheet(stampSheet, false)
	for i, row := range s.rows() {
		w.put(stampSheet, 0, i+1, row[0], w.styles.text)
		w.put(stampSheet, 1, i+1, row[1], w.styles.text)
	}
	w.fail(w.file.SetSheetVisible(stampSheet, false, true))
}
