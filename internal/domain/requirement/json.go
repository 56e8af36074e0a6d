package requirement

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Parse reads a set from JSON. Unknown fields, wrong types and anything after
// the set are refused as Invalid (requirement.set-malformed), with the field
// where the reader knows it. It does not validate.
func Parse(b []byte) (Set, error) {
	var s Set
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Set{}, malformed(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Set{}, malformed(err)
	}
	return s, nil
}

func malformed(err error) error {
	f := fault.Wrap(fault.Invalid, "requirement.set-malformed", err)
	var typed *json.UnmarshalTypeError
	if errors.As(err, &typed) {
		f.Field = typed.Field
	}
	return f
}
