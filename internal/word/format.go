package word

import (
	"strconv"
	"strings"
)

// formatted writes a number in one of the formats of ST_NumberFormat (ECMA-376
// part 1, 17.18.59), or as a custom format shows the first number ("001, 002,
// 003, ..."). Formats of other scripts are written with digits.
func formatted(n int, format string) string {
	switch format {
	case "none":
		return ""
	case "decimalZero":
		return padded(n, 2)
	case "upperRoman":
		return roman(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperLetter":
		return letters(n)
	case "lowerLetter":
		return strings.ToLower(letters(n))
	case "ordinal":
		return strconv.Itoa(n) + "."
	}
	if first, _, ok := strings.Cut(format, ","); ok && strings.Trim(first, "0") == "1" {
		return padded(n, min(len(first), 10))
	}
	return strconv.Itoa(n)
}

func padded(n, width int) string {
	digits := strconv.Itoa(n)
	return strings.Repeat("0", max(width-len(digits), 0)) + digits
}

// letters counts A to Z, then AA, BB, as Word does.
func letters(n int) string {
	const alphabet, longest = 26, 30
	if n < 1 || n > alphabet*longest {
		return strconv.Itoa(n)
	}
	return strings.Repeat(string(rune('A'+(n-1)%alphabet)), (n-1)/alphabet+1)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, step := range []struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= step.value; n -= step.value {
			b.WriteString(step.sign)
		}
	}
	return b.String()
}
