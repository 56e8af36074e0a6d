package api

import (
	"strconv"
	"strings"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const headerIfMatch = "If-Match"

// Versioned is the version on which a change was decided. Every change of a
// resource that has versions carries it.
type Versioned struct {
	IfMatch string `header:"If-Match" doc:"the ETag of the version that the change was decided on, or * for any" example:"\"3\""`
}

// version gives the version asked for, 0 for any. It returns 428
// (request.version-missing) where none is given, and invalid
// (request.version-malformed) for what no ETag of ours looks like.
func (v Versioned) version() (int64, error) {
	switch v.IfMatch {
	case "":
		return 0, fault.New(fault.Invalid, ruleVersionMissing).At(headerIfMatch)
	case "*":
		return 0, nil
	}
	text, ok := strings.CutPrefix(v.IfMatch, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || !closed || err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, ruleVersionMalformed).At(headerIfMatch)
	}
	return n, nil
}

// etag writes a version as an entity tag.
func etag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }
