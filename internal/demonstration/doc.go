// Package demonstration runs a joint procurement from launch to call-off
// against a running program, and tells of it as it goes.
//
// It does only what users can: every act is a request to the HTTP API by one of
// the demonstration's identities, and time passes because a sandbox's clock is
// advanced to just before an instant, so that the real timer fires. Requests
// are repeated while the API is away, so the API, the worker or both may be
// killed and started again in the middle: the end is the same.
//
// The municipalities are real; decisions, figures and suppliers are invented.
package demonstration
