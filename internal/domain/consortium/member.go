package consortium

import "github.com/google/uuid"

// State is how far an organisation's part in a tender has come.
type State string

// The states of a member other than the leader. Only an accepted one works on
// the tender; an invited one knows no more than that it is asked.
const (
	Invited  State = "invited"
	Accepted State = "accepted"
	Declined State = "declined"
	Left     State = "left"
	Removed  State = "removed"
)

// States lists every state.
func States() []State { return []State{Invited, Accepted, Declined, Left, Removed} }

// open reports whether the organisation is in the tender or asked to be.
func (s State) open() bool { return s == Invited || s == Accepted }

// Member is an organisation that the leader has invited, whatever has come of
// it since.
type Member struct {
	Org   uuid.UUID
	Name  string
	State State
	// Bound: the submission that stands is in its name too.
	Bound bool
}
