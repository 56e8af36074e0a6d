package seal

import (
	"bytes"
	"encoding/binary"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

// Part is what of a tender a data key covers.
type Part string

// The parts. Quality and price are opened, and may be opened at different
// times. The summary of a draft hangs on values of every part, price too, and
// is for the supplier alone: its key is never wrapped for an opening.
const (
	PartQuality Part = "quality"
	PartPrice   Part = "price"
	PartSummary Part = "summary"
)

// Opens reports whether the part is one that an opening can open.
func (p Part) Opens() bool { return p == PartQuality || p == PartPrice }

// Known reports whether p is one of the parts.
func (p Part) Known() bool { return p.Opens() || p == PartSummary }

// Scope is the place that a data key and all it encrypts belong to. It is bound
// to every ciphertext, so nothing can be moved to another tender, lot or part.
type Scope struct {
	Procurement uuid.UUID
	Tender      uuid.UUID
	// Lot is uuid.Nil for what is common to all lots, and for the summary.
	Lot  uuid.UUID
	Part Part
}

// OpeningKeyID is the id of the opening key of the scope's lot and part.
func (s Scope) OpeningKeyID() uuid.UUID { return OpeningKeyID(s.Procurement, s.Lot, s.Part) }

// Validate gives an Invalid fault for a scope that names no place.
func (s Scope) Validate() error {
	switch {
	case s.Procurement == uuid.Nil:
		return fault.New(fault.Invalid, "seal.scope-invalid").At("procurement")
	case s.Tender == uuid.Nil:
		return fault.New(fault.Invalid, "seal.scope-invalid").At("tender")
	case !s.Part.Known():
		return fault.New(fault.Invalid, "seal.scope-invalid").At("part")
	case s.Part == PartSummary && s.Lot != uuid.Nil:
		return fault.New(fault.Invalid, "seal.scope-invalid").At("lot")
	}
	return nil
}

// openable is Validate for a scope that an opening can open.
func (s Scope) openable() error {
	if err := s.Validate(); err != nil {
		return err
	}
	if !s.Part.Opens() {
		return fault.New(fault.Invalid, "seal.scope-invalid").At("part")
	}
	return nil
}

func (s Scope) bytes() []byte {
	return fields(s.Procurement[:], s.Tender[:], s.Lot[:], []byte(s.Part))
}

// openingKeys is the name space of opening key ids. It must never change: keys
// in key folders are found by the ids that follow from it.
var openingKeys = uuid.MustParse("5f0c7a0e-6f0e-5d1b-9a57-1d0b3b7b6a11")

// OpeningKeyID gives the id of the one opening key of a lot and part of a
// procurement. The same input gives the same id for ever, so a repeated
// publication finds the key that it made and never makes a second.
func OpeningKeyID(procurement, lot uuid.UUID, part Part) uuid.UUID {
	return uuid.NewSHA1(openingKeys, fields(procurement[:], lot[:], []byte(part)))
}

// fields joins byte strings so that no two different lists give the same bytes.
func fields(list ...[]byte) []byte {
	var out []byte
	for _, f := range list {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f))) //nolint:gosec // a field of some bytes
		out = append(out, f...)
	}
	return out
}

// number is the fixed form of a version number inside bound data.
func number(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) } //nolint:gosec // two's complement is as good a form as any

// compareID orders ids by their bytes, which is also the order of their text.
func compareID(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
