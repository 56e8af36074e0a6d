package demonstration

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/fellesloft/fellesloft/internal/domain/calendar"
)

// Columns of a line of the timeline: case time, who, what.
const (
	lineWidth = 118
	timeWidth = len("21.11.26 21.30")
	whoWidth  = 29
	between   = "  "
	whatAt    = timeWidth + whoWidth + 2*len(between)
	tableAt   = timeWidth + len(between)
)

// Styles of a terminal.
const (
	bold   = "\x1b[1m"
	faint  = "\x1b[2m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	normal = "\x1b[0m"
)

// timeline writes what happens, in bokmål: case time, who, what. It has no
// styles where nobody looks at a terminal.
type timeline struct {
	out    io.Writer
	styled bool
	step   int
	last   string // the time and who of the line before, not written again
}

func newTimeline(out io.Writer) *timeline {
	return &timeline{out: out, styled: isTerminal(out)}
}

// isTerminal goes by the file's kind and by the wish NO_COLOR.
func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (t *timeline) style(style, text string) string {
	if !t.styled {
		return text
	}
	return style + text + normal
}

// heading begins a step.
func (t *timeline) heading(text string) {
	t.step++
	t.last = ""
	fmt.Fprintf(t.out, "\n%s\n", t.style(bold, fmt.Sprintf("%d. %s", t.step, text)))
}

// say writes one line: at an instant of case time, who did what. Time and who
// are left out where they are those of the line before.
func (t *timeline) say(at time.Time, who, format string, args ...any) {
	t.write(at, who, "", fmt.Sprintf(format, args...))
}

// refuse tells of what was tried ("" for what the line above tells) and why it
// was refused: each rule with its paragraph and what to do.
func (t *timeline) refuse(at time.Time, who, what string, violations ...Violation) {
	if what != "" {
		t.write(at, who, "", what)
	}
	for _, v := range violations {
		t.write(at, who, "AVSLÅTT  ", sentence(v))
	}
}

// sentence writes a violation with its paragraph, which the detail has at its
// end where there is one.
func sentence(v Violation) string {
	text := v.Title + "."
	if v.Detail != "" {
		text += " " + v.Detail
	}
	if v.Paragraph != "" && !strings.Contains(text, v.Paragraph) {
		text += " (" + v.Paragraph + ")"
	}
	return text
}

func (t *timeline) write(at time.Time, who, mark, text string) {
	stamp := at.In(calendar.Oslo).Format("02.01.06 15.04")
	left := pad(stamp, timeWidth) + between + pad(who, whoWidth) + between
	if key := stamp + "\x00" + who; key == t.last {
		left = strings.Repeat(" ", whatAt)
	} else {
		t.last = key
	}
	indent := strings.Repeat(" ", whatAt+utf8.RuneCountInString(mark))
	for i, line := range wrap(text, lineWidth-utf8.RuneCountInString(indent)) {
		if i > 0 {
			fmt.Fprintln(t.out, indent+line)
			continue
		}
		shown := mark
		if mark != "" {
			shown = t.style(red, mark)
		}
		fmt.Fprintln(t.out, t.style(faint, left)+shown+line)
	}
}

// detail writes lines that belong to the line above, below what it says.
func (t *timeline) detail(lines ...string) {
	for _, l := range lines {
		indent := strings.Repeat(" ", whatAt+2)
		for i, part := range wrap(l, lineWidth-len(indent)) {
			if i > 0 {
				part = "  " + part
			}
			fmt.Fprintln(t.out, indent+part)
		}
	}
}

// table writes rows in columns as wide as their widest cell.
func (t *timeline) table(indent int, rows [][]string) {
	for _, l := range columns(rows) {
		fmt.Fprintln(t.out, strings.Repeat(" ", indent)+l)
	}
}

// columns aligns cells by their number of characters. A cell that begins with
// "\t" stands to the right.
func columns(rows [][]string) []string {
	var widths []int
	for _, r := range rows {
		for i, cell := range r {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(strings.TrimPrefix(cell, "\t")))
		}
	}
	lines := make([]string, len(rows))
	for n, r := range rows {
		var line strings.Builder
		for i, cell := range r {
			if text, right := strings.CutPrefix(cell, "\t"); right {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)) + text)
			} else {
				line.WriteString(pad(cell, widths[i]))
			}
			line.WriteString(between)
		}
		lines[n] = strings.TrimRight(line.String(), " ")
	}
	return lines
}

// pad fills up to a width in characters; a longer text is cut with a mark.
func pad(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n > width {
		return string([]rune(s)[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-n)
}

// wrap breaks a text at blanks into lines of at most width characters. A longer
// word, as an address, has a line of its own and stays whole.
func wrap(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			line, used = word, n
		case used+1+n <= width:
			line, used = line+" "+word, used+1+n
		default:
			lines = append(lines, line)
			line, used = word, n
		}
	}
	if used > 0 || len(lines) == 0 {
		lines = append(lines, line)
	}
	return lines
}
