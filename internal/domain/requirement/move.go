package requirement

import "slices"

// moves finds the fewest requirements that, taken out and put in again, turn
// the order of those that both versions have: all but a longest run that keeps
// its order.
func moves(older, newer Set) []Move {
	was := older.indexed()
	var common []Move
	for to, r := range newer.Requirements {
		if from, ok := was[r.ID]; ok {
			common = append(common, Move{r.ID, from, to})
		}
	}
	stays := longestRise(common)
	out := []Move{}
	for i, m := range common {
		if !stays[i] {
			out = append(out, m)
		}
	}
	return out
}

// longestRise marks a longest subsequence whose From rises, by the piles of
// patience sorting.
func longestRise(all []Move) []bool {
	var tops []int // per length, the index that ends the lowest run of it
	before := make([]int, len(all))
	for i, m := range all {
		n, _ := slices.BinarySearchFunc(tops, m.From, func(top, from int) int { return all[top].From - from })
		before[i] = -1
		if n > 0 {
			before[i] = tops[n-1]
		}
		if n == len(tops) {
			tops = append(tops, i)
		} else {
			tops[n] = i
		}
	}
	marked := make([]bool, len(all))
	if len(tops) == 0 {
		return marked
	}
	for i := tops[len(tops)-1]; i >= 0; i = before[i] {
		marked[i] = true
	}
	return marked
}
