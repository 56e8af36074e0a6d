// Package party holds who takes part: organisation numbers, and the register of
// Norwegian municipalities, counties and digitalisation networks with which
// every deployment starts.
//
// The register is built in, read-only and dated (see data/README.md). It gives
// stable ids, so that the same municipality is the same organisation in every
// deployment. What changes in a running system, such as network membership, is
// seeded from here and then lives in the database.
package party
