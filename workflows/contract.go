// Package workflows holds the procedures that wait: deterministic code that
// Temporal replays. A workflow knows its case by id and nothing else about it;
// what it needs it reads by activities, so nothing confidential stands in a
// history and a lost or late message does no harm.
//
// This file is the contract with whoever starts and steers a workflow.
package workflows

import (
	"fmt"

	"github.com/google/uuid"
)

// TaskQueue is where workers of this program look for work.
const TaskQueue = "fellesloft"

// KindProcurement is a kind of case, as in workflow ids, commands and the
// outbox.
const KindProcurement = "procurement"

// NameJointProcurement is the name under which Temporal knows the workflow. It
// stays as it is for as long as a history bears it.
const NameJointProcurement = "JointProcurement"

const (
	// SignalLookAgain tells a workflow to read its case again. It carries no
	// data: duplicates and reordering are harmless, and many are one.
	SignalLookAgain = "look-again"
	// UpdateSteer has a workflow carry out one [Command]. It returns when the
	// command has ended, however it ended; a refusal is a result and stands in
	// the command's row. The id of the update is the id of the command.
	UpdateSteer = "steer"
)

// Case is the input of every workflow: the case that it drives, and which of
// the case's processes it is, counting from 1.
type Case struct {
	ID uuid.UUID `json:"id"`
	N  int       `json:"n"`
}

// Command is the argument of [UpdateSteer].
type Command struct {
	ID uuid.UUID `json:"id"`
	// Long tells that carrying it out takes longer than a local activity may.
	// Without it the command is carried out all the same, after tries that
	// were too short.
	Long bool `json:"long,omitempty"`
}

// WorkflowID names the n-th process of a case. It says all that a search for a
// case's process needs, so the workflows have no search attributes, which a
// server would have to be prepared for.
func WorkflowID(kind string, id uuid.UUID, n int) string {
	return fmt.Sprintf("%s:%s:%d", kind, id, n)
}

// NameOf gives the name of the workflow that drives a kind of case, and false
// for a kind that no workflow drives.
func NameOf(kind string) (string, bool) {
	if kind == KindProcurement {
		return NameJointProcurement, true
	}
	return "", false
}
