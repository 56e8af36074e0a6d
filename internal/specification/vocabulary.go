package specification

import (
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// The words of the template. They are the content of a document in Norwegian,
// read and written here and nowhere else.
const (
	yes         = "Ja"
	no          = "Nei"
	priceLine   = "Prislinje"
	nothing     = "Ingen"
	wantDate    = " [dato]"
	wantComment = " [kommentar]"
	wantPrice   = " [pris]"

	// DefaultTitle names the sheet that holds the requirements.
	DefaultTitle  = "Kravspesifikasjon"
	criteriaTable = "Tildelingskriterier"
	areasTable    = "Områder"
	lotsTable     = "Delkontrakter"
	codesTable    = "Koder"
	needsTable    = "Behov"

	// NoArea is the heading of what stands under none, after something that does.
	NoArea = "Uten område"

	// Within stands between an area and the one in it.
	Within = " › "
)

var kindWords = []struct {
	kind requirement.Kind
	word string
}{
	{requirement.Absolute, "Absolutt"}, {requirement.Rated, "Evaluering"}, {requirement.Both, "Absolutt og evaluering"},
	{requirement.OptionKind, "Opsjon"}, {requirement.Information, "Informasjon"},
}

// moreKinds are other words whose meaning is plain.
var moreKinds = map[string]requirement.Kind{
	"absolute": requirement.Absolute, "absolutt krav": requirement.Absolute, "må": requirement.Absolute, "skal": requirement.Absolute, "må-krav": requirement.Absolute, "skal-krav": requirement.Absolute, "minstekrav": requirement.Absolute,
	"rated": requirement.Rated, "evalueringskrav": requirement.Rated, "bør": requirement.Rated, "bør-krav": requirement.Rated, "ev": requirement.Rated,
	"both": requirement.Both, "option": requirement.OptionKind, "information": requirement.Information, "info": requirement.Information,
}

// letters are codes in wide use whose meaning differs between buyers; taking
// them as below is warned about.
var letters = map[string]requirement.Kind{
	"a": requirement.Absolute, "s": requirement.Absolute, "o": requirement.Absolute, "m": requirement.Absolute, "b": requirement.Rated, "v": requirement.Rated, "e": requirement.Rated,
	"av": requirement.Both, "a/v": requirement.Both, "a/b": requirement.Both, "i": requirement.Information, "c": requirement.Information,
}

var answerWords = []struct {
	answer requirement.AnswerType
	word   string
}{
	{requirement.Boolean, "Ja/nei"}, {requirement.Choice, "Valg"}, {requirement.MultiChoice, "Flervalg"}, {requirement.Text, "Tekst"},
	{requirement.Number, "Tall"}, {requirement.Money, "Beløp"}, {requirement.Date, "Dato"}, {requirement.Document, "Dokument"},
	{requirement.PriceSchedule, "Prisskjema"}, {requirement.NoAnswer, nothing},
}

var moreAnswers = map[string]requirement.AnswerType{
	"ja / nei": requirement.Boolean, "yes/no": requirement.Boolean, "fritekst": requirement.Text, "pris": requirement.Money, "vedlegg": requirement.Document,
	"dd.mm.åååå": requirement.Date, "nedtrekk": requirement.Choice,
}

var criterionWords = []struct {
	kind requirement.CriterionKind
	word string
}{
	{requirement.QualityCriterion, "Kvalitet"}, {requirement.PriceCriterion, "Pris"}, {requirement.Environment, "Klima og miljø"},
}

var evidenceWords = []struct {
	kind requirement.EvidenceKind
	word string
}{
	{requirement.Agreement, "Avtale"}, {requirement.Approval, "Godkjenning"}, {requirement.Certificate, "Sertifikat"}, {requirement.Declaration, "Egenerklæring"},
	{requirement.Demonstration, "Demonstrasjon"}, {requirement.Register, "Register"}, {requirement.Report, "Rapport"}, {requirement.Description, "Beskrivelse"},
}

func evidenceWord(k requirement.EvidenceKind) string {
	for _, w := range evidenceWords {
		if w.kind == k {
			return w.word
		}
	}
	return string(k)
}

func evidenceKindOf(text string) (requirement.EvidenceKind, bool) {
	for _, w := range evidenceWords {
		if strings.EqualFold(w.word, text) || strings.EqualFold(string(w.kind), text) {
			return w.kind, true
		}
	}
	return "", text == ""
}

func kindWord(k requirement.Kind) string {
	for _, w := range kindWords {
		if w.kind == k {
			return w.word
		}
	}
	return string(k)
}

// coded finds a code in a list, whatever its case.
func coded(codes []requirement.KindCode, text string) (requirement.Kind, bool) {
	for _, c := range codes {
		if strings.EqualFold(c.Code, text) {
			return c.Kind, true
		}
	}
	return "", false
}

// kindOf understands the word or code of a kind; assumed tells that it is a
// letter whose meaning differs between buyers.
func kindOf(text string) (kind requirement.Kind, assumed, ok bool) {
	key := strings.ToLower(text)
	for _, w := range kindWords {
		if strings.ToLower(w.word) == key {
			return w.kind, false, true
		}
	}
	if k, found := moreKinds[key]; found {
		return k, false, true
	}
	k, found := letters[key]
	return k, found, found
}

func answerWord(t requirement.AnswerType) string {
	for _, w := range answerWords {
		if w.answer == t {
			return w.word
		}
	}
	return string(t)
}

func answerTypeOf(text string) (requirement.AnswerType, bool) {
	key := strings.ToLower(text)
	for _, w := range answerWords {
		if strings.ToLower(w.word) == key || (w.answer != requirement.NoAnswer && string(w.answer) == key) {
			return w.answer, true
		}
	}
	t, ok := moreAnswers[key]
	return t, ok
}

func criterionWord(k requirement.CriterionKind) string {
	for _, w := range criterionWords {
		if w.kind == k {
			return w.word
		}
	}
	return string(k)
}

// truth understands yes and no.
func truth(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "ja", "yes", "true", "sant", "x", "j":
		return true, true
	case "nei", "no", "false", "usant", "n":
		return false, true
	}
	return false, false
}

func truthWord(b bool) string {
	if b {
		return yes
	}
	return no
}

// optionText writes an option as one line, and optionOf reads it.
func optionText(o requirement.Option) string {
	text := o.Label
	if o.WantsDate {
		text += wantDate
	}
	if o.WantsComment {
		text += wantComment
	}
	if o.WantsPrice {
		text += wantPrice
	}
	return text
}

func optionOf(line string) requirement.Option {
	var o requirement.Option
	o.Label, o.WantsPrice = strings.CutSuffix(strings.TrimSpace(line), wantPrice)
	o.Label, o.WantsComment = strings.CutSuffix(o.Label, wantComment)
	o.Label, o.WantsDate = strings.CutSuffix(o.Label, wantDate)
	return o
}

// lines gives the filled lines of a cell.
func lines(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}
