package ooxml

import (
	"fmt"
	"regexp"
	"strings"
)

var looksEscaped = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}_`)

// Escape writes a cell's text as spreadsheet files do (ST_Xstring, ECMA-376 part
// 1, 22.9.2.19): characters that XML cannot hold, or that it changes, as _xHHHH_;
// of what looks like that already the first underscore is escaped, also where two
// such pieces share one. A text with an escape must be stored in its cell: the
// spreadsheet library's table of shared texts takes one escaped text for another.
func Escape(s string) (text string, escaped bool) {
	if !strings.ContainsFunc(s, control) && !strings.Contains(s, "_x") {
		return s, false
	}
	var b strings.Builder
	for i, r := range s {
		if control(r) || r == '_' && looksEscaped.MatchString(s[i:]) {
			fmt.Fprintf(&b, "_x%04X_", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String(), true
}

func control(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF }
