package api

import (
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/fault"
)

const (
	defaultPage = 100
	largestPage = 1000
)

// Paged asks for a page of a list.
type Paged struct {
	After string `query:"after" validate:"max=200" doc:"next of the page before"`
	Limit int    `query:"limit" validate:"omitempty,min=1,max=1000" doc:"how many at most; 100 unless given"`
}

func (p Paged) limit() int {
	if p.Limit == 0 {
		return defaultPage
	}
	return min(p.Limit, largestPage)
}

// afterID reads a cursor that is an id; empty is the beginning.
func (p Paged) afterID() (uuid.UUID, error) {
	if p.After == "" {
		return uuid.Nil, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(p.After)
	if err != nil {
		return uuid.Nil, fault.New(fault.Invalid, ruleCursor).At("after")
	}
	id, err := uuid.FromBytes(b)
	if err != nil {
		return uuid.Nil, fault.New(fault.Invalid, ruleCursor).At("after")
	}
	return id, nil
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty" doc:"the cursor of the next page; absent on the last one"`
}

// pageByID makes a page of what was read, of one more than the limit, so that
// the last page is known to be the last.
func pageByID[T, R any](read []T, limit int, id func(T) uuid.UUID, line func(T) R) Page[R] {
	out := Page[R]{Items: make([]R, 0, min(len(read), limit))}
	for i, r := range read {
		if i == limit {
			last := id(read[i-1])
			out.Next = base64.RawURLEncoding.EncodeToString(last[:])
			break
		}
		out.Items = append(out.Items, line(r))
	}
	return out
}

// whole makes the one page of a list that is always read whole, since a case
// bounds its length.
func whole[T, R any](read []T, line func(T) R) Page[R] {
	out := Page[R]{Items: make([]R, 0, len(read))}
	for _, r := range read {
		out.Items = append(out.Items, line(r))
	}
	return out
}
