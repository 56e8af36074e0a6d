// Package consortium holds the rules by which several suppliers hand in one
// tender together (leverandørfellesskap): who joins, who decides it, and when
// the tender may be handed in.
//
// One organisation leads: it began the tender, invites the others, and alone
// hands the tender in, replaces and withdraws it. Each of the others decides for
// itself whether it joins, and gives a self-declaration of its own (FOA § 17-1).
// Everything here is pure.
package consortium
