package answersheet

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// stamp says what a file was generated from. It stands in a hidden sheet of a
// workbook; a CSV file has none.
type stamp struct {
	Format  string
	Set     uuid.UUID
	Version int
	Hash    string
}

// format names the layout of the workbook, for readers of later ones.
const format = "fellesloft-svar/1"

// stampOf hashes the whole set: its texts are public when suppliers get them.
func stampOf(set requirement.Set, version int) (stamp, error) {
	b, err := json.Marshal(set)
	if err != nil {
		return stamp{}, err
	}
	sum := sha256.Sum256(b)
	return stamp{format, set.ID, version, hex.EncodeToString(sum[:])}, nil
}

// rows are the stamp as the hidden sheet holds it.
func (s stamp) rows() [][2]string {
	return [][2]string{{"format", s.Format}, {"set", s.Set.String()}, {"version", strconv.Itoa(s.Version)}, {"sha256", s.Hash}}
}

// readStamp reads a hidden sheet; false where it is none of ours.
func readStamp(g grid) (stamp, bool) {
	by := map[string]string{}
	for _, r := range g.rows {
		by[r.at(0).text] = r.at(1).text
	}
	id, err := uuid.Parse(by["set"])
	version, errVersion := strconv.Atoi(by["version"])
	return stamp{by["format"], id, version, by["sha256"]}, err == nil && errVersion == nil && by["format"] == format
}

// checkStamp holds the file's stamp against the set. It returns Invalid
// (answersheet.other-set) for a file of another set: its answers are to other
// questions.
func (rd *reader) checkStamp(found stamp, ok bool) error {
	if !ok {
		rd.tell(Cell{}, ruleNoStamp)
		return nil
	}
	if found.Set != rd.set.ID {
		return fault.New(fault.Invalid, ruleOtherSet)
	}
	rd.reading.Version = found.Version
	now, err := stampOf(rd.set, rd.options.Version)
	if err != nil {
		return err
	}
	if found.Version != now.Version || found.Hash != now.Hash {
		rd.tell(Cell{}, ruleOtherVersion, fault.Params{"was": strconv.Itoa(found.Version), "is": strconv.Itoa(now.Version)})
	}
	return nil
}
