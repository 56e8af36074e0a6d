package specification

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// mention finds what can be another requirement's number in a text: any number
// after a word that announces one, and one with letters anywhere.
var mention = regexp.MustCompile(`(?i)(?:krav(?:et|ene)?|punkt|pkt\.?|jf\.?|jfr\.?|se|requirements?|see)\s+(?:krav\s+|punkt\s+|pkt\.?\s+)?(?:nr\.?\s+)?([a-zæøå]{0,4}[-. ]?\d{1,4}(?:[.-]\d{1,4})*)|([A-ZÆØÅ]{1,4}[-. ]?\d{1,4}(?:[.-]\d{1,4})*)`)

// refer finds mentions of other requirements' numbers. A number that several
// have is told of and not linked.
func (rd *reader) refer(numbers map[string][]int) {
	type link struct{ from, to uuid.UUID }
	seen := map[link]bool{}
	for i, q := range rd.preview.Set.Requirements {
		for _, m := range mention.FindAllStringSubmatch(q.Text, -1) {
			number := strings.TrimSpace(m[1] + m[2])
			to := numbers[number]
			switch {
			case len(to) == 0 || (len(to) == 1 && to[0] == i):
			case len(to) > 1:
				rd.warn(rd.preview.Rows[i].Place, "specification.reference-ambiguous", fault.Params{"number": number})
			default:
				l := link{q.ID, rd.preview.Set.Requirements[to[0]].ID}
				if !seen[l] {
					seen[l] = true
					rd.preview.References = append(rd.preview.References, Reference{l.from, l.to, number})
				}
			}
		}
	}
}
