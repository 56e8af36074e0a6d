package answersheet

import (
	"regexp"
	"strings"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
)

// The words of the files. They are the content of a document in Norwegian,
// written here and nowhere else; English ones are understood too.
const (
	yes = "Ja"
	no  = "Nei"

	guideSheet  = "Veiledning"
	answerSheet = "Svar"
	priceSheet  = "Pris"
	tableSheet  = "Prisskjema" // and a number
	listSheet   = "Lister"
	stampSheet  = "Fellesløft"
)

var typeWords = map[requirement.AnswerType]string{
	requirement.Boolean: "Ja/nei", requirement.Choice: "Ett valg", requirement.MultiChoice: "Flere valg", requirement.Text: "Tekst", requirement.Number: "Tall",
	requirement.Money: "Beløp", requirement.Date: "Dato", requirement.Document: "Dokument", requirement.PriceSchedule: "Prisskjema", requirement.NoAnswer: "Til orientering",
}

var kindWords = map[requirement.Kind]string{
	requirement.Absolute: "Absolutt", requirement.Rated: "Evaluering", requirement.Both: "Absolutt og evaluering", requirement.OptionKind: "Opsjon", requirement.Information: "Informasjon",
}

// column is what a column of a table of answers holds.
type column int

const (
	colID column = iota + 1
	colNumber
	colTitle
	colText
	colAnswer
	colDate
	colComment
	colLine
	colBuyer
	colPeriod
	colOption
)

// headings are spellings of column headings, as normal gives them.
var headings = map[string]column{
	"krav-id": colID, "requirement-id": colID,
	"nr": colNumber, "krav nr": colNumber, "kravnr": colNumber, "kravnummer": colNumber, "nummer": colNumber, "number": colNumber, "no": colNumber, "requirement number": colNumber,
	"tittel": colTitle, "title": colTitle,
	"krav": colText, "kravtekst": colText, "spørsmål": colText, "requirement": colText, "question": colText,
	"svar": colAnswer, "leverandørens svar": colAnswer, "tilbyders svar": colAnswer, "besvarelse": colAnswer, "leverandøren sitt svar": colAnswer, "answer": colAnswer, "response": colAnswer,
	"dato": colDate, "date": colDate, "kommentar": colComment, "comment": colComment, "merknad": colComment,
	"prislinje": colLine, "price line": colLine, "kjøper": colBuyer, "buyer": colBuyer, "periode": colPeriod, "period": colPeriod, "alternativ": colOption, "option": colOption,
}

var blanks = regexp.MustCompile(`[\s\x{00A0}\x{202F}\x{2009}]+`)

// plain is a text as two texts are compared: white space of any kind and amount
// is one blank, since programs wrap and trim as they like.
func plain(s string) string { return strings.TrimSpace(blanks.ReplaceAllString(s, " ")) }

// normal takes away what differs between spellings of one heading.
func normal(heading string) string {
	return strings.ToLower(strings.Trim(plain(strings.ReplaceAll(heading, ".", " ")), " :*"))
}

// headerOf understands a row as a header: it must name the answer and what is
// answered. It gives columns by index.
func headerOf(cells []string) (map[int]column, bool) {
	found, by := map[int]column{}, map[column]bool{}
	for i, c := range cells {
		if k, known := headings[normal(c)]; known && !by[k] {
			found[i], by[k] = k, true
		}
	}
	return found, by[colAnswer] && (by[colNumber] || by[colID])
}

// truth understands yes and no.
func truth(text string) (value, ok bool) {
	switch strings.ToLower(plain(text)) {
	case "ja", "yes", "true", "sant", "j", "y":
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
