package specification

import (
	"regexp"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// code is what the codes of a legend look like: A, AV, A/B, O.
var code = regexp.MustCompile(`^[A-ZÆØÅ]{1,3}(?:[/+][A-ZÆØÅ]{1,3})?$`)

// longestLegend is more rows than a list of codes has.
const longestLegend = 12

// isLegend reports whether the rows below a header explain codes: each begins
// with a code of its own, and has a meaning and at most a remark.
func isLegend(rows []Row) bool {
	seen := map[string]bool{}
	for _, r := range rows {
		filled := r.filled()
		if len(filled) == 0 {
			continue
		}
		first := r.at(filled[0])
		if len(filled) < 2 || len(filled) > 3 || !code.MatchString(first) || seen[first] {
			return false
		}
		seen[first] = true
	}
	return len(seen) > 0 && len(seen) <= longestLegend
}

// longestMeaning is longer than a legend says of a code, in characters.
const longestMeaning = 200

// explained is a code with the meaning that the document gives it.
type explained struct {
	place Place
	kind  requirement.Kind // "" for an answer
	code  string
	label string
}

// legend collects what rows outside the requirements say of codes.
func (rd *reader) legend(place Place, rows []Row) {
	for _, r := range rows {
		filled := r.filled()
		if len(filled) >= 2 && code.MatchString(r.at(filled[0])) {
			rd.explain(place.at(r.Number), r.at(filled[0]), r.at(filled[1]))
			continue
		}
		for _, i := range filled {
			rd.note(place.at(r.Number), r.at(i))
		}
	}
}

// inText finds "A = Absolutt krav" Within a text.
var inText = regexp.MustCompile(`(?:^|[\s,;.(«"])([A-ZÆØÅ]{1,3}(?:/[A-ZÆØÅ]{1,3})?)\s*[=:–]\s*([^,;\n.)]{3,120})`)

// longestNote bounds what is searched for codes in one text.
const longestNote = 4_000

func (rd *reader) note(place Place, text string) {
	if len(text) > longestNote {
		return
	}
	for _, m := range inText.FindAllStringSubmatch(text, longestLegend) {
		rd.explain(place, m[1], m[2])
	}
}

func (rd *reader) explain(place Place, code, meaning string) {
	key := strings.ToLower(code)
	if kind, ok := kindMeant(meaning); ok {
		if _, known := rd.kinds[key]; !known {
			rd.kinds[key] = explained{place: place, kind: kind, code: code, label: shortened(strings.TrimSpace(meaning), longestMeaning)}
		}
		return
	}
	if answerMeant.MatchString(meaning) {
		if _, known := rd.answers[key]; !known {
			rd.answers[key] = explained{place: place, code: code, label: strings.TrimSpace(meaning)}
			rd.answerOrder = append(rd.answerOrder, key)
		}
	}
}

// words finds any of some words or beginnings of words, in any case. The
// expressions' own word boundary knows only the letters of ASCII.
func words(whole string, parts string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)(?:^|[^\pL])(?:` + whole + `)(?:[^\pL]|$)|` + parts)
}

var (
	meansAbsolute = words(`må|skal|must|shall|mandatory`, `absolutt|minstekrav|minimumskrav|obligatorisk|ufravikelig`)
	meansRated    = words(`bør|should|rated|scored`, `evaluer|vurder|vektes|vektlegg|ønske|konkurranse`)
	meansOption   = words(`option|optional`, `opsjon`)
	meansInfo     = words(`info|information`, `informasjon|orientering|lest og (?:akseptert|forstått)|read and accepted`)
	meansBoth     = words(`og|and|både|samt|også|also`, `begge`)
	notAbsolute   = regexp.MustCompile(`(?i)ikke (?:et )?(?:absolutt|obligatorisk|minstekrav)|not (?:mandatory|absolute)`)
	answerMeant   = regexp.MustCompile(`(?i)^(?:(?:ja|nei|yes|no|krever|delvis|helt|ikke|standard|tillegg)(?:[^\pL]|$)|oppfyl|tilpas)`)
)

// kindMeant understands the meaning that a legend gives a code. What is to be
// read and accepted is information, whatever letter stands for it.
func kindMeant(meaning string) (requirement.Kind, bool) {
	absolute := meansAbsolute.MatchString(meaning) && !notAbsolute.MatchString(meaning)
	rated := meansRated.MatchString(meaning)
	switch {
	case meansInfo.MatchString(meaning):
		return requirement.Information, true
	case meansOption.MatchString(meaning):
		return requirement.OptionKind, true
	case absolute && rated && meansBoth.MatchString(meaning):
		return requirement.Both, true
	case strings.Contains(strings.ToLower(meaning), "absolutt") && absolute:
		return requirement.Absolute, true
	case rated:
		return requirement.Rated, true
	case absolute:
		return requirement.Absolute, true
	}
	return "", false
}

var (
	wantsDate    = words(`dato|date|senere|seinare|later|innen`, `bindende dato`)
	wantsRemarks = words(`comment|describe`, `kommentar|beskriv|forklar|begrunn|tillegg`)
)

// answerCodes makes the legend's answers the set's codes, where it has none.
func (rd *reader) answerCodes() {
	s := &rd.preview.Set
	if len(s.AnswerCodes) > 0 || len(rd.answerOrder) < 2 {
		return
	}
	for _, key := range rd.answerOrder {
		e := rd.answers[key]
		s.AnswerCodes = append(s.AnswerCodes, requirement.AnswerCode{Code: e.code, Option: requirement.Option{
			Label: e.label, WantsDate: wantsDate.MatchString(e.label), WantsComment: wantsRemarks.MatchString(e.label),
		}})
		rd.warn(e.place, "specification.answer-code-guessed", fault.Params{"code": e.code, "meaning": e.label})
	}
}
