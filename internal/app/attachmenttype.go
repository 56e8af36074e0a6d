package app

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// attachmentType is a kind of file that can be attached.
type attachmentType struct {
	// begins are the first bytes that such a file has; none for text.
	begins [][]byte
	// served is the media type that it is given back as. None of them is
	// something that a browser runs as a page of ours.
	served string
}

var zipped = [][]byte{[]byte("PK\x03\x04")}

// attachmentTypes are those that can be allowed. What holds macros, programs or
// pages is not among them. A zip is what many tenders come as and hides what is
// in it, so it must be allowed by name.
var attachmentTypes = map[string]attachmentType{
	"pdf":  {[][]byte{[]byte("%PDF-")}, "application/pdf"},
	"docx": {zipped, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	"xlsx": {zipped, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	"pptx": {zipped, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	"odt":  {zipped, "application/vnd.oasis.opendocument.text"},
	"ods":  {zipped, "application/vnd.oasis.opendocument.spreadsheet"},
	"zip":  {zipped, "application/zip"},
	"png":  {[][]byte{[]byte("\x89PNG\r\n\x1a\n")}, "image/png"},
	"jpg":  {[][]byte{{0xff, 0xd8, 0xff}}, "image/jpeg"},
	"jpeg": {[][]byte{{0xff, 0xd8, 0xff}}, "image/jpeg"},
	"txt":  {nil, "text/plain"},
	"csv":  {nil, "text/csv"},
}

// AttachmentTypes lists the extensions that can be allowed.
func AttachmentTypes() []string { return slices.Sorted(maps.Keys(attachmentTypes)) }

// headSize is how much of a file its type is judged by.
const headSize = 512

// judge refuses a name whose extension is not allowed.
func (l AttachmentLimits) judge(name string) error {
	if _, known := attachmentTypes[extension(name)]; !known || !slices.Contains(l.Types, extension(name)) {
		return fault.New(fault.Invalid, "attachment.type-not-allowed", fault.Params{"allowed": strings.Join(l.Types, ", ")}).At("name")
	}
	return nil
}

// judgeHead refuses a content that is not what its name says.
func judgeHead(name string, head []byte) error {
	t := attachmentTypes[extension(name)]
	fits := slices.ContainsFunc(t.begins, func(b []byte) bool { return bytes.HasPrefix(head, b) })
	if t.begins == nil {
		fits = isText(head)
	}
	if !fits {
		return fault.New(fault.Invalid, "attachment.content-differs").At("name")
	}
	return nil
}

// isText tells text, in UTF-8, UTF-16 or an older one-byte encoding, from what a
// program would read.
func isText(head []byte) bool {
	for _, mark := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return true
		}
	}
	for _, b := range head {
		if b < ' ' && !strings.ContainsRune("\t\n\r\f", rune(b)) || b == 0x7f {
			return false
		}
	}
	return true
}

func extension(name string) string { return strings.ToLower(strings.TrimPrefix(path.Ext(name), ".")) }

// ServedType is the media type that a file is given back as, by its name: never
// what its sender claimed.
func ServedType(name string) string {
	if t, known := attachmentTypes[extension(name)]; known {
		return t.served
	}
	return "application/octet-stream"
}

// goodName reports whether a text can be a file's name on any system.
func goodName(name string) bool {
	const longest = 200
	return name == strings.TrimSpace(name) && name != "" && len(name) <= longest && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`/\:*?"<>|`, r) || isFormat(r) })
}

// isFormat tells the characters by which a name can be shown as another one.
func isFormat(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2069 || r == 0xfeff
}
