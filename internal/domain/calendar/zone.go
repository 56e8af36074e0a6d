package calendar

import (
	"time"
	_ "time/tzdata" // small images have no zone database of their own
)

// Oslo is Norwegian time. Every deadline is set and shown in it.
var Oslo = mustLoad("Europe/Oslo")

func mustLoad(name string) *time.Location {
	l, err := time.LoadLocation(name)
	if err != nil {
		panic(err) // cannot happen: the zone database is linked in
	}
	return l
}

// StartOfDay gives the instant at which the day begins in Norway.
func (d Date) StartOfDay() time.Time { return d.At(0, 0) }

// At gives the instant of a wall-clock time of the day in Norway; 24:00 is the
// start of the next day.
//
// On the two days on which the clock changes, one hour either does not exist
// or comes twice. Both are read as the later instant, so that a deadline never
// falls before the time that a supplier could read from it: 02:30 in the
// missing hour is 03:30 summer time, and 02:30 in the doubled hour is the
// second one.
func (d Date) At(hour, minute int) time.Time {
	wall := time.Date(d.year, d.month, d.day, hour, minute, 0, 0, time.UTC)
	// The clock changes at most once within a day to either side, so the two
	// offsets in force there are the only candidates.
	early := wall.Add(-offset(wall.Add(-24 * time.Hour)))
	late := wall.Add(-offset(wall.Add(24 * time.Hour)))
	if late.Before(early) {
		early, late = late, early
	}
	if shows(early, wall) && !shows(late, wall) {
		return early.In(Oslo)
	}
	return late.In(Oslo)
}

// offset gives how far Norwegian time is ahead of UTC at an instant.
func offset(t time.Time) time.Duration {
	_, seconds := t.In(Oslo).Zone()
	return time.Duration(seconds) * time.Second
}

// shows reports whether a Norwegian clock shows the wall time at the instant.
func shows(t, wall time.Time) bool { return t.Add(offset(t)).Equal(wall) }
