// Package devenv finds, starts and stops what the program needs around it on a
// developer's machine: a PostgreSQL cluster, a Temporal server and the
// program's own child processes. `fellesloft dev`, the test harness and their
// commands use it; no other code may, so that nothing in production can start
// a server or trust one that this package made.
//
// Everything it makes belongs to one checkout: below `.dev` in it, or, for
// root, in a folder outside it (see [Checkout.Place]). [Clean] removes all.
package devenv
