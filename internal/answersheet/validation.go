package answersheet

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// validate adds a check to cells of a column. Where stop is false a person may
// go on: an absolute requirement can be answered honestly outside its limits.
func (w *answerBook) validate(name string, column, first, last int, set func(*excelize.DataValidation) error, message string, stop bool) {
	if w.err != nil {
		return
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = address(column, first) + ":" + address(column, last)
	w.fail(set(v))
	style := excelize.DataValidationErrorStyleStop
	if !stop {
		style = excelize.DataValidationErrorStyleWarning
	}
	v.SetError(style, "Svaret passer ikke", message)
	w.fail(w.file.AddDataValidation(name, v))
}

// longestList is what a list may have when it stands in the check itself.
const longestList = 200

// offer gives cells a drop-down list. Longer ones, and those with commas, stand
// on a hidden sheet.
func (w *answerBook) offer(name string, column, first, last int, values []string) {
	joined := strings.Join(values, ",")
	plainList := len(joined) <= longestList && strings.Count(joined, ",") == len(values)-1 && !strings.ContainsAny(joined, "\"\n")
	for _, v := range values {
		plainList = plainList && !executable(v) && strings.TrimSpace(v) == v
	}
	message := "Velg fra listen."
	if plainList {
		w.validate(name, column, first, last, func(v *excelize.DataValidation) error { return v.SetDropList(values) }, message, true)
		return
	}
	where := w.list(values)
	w.validate(name, column, first, last, func(v *excelize.DataValidation) error {
		v.SetSqrefDropList(where)
		return nil
	}, message, true)
}

// list writes values into a column of the hidden sheet, once for equal lists.
func (w *answerBook) list(values []string) string {
	key := strings.Join(values, "\x00")
	if where, ok := w.lists[key]; ok {
		return where
	}
	if w.listed == 0 {
		w.sheet(listSheet, false)
		w.fail(w.file.SetSheetVisible(listSheet, false, true))
	}
	column := w.listed / listRows
	top := w.listed%listRows + 1
	if top+len(values) > listRows { // a list stands in one column
		column, top = column+1, 1
		w.listed = column * listRows
	}
	for i, v := range values {
		w.put(listSheet, column, top+i, v, w.styles.text)
	}
	w.listed += len(values)
	where := fmt.Sprintf("%s!$%s$%d:$%s$%d", listSheet, letter(column), top, letter(column), top+len(values)-1)
	w.lists[key] = where
	return where
}

// listRows is how many values stand below each other.
const listRows = 10_000

// bound checks a number or date by its limits.
func (w *answerBook) bound(name string, column, row int, kind excelize.DataValidationType, r requirement.Requirement) {
	low, high, message := r.Limits.Min, r.Limits.Max, limits(w.set, r)
	if kind == excelize.DataValidationTypeDate {
		low, high = bounds(low, high, "1900-03-01", "2199-12-31", func(day string) string {
			n, _ := dayNumber(day)
			return strconv.Itoa(n)
		})
		if message == "" {
			message = "Skriv en dato, for eksempel 31.12.2026."
		}
	} else {
		least, most := "-1000000000000", "1000000000000"
		if r.AnswerType == requirement.Money && low == "" {
			least = "0"
		}
		low, high = bounds(low, high, least, most, func(n string) string { return n })
		if message == "" {
			message = "Skriv et tall."
		}
	}
	a, errLow := decimal.NewFromString(low)
	b, errHigh := decimal.NewFromString(high)
	if errLow != nil || errHigh != nil {
		return // a set that is not valid
	}
	w.validate(name, column, row, row, func(v *excelize.DataValidation) error {
		return v.SetRange(a.InexactFloat64(), b.InexactFloat64(), kind, excelize.DataValidationOperatorBetween)
	}, message, !r.IsAbsolute())
}

func bounds(low, high, least, most string, as func(string) string) (from, to string) {
	if low == "" {
		low = least
	}
	if high == "" {
		high = most
	}
	return as(low), as(high)
}
