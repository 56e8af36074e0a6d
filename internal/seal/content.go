package seal

import (
	"bytes"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// answersWithFilesFormat is the format of an envelope that lists files. One
// without has the older format, so each content has one form.
const answersWithFilesFormat = "fellesloft-answers/2"

// Content is what an envelope holds: the answers of a lot and part, and the
// files that belong to it with their keys.
type Content struct {
	Answers []Answer
	Files   []File
}

type contentList struct {
	Format  string   `json:"format"`
	Answers []Answer `json:"answers"`
	Files   []File   `json:"files"`
}

func encodeContent(c Content) ([]byte, error) {
	if len(c.Files) == 0 {
		return encodeAnswers(c.Answers)
	}
	if len(c.Files) > MaxFiles {
		return nil, fault.New(fault.TooLarge, "seal.too-many-files", fault.Params{"limit": itoa(MaxFiles)})
	}
	answers, err := sortAnswers(c.Answers)
	if err != nil {
		return nil, err
	}
	files, ok := sortFiles(c.Files)
	if !ok {
		return nil, fault.New(fault.Invalid, "seal.files-invalid")
	}
	return canonicalJSON(contentList{Format: answersWithFilesFormat, Answers: answers, Files: files})
}

// decodeContent accepts only the canonical form, as decodeAnswers.
func decodeContent(plain []byte) (Content, error) {
	var list contentList
	if strictJSON(plain, &list) != nil || list.Format != answersWithFilesFormat || len(list.Files) == 0 {
		answers, err := decodeAnswers(plain)
		return Content{Answers: answers}, err
	}
	c := Content{Answers: list.Answers, Files: list.Files}
	again, err := encodeContent(c)
	if err != nil || !bytes.Equal(again, plain) {
		return Content{}, broken("answers")
	}
	return c, nil
}
