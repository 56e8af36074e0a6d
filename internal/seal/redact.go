package seal

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is embedded by every type that holds a secret, so that no way of
// printing, logging or encoding the value shows it.
type redacted struct{}

const redaction = "[secret]"

// String gives a fixed text.
func (redacted) String() string { return redaction }

// GoString gives a fixed text.
func (redacted) GoString() string { return redaction }

// Format gives a fixed text for every verb: %d and %x would otherwise reach the
// fields by reflection.
func (redacted) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redaction) }

// MarshalJSON gives a fixed text.
func (redacted) MarshalJSON() ([]byte, error) { return []byte(`"` + redaction + `"`), nil }

// MarshalText gives a fixed text.
func (redacted) MarshalText() ([]byte, error) { return []byte(redaction), nil }

// LogValue gives a fixed text.
func (redacted) LogValue() slog.Value { return slog.StringValue(redaction) }
