package specification

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
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
					rd.link(i, to[0])
					rd.preview.References = append(rd.preview.References, Reference{l.from, l.to, number})
				}
			}
		}
	}
}

// link makes a mention a reference of the requirement, unless its references
// are written out.
func (rd *reader) link(from, to int) {
	if !rd.own[from] {
		q := &rd.preview.Set.Requirements[from]
		q.References = append(q.References, requirement.Reference{Requirement: rd.preview.Set.Requirements[to].ID})
	}
}

// lean reads what a requirement leans on: needs, references, and what kind of
// evidence it asks for.
func (rd *reader) lean(r row, q *requirement.Requirement) {
	index := len(rd.preview.Set.Requirements)
	rd.own[index] = r.layout.has(fieldReferences) || (r.layout.has(fieldAnswerType) && r.layout.has(fieldMandatory))
	if text := r.text(fieldReferences); text != "" {
		rd.references = append(rd.references, pending{index: index, text: text, place: r.place(fieldReferences)})
	}
	for _, line := range lines(r.text(fieldNeeds)) {
		q.Needs = append(q.Needs, rd.need(line))
	}
	kind, ok := evidenceKindOf(r.text(fieldEvidenceKind))
	if !ok {
		rd.warn(r.place(fieldEvidenceKind), "specification.evidence-kind-unknown")
	}
	q.EvidenceKind = kind
}

// need finds a need by its number or text, or makes one of the text.
func (rd *reader) need(name string) uuid.UUID {
	s := &rd.preview.Set
	if rd.needs == nil {
		rd.needs = map[string]uuid.UUID{}
		for i, known := range needNames(*s) {
			rd.needs[known] = s.Needs[i].ID
		}
	}
	if id, ok := rd.needs[name]; ok {
		return id
	}
	n := requirement.Need{ID: rd.options.NewID(), Text: name}
	rd.needs[name] = n.ID
	s.Needs = append(s.Needs, n)
	return n.ID
}

// needNames are what requirements call the needs of a set: the number or text
// if it is no other need's, else the row in the table of needs.
func needNames(s requirement.Set) []string {
	times := map[string]int{}
	text := func(n requirement.Need) string { return strings.Join(strings.Fields(n.Text), " ") }
	for _, n := range s.Needs {
		times[n.Number]++
		times[text(n)]++
	}
	names := make([]string, len(s.Needs))
	for i, n := range s.Needs {
		switch {
		case n.Number != "" && times[n.Number] == 1:
			names[i] = n.Number
		case times[text(n)] == 1:
			names[i] = text(n)
		default:
			names[i] = byRow + strconv.Itoa(i+2) // below the headings
		}
	}
	return names
}

func needsText(s requirement.Set, r requirement.Requirement) string {
	if len(r.Needs) == 0 {
		return ""
	}
	var all []string
	names := needNames(s)
	for _, id := range r.Needs {
		if i := slices.IndexFunc(s.Needs, func(n requirement.Need) bool { return n.ID == id }); i >= 0 {
			all = append(all, names[i])
		}
	}
	return strings.Join(all, "\n")
}

// A reference is written on one line: the requirement, the words, the address.
const (
	toRequirement = "krav "
	besides       = " | "
)

func referencesText(s requirement.Set, r requirement.Requirement, places []Place) string {
	var all []string
	for _, ref := range r.References {
		var parts []string
		if i := slices.IndexFunc(s.Requirements, func(o requirement.Requirement) bool { return o.ID == ref.Requirement }); i >= 0 {
			parts = append(parts, toRequirement+nameOf(s, i, places))
		}
		for _, text := range []string{strings.Join(strings.Fields(ref.Text), " "), ref.URL} {
			if text != "" {
				parts = append(parts, text)
			}
		}
		all = append(all, strings.Join(parts, besides))
	}
	return strings.Join(all, "\n")
}

// resolveReferences reads what referencesText wrote, or a buyer's own list.
func (rd *reader) resolveReferences(p pending, numbers map[string][]int, places map[Place]int) {
	q := &rd.preview.Set.Requirements[p.index]
	for _, line := range lines(p.text) {
		var ref requirement.Reference
		parts := strings.Split(line, besides)
		if name, ok := strings.CutPrefix(parts[0], toRequirement); ok {
			if i, found := rd.referred(name, p, numbers, places); found && i != p.index {
				ref.Requirement, parts = rd.preview.Set.Requirements[i].ID, parts[1:]
			}
		}
		if n := len(parts); n > 0 && (strings.HasPrefix(parts[n-1], "https://") || strings.HasPrefix(parts[n-1], "http://")) {
			ref.URL, parts = parts[n-1], parts[:n-1]
		}
		ref.Text = strings.Join(parts, besides)
		q.References = append(q.References, ref)
	}
}
