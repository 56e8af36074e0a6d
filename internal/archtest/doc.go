// Package archtest holds the tests of the project's structure: which package
// may import which, and what pure code may not call. It has no code of its own
// that runs in the product.
package archtest
