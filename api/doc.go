// Package api is the JSON API: a request is signed in, decoded strictly, judged
// by its input rules and handed to one use case; what comes back is encoded, and
// every refusal becomes a problem document (RFC 9457).
//
// There is one file per resource. An operation is registered with op, which asks
// for its permission, so none can be without; its documentation in openapi.yaml
// is generated from the same Go types that it decodes. huma makes the
// documentation only: its own decoding answers with texts, and here every
// refusal is a rule id with a field.
//
// JSON is camelCase. Amounts are strings in kroner with two decimals and exclude
// VAT, dates are 2006-01-02, instants are RFC 3339 in UTC.
package api
