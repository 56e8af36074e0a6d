package api

import "net/http"

// The rules that the API itself refuses by; all others come from the use cases.
const (
	ruleInternal         = "internal"
	ruleNotFound         = "not-found"
	ruleNoMethod         = "request.method"
	ruleTooLarge         = "request.too-large"
	ruleMediaType        = "request.media-type"
	ruleContentEncoding  = "request.content-encoding"
	ruleMalformed        = "request.malformed"
	ruleHeaderTooLarge   = "request.header-too-large"
	ruleTimeout          = "request.timeout"
	ruleLimited          = "request.limited"
	ruleHost             = "request.host"
	ruleVersionMissing   = "request.version-missing"
	ruleVersionMalformed = "request.version-malformed"
	ruleKeyMissing       = "idempotency.key-missing"
	ruleKeyMalformed     = "idempotency.key-malformed"
	ruleSignIn           = "sign-in.needed"

	ruleBodyMissing   = "input.body-missing"
	ruleJSON          = "input.json-malformed"
	ruleUnknownField  = "input.unknown-field"
	ruleRepeatedField = "input.repeated-field"
	ruleUnknownParam  = "input.unknown-parameter"
	ruleRepeatedParam = "input.repeated-parameter"
	ruleType          = "input.type"
	ruleFormat        = "input.format"
	ruleCharacters    = "input.characters"
	ruleTooDeep       = "input.too-deep"
	ruleRequired      = "input.required"
	ruleTooShort      = "input.too-short"
	ruleTooLong       = "input.too-long"
	ruleTooFew        = "input.too-few"
	ruleTooMany       = "input.too-many"
	ruleTooSmall      = "input.too-small"
	ruleTooGreat      = "input.too-great"
	ruleOneOf         = "input.one-of"
	ruleUnique        = "input.unique"
	ruleLength        = "input.length"
	ruleInvalid       = "input.invalid"
	ruleCursor        = "input.cursor"
)

// Rules lists the rules above, so that a test can ask for a text of each.
func Rules() []string {
	return []string{
		ruleInternal, ruleNotFound, ruleNoMethod, ruleTooLarge, ruleMediaType, ruleContentEncoding, ruleMalformed, ruleHeaderTooLarge,
		ruleTimeout, ruleLimited, ruleHost, ruleVersionMissing, ruleVersionMalformed, ruleKeyMissing, ruleKeyMalformed, ruleSignIn,
		ruleBodyMissing, ruleJSON, ruleUnknownField, ruleRepeatedField, ruleUnknownParam, ruleRepeatedParam, ruleType, ruleFormat,
		ruleCharacters, ruleTooDeep, ruleRequired, ruleTooShort, ruleTooLong, ruleTooFew, ruleTooMany, ruleTooSmall, ruleTooGreat,
		ruleOneOf, ruleUnique, ruleLength, ruleInvalid, ruleCursor,
	}
}

// statuses are the rules whose HTTP status says more than their kind's.
var statuses = map[string]int{
	ruleNoMethod:        http.StatusMethodNotAllowed,
	ruleMediaType:       http.StatusUnsupportedMediaType,
	ruleContentEncoding: http.StatusUnsupportedMediaType,
	ruleMalformed:       http.StatusBadRequest,
	ruleHeaderTooLarge:  http.StatusRequestHeaderFieldsTooLarge,
	ruleTimeout:         http.StatusRequestTimeout,
	ruleVersionMissing:  http.StatusPreconditionRequired,
	ruleHost:            http.StatusMisdirectedRequest,
}
