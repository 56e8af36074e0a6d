package answersheet

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Forms in which people write numbers, blanks being one ordinary space.
var (
	ungrouped = regexp.MustCompile(`^-?\d+([.,]\d+)?$`)
	byBlank   = regexp.MustCompile(`^-?\d{1,3}( \d{3})+([.,]\d+)?$`)
	byPoint   = regexp.MustCompile(`^-?\d{1,3}(\.\d{3})+,\d+$|^-?\d{1,3}(\.\d{3}){2,}$`)
	byComma   = regexp.MustCompile(`^-?\d{1,3}(,\d{3})+\.\d+$|^-?\d{1,3}(,\d{3}){2,}$`)
	threeMore = regexp.MustCompile(`^-?\d{1,3}[.,]\d{3}$`)
)

// maxDigits is more than any amount or number has.
const maxDigits = 38

// decimalOf reads a number as people write it: 1 234,50 and 1234.5, with kr, NOK
// or the unit beside it. sign is the decimal sign of the file. A number that has
// the other sign and three digits after it can mean two things, and is told as
// answersheet.number-ambiguous; what is no number as "".
func decimalOf(text, unit string, sign byte) (n decimal.Decimal, rule string) {
	s := strings.ReplaceAll(plain(text), "−", "-")
	s = strings.TrimSuffix(s, ",-")
	for _, word := range []string{"NOK", "kr.", "kr", unit} {
		if len(word) > 0 && len(s) > len(word) {
			if strings.EqualFold(s[:len(word)], word) {
				s = s[len(word):]
			} else if strings.EqualFold(s[len(s)-len(word):], word) {
				s = s[:len(s)-len(word)]
			}
			s = strings.TrimSpace(s)
		}
	}
	if len(s) > maxDigits {
		return n, ruleNotNumber
	}
	switch {
	case threeMore.MatchString(s) && strings.IndexByte(s, sign) < 0:
		return n, ruleAmbiguous
	case ungrouped.MatchString(s), byBlank.MatchString(s):
		s = strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ",", ".")
	case byPoint.MatchString(s):
		s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
	case byComma.MatchString(s):
		s = strings.ReplaceAll(s, ",", "")
	default:
		return n, ruleNotNumber
	}
	n, err := decimal.NewFromString(s)
	if err != nil {
		return n, ruleNotNumber
	}
	return n, ""
}

// storedDigits is what spreadsheet programs keep of a number: further digits are
// traces of binary arithmetic.
const storedDigits = 15

// storedNumber reads a number as the file format stores it.
func storedNumber(raw string) (decimal.Decimal, bool) {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || math.Abs(f) >= 1e20 {
		return decimal.Decimal{}, false
	}
	if math.Abs(f) < 1e-20 {
		return decimal.Zero, true
	}
	n, err := decimal.NewFromString(strconv.FormatFloat(f, 'g', storedDigits, 64))
	return n, err == nil
}

// storable reports whether a number comes back from a cell as it went in.
func storable(n decimal.Decimal) bool {
	back, ok := storedNumber(n.String())
	return ok && back.Equal(n)
}

// Days as spreadsheets count them. The first months are left out: programs
// disagree about 29 February 1900, which was none.
var (
	dayZero     = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	dayZero1904 = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
)

const (
	firstDay = 61
	lastDay  = 109_574 // 2199-12-31
)

// dayOf gives the date of a day number.
func dayOf(n decimal.Decimal, since1904 bool) (string, bool) {
	zero, first := dayZero, int64(firstDay)
	if since1904 {
		zero, first = dayZero1904, 0
	}
	if n.LessThan(decimal.NewFromInt(first)) || n.GreaterThan(decimal.NewFromInt(lastDay)) {
		return "", false
	}
	return zero.AddDate(0, 0, int(n.IntPart())).Format(time.DateOnly), true
}

// dayNumber gives the day number of a date.
func dayNumber(date string) (int, bool) {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0, false
	}
	n := int((t.Unix() - dayZero.Unix()) / (24 * 60 * 60))
	return n, n >= firstDay && n <= lastDay
}

var monthNames = []string{"jan", "feb", "mar", "apr", "mai may", "jun", "jul", "aug", "sep", "okt oct", "nov", "des dec"}

var longDate = regexp.MustCompile(`^(\d{1,2})\.? ([a-zæøå]{3,9})\.? (\d{4})$`)

// dateOf reads a date as people write it: 31.12.2026, 2026-12-31 and
// 31. desember 2026, with or without a time of 00:00. Days before months with
// slashes are not read, since they may be the other way about.
func dateOf(text string) (string, bool) {
	s := strings.ToLower(plain(text))
	s = strings.TrimSuffix(strings.TrimSuffix(s, " 00:00:00"), " 00:00")
	if m := longDate.FindStringSubmatch(s); m != nil {
		month := monthOf(m[2])
		if month == 0 {
			return "", false
		}
		s = m[1] + "." + strconv.Itoa(month) + "." + m[3]
	}
	for _, form := range []string{time.DateOnly, "2.1.2006", "2. 1. 2006"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return "", false
}

// monthOf reads the name of a month or its first three letters; 0 for none.
func monthOf(word string) int {
	for i, names := range monthNames {
		for name := range strings.SplitSeq(names, " ") {
			if strings.HasPrefix(word, name) {
				return i + 1
			}
		}
	}
	return 0
}

var shownDates = []*regexp.Regexp{
	regexp.MustCompile(`^(\d{1,2})[.\- ]{1,2}([a-zæøå]{3,9})\.?(?:[.\- ]\d{2,4})?$`), // 06.feb, 6-Feb-26
	regexp.MustCompile(`^(\d{1,2})[./](\d{1,2})[./]\d{2,4}$`),                        // 06.02.2026
	regexp.MustCompile(`^\d{4}-()(\d{1,2})-(\d{1,2})(?: 00:00(?::00)?)?$`),           // 2026-02-06
}

// numbersBefore gives the requirement numbers that a spreadsheet program may
// have made a date of: 6.2 became 06.feb.
func numbersBefore(shown string) []string {
	s := strings.ToLower(plain(shown))
	for i, form := range shownDates {
		m := form.FindStringSubmatch(s)
		if m == nil {
			continue
		}
		day, month := m[1], m[2]
		if i == 2 {
			day = m[3]
		}
		d, err := strconv.Atoi(day)
		n, errMonth := strconv.Atoi(month)
		if errMonth != nil {
			n = monthOf(month)
		}
		if err != nil || n == 0 {
			return nil
		}
		one, other := strconv.Itoa(d), strconv.Itoa(n)
		return []string{one + "." + other, other + "." + one}
	}
	return nil
}
