package seal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

const (
	// MaxAnswers is the largest number of answers in an envelope.
	MaxAnswers = 2000

	answersFormat = "fellesloft-answers/1"
)

// Answer is one answer inside an envelope: the requirement, the version of the
// answer (1 or more) and its value as JSON, with whatever belongs to it
// (comment, date, code). What the value means is not the package's business.
type Answer struct {
	Requirement uuid.UUID       `json:"requirement"`
	Version     int64           `json:"version"`
	Value       json.RawMessage `json:"value"`
}

// answerList is the plain text of an envelope. It is JSON, so that an opened
// envelope can be read without this program.
type answerList struct {
	Format  string   `json:"format"`
	Answers []Answer `json:"answers"`
}

// encodeAnswers gives the one canonical form: ordered by requirement, no blanks.
func encodeAnswers(answers []Answer) ([]byte, error) {
	sorted, err := sortAnswers(answers)
	if err != nil {
		return nil, err
	}
	return canonicalJSON(answerList{Format: answersFormat, Answers: sorted})
}

func sortAnswers(answers []Answer) ([]Answer, error) {
	if len(answers) > MaxAnswers {
		return nil, fault.New(fault.TooLarge, "seal.too-many-answers", fault.Params{"limit": itoa(MaxAnswers)})
	}
	sorted := make([]Answer, len(answers))
	copy(sorted, answers)
	slices.SortFunc(sorted, func(a, b Answer) int { return compareID(a.Requirement, b.Requirement) })
	for i, a := range sorted {
		if len(a.Value) > MaxValue {
			return nil, tooLarge(MaxValue)
		}
		twice := i > 0 && sorted[i-1].Requirement == a.Requirement
		if twice || a.Requirement == uuid.Nil || a.Version < 1 || !utf8.Valid(a.Value) || !json.Valid(a.Value) {
			return nil, fault.New(fault.Invalid, "seal.answers-invalid", fault.Params{"requirement": a.Requirement.String()})
		}
	}
	return sorted, nil
}

// decodeAnswers accepts only the canonical form: what encodes to other bytes
// than those read is not what was sealed.
func decodeAnswers(plain []byte) ([]Answer, error) {
	var list answerList
	if err := strictJSON(plain, &list); err != nil || list.Format != answersFormat {
		return nil, broken("answers")
	}
	again, err := encodeAnswers(list.Answers)
	if err != nil || !bytes.Equal(again, plain) {
		return nil, broken("answers")
	}
	return list.Answers, nil
}

// canonicalJSON gives JSON without blanks and without escapes that only HTML
// needs. Structs keep the order of their fields, so the form is fixed.
func canonicalJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fault.Wrap(fault.Internal, "seal.encode", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// strictJSON reads exactly one document with no unknown fields. The error names
// no content and no position of it.
func strictJSON(b []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if dec.Decode(into) != nil || len(bytes.TrimSpace(b[dec.InputOffset():])) != 0 {
		return fault.New(fault.Invalid, "seal.json-malformed")
	}
	return nil
}

func itoa(n int) string { return strconv.Itoa(n) }
