// Package rules holds the thresholds, deadlines and duties of procurement law
// as dated data: each value has a paragraph, a source, a mark and the days on
// which it holds and on which it was checked. No other package may hold such a
// number as a constant.
//
// A value that was not checked in a primary source for the day in question is
// unverified. The lead buyer confirms or replaces it with a source of their own
// for one procurement (Confirmation); a value that nobody knows blocks the
// conclusion that depends on it.
//
// The data lie in packs/ as JSON; packs/README.md says what they were read
// from. Everything here is pure: the day in question is always an argument.
package rules
