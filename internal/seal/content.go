package seal

import (
	"bytes"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// The formats of what an envelope holds. The newest is written; the older ones
// open: the first had answers without files or marks, the second files beside
// them.
const (
	contentFormat      = "fellesloft-answers/3"
	contentFormatFiles = "fellesloft-answers/2"
	contentFormatFirst = "fellesloft-answers/1"
)

// Content is what an envelope holds: the answers of a lot and part, and the
// files that belong to it with their keys.
type Content struct {
	Answers []Answer
	Files   []File
}

// contentList is the plain text of an envelope. It is JSON, so that an opened
// envelope can be read without this program.
type contentList struct {
	Format  string   `json:"format"`
	Answers []Answer `json:"answers"`
	Files   []File   `json:"files,omitempty"`
}

func encodeContent(c Content) ([]byte, error) { return encodeContentAs(contentFormat, c) }

// encodeContentAs gives the one canonical form of a format: ordered by
// requirement and by file, no blanks.
func encodeContentAs(format string, c Content) ([]byte, error) {
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
	return canonicalJSON(contentList{Format: format, Answers: answers, Files: files})
}

// decodeContent accepts only the canonical form: what encodes to other bytes
// than those read is not what was sealed.
func decodeContent(plain []byte) (Content, error) {
	var list contentList
	if strictJSON(plain, &list) != nil {
		return Content{}, broken("answers")
	}
	c := Content{Answers: list.Answers, Files: list.Files}
	if !c.fits(list.Format) {
		return Content{}, broken("answers")
	}
	again, err := encodeContentAs(list.Format, c)
	if err != nil || !bytes.Equal(again, plain) {
		return Content{}, broken("answers")
	}
	return c, nil
}

// fits reports whether a format could hold the content.
func (c Content) fits(format string) bool {
	switch format {
	case contentFormat:
		return true
	case contentFormatFiles:
		return len(c.Files) > 0 && !c.marked()
	case contentFormatFirst:
		return len(c.Files) == 0 && !c.marked()
	}
	return false
}

func (c Content) marked() bool { return len(c.marks()) > 0 }

// marks lists what is marked, in the envelope's order.
func (c Content) marks() []Mark {
	var all []Mark
	for _, a := range c.Answers {
		if a.marked() {
			all = append(all, Mark{About: a.Requirement, Secret: a.Secret != "", Buyers: len(a.Buyers)})
		}
	}
	for _, f := range c.Files {
		if f.Secret != "" {
			all = append(all, Mark{About: f.ID, File: true, Secret: true})
		}
	}
	return all
}
