package party

import "github.com/fellesloft/fellesloft/internal/domain/calendar"

// SizeClass groups municipalities by inhabitants, for plans and comparisons.
type SizeClass string

// The classes. Their bounds are dated data (data/size_classes.csv), a proposal.
const (
	Small  SizeClass = "small"
	Medium SizeClass = "medium"
	Large  SizeClass = "large"
)

// sizeBound is the number of inhabitants from which a class begins.
type sizeBound struct {
	class SizeClass
	from  int
	since calendar.Date
}

// SizeClassOf gives the class of a number of inhabitants by the bounds in use
// on the day; "" for a day before any bounds.
func SizeClassOf(population int, on calendar.Date) SizeClass {
	var class SizeClass
	var since calendar.Date
	for _, b := range register().sizes { // sorted by day, then by inhabitants
		if b.since.After(on) {
			break
		}
		if b.since != since {
			class, since = "", b.since
		}
		if population >= b.from {
			class = b.class
		}
	}
	return class
}
