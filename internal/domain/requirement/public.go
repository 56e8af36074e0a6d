package requirement

import (
	"encoding/json"
	"slices"

	"github.com/google/uuid"
)

// Attached is what the public version of a tender needs to know of a file.
type Attached struct {
	File uuid.UUID
	// Requirement is what it answers; uuid.Nil for a general annex.
	Requirement uuid.UUID
	Secret      *Secret
}

// Withheld is something that the public version of a tender leaves out, and the
// supplier's reason.
type Withheld struct {
	// Requirement is what it answers; uuid.Nil for a general annex.
	Requirement uuid.UUID `json:"requirement,omitzero"`
	Number      string    `json:"number,omitempty"` // the buyer's
	// File tells that it is a file; its name is withheld too.
	File   bool   `json:"file"`
	Reason string `json:"reason"`
}

// Public is what the public version of a tender shows and what it leaves out.
type Public struct {
	Answers  Answers
	Files    []uuid.UUID
	Withheld []Withheld
}

// Public takes what is marked as a business secret out of a tender: answers, the
// files that they list, and files that are marked themselves, each with its
// name. An answer that the set does not know is left out. The order is that of
// the set; general annexes come last.
func (s Set) Public(answers Answers, files []Attached) Public {
	out := Public{Answers: Answers{}, Files: []uuid.UUID{}, Withheld: []Withheld{}}
	for _, r := range s.Requirements {
		answer, answered := answers[r.ID]
		if answered && answer.Secret != nil {
			out.Withheld = append(out.Withheld, Withheld{Requirement: r.ID, Number: r.Number, Reason: answer.Secret.Reason})
		}
		secret := out.files(files, r, answer.Secret)
		if !answered || answer.Secret != nil {
			continue
		}
		if r.AnswerType == Document {
			answer.Value = without(answer.Value, secret)
		}
		if !answer.Absent() {
			out.Answers[r.ID] = answer
		}
	}
	out.files(files, Requirement{}, nil)
	return out
}

// files takes in the files of a requirement, and gives those that are withheld.
// A file of a secret answer is as secret as the answer.
func (p *Public) files(all []Attached, of Requirement, answer *Secret) (secret []uuid.UUID) {
	for _, f := range all {
		if f.Requirement != of.ID {
			continue
		}
		reason := f.Secret
		if reason == nil {
			reason = answer
		}
		if reason == nil {
			p.Files = append(p.Files, f.File)
			continue
		}
		secret = append(secret, f.File)
		p.Withheld = append(p.Withheld, Withheld{Requirement: of.ID, Number: of.Number, File: true, Reason: reason.Reason})
	}
	return secret
}

// without takes files out of an answer that lists files; an answer that lists
// none any more, or that is no list, is none.
func without(value json.RawMessage, secret []uuid.UUID) json.RawMessage {
	if len(secret) == 0 {
		return value
	}
	var listed []File
	if decode(value, &listed) != nil {
		return nil
	}
	left := slices.DeleteFunc(listed, func(f File) bool { return slices.Contains(secret, f.File) })
	if len(left) == 0 {
		return nil
	}
	b, err := json.Marshal(left)
	if err != nil {
		return nil
	}
	return b
}
