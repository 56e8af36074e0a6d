// Package e2e holds tests of the whole program: the binary as a server and a
// worker of its own, a real PostgreSQL and a real Temporal, and users who have
// nothing but the HTTP API. They show what no part can show alone: that the end
// is the same when processes die, when Temporal is away or lost, and when an
// older database is restored; what a procurement costs in Temporal; and that what
// suppliers write can be read nowhere before it is opened.
package e2e
