package party

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that do not decompose into a base letter and a mark.
var letters = strings.NewReplacer("æ", "ae", "ø", "o", "ŋ", "n", "đ", "d", "ŧ", "t")

// digraphs are how å and ø are typed where a keyboard lacks them.
var digraphs = strings.NewReplacer("aa", "a", "oe", "o")

// Fold gives the form in which names are compared in a search: lower case,
// without diacritics, å and aa as a, ø and oe as o, æ as ae, and every run of
// other characters as one space. Folding twice changes nothing.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKC.String(s))) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	folded := letters.Replace(strings.Join(strings.Fields(b.String()), " "))
	for {
		shorter := digraphs.Replace(folded)
		if shorter == folded {
			return folded
		}
		folded = shorter
	}
}

// entry is a municipality as the search sees it; all texts are folded.
type entry struct {
	names  []string // whole names, every language
	words  []string // words of the names
	county []string // words of the county's name
	number string
}

func newEntry(m Municipality) entry {
	e := entry{number: m.Number, county: strings.Fields(Fold(m.County))}
	all := append(strings.Split(m.OfficialName, " - "), m.Name)
	for _, n := range m.Names {
		all = append(all, n.Name)
	}
	for _, n := range all {
		if folded := Fold(n); !slices.Contains(e.names, folded) {
			e.names = append(e.names, folded)
			e.words = append(e.words, strings.Fields(folded)...)
		}
	}
	return e
}

// How well a municipality fits, best first.
const (
	exact = iota
	begins
	word
	inside
	noMatch
)

// rank tells how well the entry fits a folded query. Every word of the query
// must be found in a name, begin the county's name, or begin the number; at
// least one of them must be found in a name or the number.
func (e entry) rank(query string) int {
	if slices.Contains(e.names, query) || e.number == query {
		return exact
	}
	if slices.ContainsFunc(e.names, func(n string) bool { return strings.HasPrefix(n, query) }) {
		return begins
	}
	best := noMatch
	for q := range strings.FieldsSeq(query) {
		rank := e.rankWord(q)
		county := slices.ContainsFunc(e.county, func(w string) bool { return strings.HasPrefix(w, q) })
		if rank == noMatch && !county {
			return noMatch
		}
		best = min(best, rank)
	}
	return best
}

func (e entry) rankWord(q string) int {
	switch {
	case strings.HasPrefix(e.number, q):
		return word
	case slices.ContainsFunc(e.words, func(w string) bool { return strings.HasPrefix(w, q) }):
		return word
	case slices.ContainsFunc(e.words, func(w string) bool { return strings.Contains(w, q) }):
		return inside
	}
	return noMatch
}

// Search lists the municipalities that fit a query, best first and then by
// number. The query may be part of a name in any of its languages, with or
// without diacritics, part of a number, or a name and a county ("Herøy
// Nordland"). An empty query finds nothing.
func Search(q string) []Municipality {
	query := Fold(q)
	if query == "" {
		return nil
	}
	type hit struct{ index, rank int }
	var hits []hit
	for i, e := range register().entries {
		if rank := e.rank(query); rank < noMatch {
			hits = append(hits, hit{i, rank})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.rank, b.rank) })
	found := make([]Municipality, 0, len(hits))
	for _, h := range hits {
		found = append(found, register().municipalities[h.index])
	}
	return found
}
