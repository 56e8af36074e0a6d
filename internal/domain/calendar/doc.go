// Package calendar holds civil dates, the Norwegian holidays and the counting
// of legal periods.
//
// FOA § 7-6 lets the EEA time-limit regulation (Regulation 1182/71) decide how
// a period is counted. The counting in this package follows its article 3; the
// mark of each statement (C checked in a primary source, S secondary, G general
// knowledge) stands beside the function that carries it out.
//
// Everything here is pure: no function reads a clock. Dates are days of the
// Norwegian civil calendar, instants are converted in Europe/Oslo.
package calendar
