package app

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/db"
	"github.com/fellesloft/fellesloft/db/sqlcgen"
	"github.com/fellesloft/fellesloft/internal/domain/procurement"
	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/fellesloft/fellesloft/internal/seal"
)

// draftFile is a file of a draft, or of what was submitted.
type draftFile struct {
	seal.File
	// part is where an annex is sealed; of a file that answers something its
	// requirement says it.
	part seal.Part
	// digest and stored are hash and size of the ciphertext.
	digest  []byte
	stored  int64
	scan    string
	savedAt time.Time
}

// fresh refuses a change decided on another version. Zero asks for no check.
func (f draftFile) fresh(expected int64) error {
	if expected != 0 && expected != f.Version {
		return fault.New(fault.Stale, "attachment.version", fault.Params{"expected": itoa(expected), "is": itoa(f.Version)})
	}
	return nil
}

func (d *draft) filePlace(f draftFile) place {
	if f.Requirement == uuid.Nil {
		return place{uuid.Nil, f.part}
	}
	return d.placeOf(f.Requirement)
}

func (d *draft) attachment(f draftFile) Attachment {
	return Attachment{ID: f.ID, Requirement: f.Requirement, Part: procurement.Part(d.filePlace(f).part), Name: f.Name, MediaType: f.MediaType, Size: f.Size, SHA256: f.SHA256[:],
		Version: f.Version, Scan: f.scan, SavedAt: f.savedAt, Secret: secretOf(f.Secret), Tender: tenderOf(d.row, d.pub.Title, d.pub.Deadline)}
}

func (d *draft) readFiles(ctx context.Context) error {
	rows, err := d.w.q.DraftFiles(ctx, d.w.tx, sqlcgen.DraftFilesParams{TenderID: d.row.ID, Draft: d.row.Draft})
	if err != nil {
		return db.Fault(err)
	}
	for _, r := range rows {
		p := place{r.LotID, seal.Part(r.Part)}
		f, err := d.keys[p].key.DecryptFile(d.scope(p), r.ID, r.Version, r.Sealed)
		if err != nil {
			return err
		}
		d.files[r.ID] = draftFile{f, p.part, r.Sha256, r.Size, r.Scan, r.SavedAt}
	}
	return nil
}

// readSubmittedFiles adds what stands beside the envelope to the files that it
// lists.
func (d *draft) readSubmittedFiles(ctx context.Context) error {
	if len(d.files) == 0 {
		return nil
	}
	rows, err := d.w.q.SubmittedFiles(ctx, d.w.tx, sqlcgen.SubmittedFilesParams{TenderID: d.row.ID, Submission: d.row.Submission})
	if err != nil {
		return db.Fault(err)
	}
	for _, r := range rows {
		if f, ok := d.files[r.ID]; ok {
			f.digest, f.stored, f.scan, f.savedAt = r.Sha256, r.Size, r.Scan, r.SavedAt
			d.files[r.ID] = f
		}
	}
	return nil
}

// listed are the files that the answer to a requirement lists; none where there
// is no answer, or not one of files.
func (d *draft) listed(id uuid.UUID) []requirement.File { return filesOf(d.answers[id].Value) }

func filesOf(value json.RawMessage) []requirement.File {
	var out []requirement.File
	if json.Unmarshal(value, &out) != nil {
		return nil
	}
	return out
}

// linkFiles judges the files that a new answer lists: each must be attached to
// the same requirement, under the same name, so that what the buyer reads is what
// is there. It gives the files that the answer lists no more. A value that is no
// list of files is kept and told in the summary, like any answer.
func (d *draft) linkFiles(id uuid.UUID, value json.RawMessage) (gone []uuid.UUID, err error) {
	if r, _ := d.requirement(id); r.AnswerType != requirement.Document {
		return nil, nil
	}
	list := filesOf(value)
	if list == nil && len(value) > 0 {
		return nil, nil
	}
	var l fault.List
	still := map[uuid.UUID]bool{}
	for i, listed := range list {
		if listed.File == uuid.Nil {
			continue
		}
		still[listed.File] = true
		field := "value[" + itoa(i) + "]"
		f, attached := d.files[listed.File]
		switch {
		case !attached || f.Requirement != id:
			l.Addf("attachment.unknown", field+".file")
		case f.Name != listed.Name:
			l.Addf("attachment.name-differs", field+".name")
		}
	}
	for _, f := range d.files {
		if f.Requirement == id && !still[f.ID] {
			gone = append(gone, f.ID)
		}
	}
	return gone, l.Err()
}

func (d *draft) dropFiles(ids []uuid.UUID) {
	for _, id := range ids {
		delete(d.files, id)
	}
	d.filesChanged = slices.DeleteFunc(d.filesChanged, func(id uuid.UUID) bool { return slices.Contains(ids, id) })
	d.filesRemoved = append(d.filesRemoved, ids...)
}

// carryFiles takes all files over into a draft that replaces a submission: their
// keys are sealed anew, the content stays.
func (d *draft) carryFiles() {
	for id := range d.files {
		d.filesChanged = append(d.filesChanged, id)
	}
}

// attach takes a file in, and into the answer that it belongs to.
func (d *draft) attach(f draftFile) {
	d.begin()
	d.files[f.ID] = f
	d.filesChanged = append(d.filesChanged, f.ID)
	if f.Requirement == uuid.Nil {
		return
	}
	listed := d.listed(f.Requirement)
	i := slices.IndexFunc(listed, func(l requirement.File) bool { return l.File == f.ID })
	if i < 0 {
		listed = append(listed, requirement.File{File: f.ID})
		i = len(listed) - 1
	}
	listed[i].Name = f.Name
	d.list(f.Requirement, listed)
}

// list makes files the value of an answer; its marks stay. Where none is left,
// the answer goes.
func (d *draft) list(id uuid.UUID, files []requirement.File) {
	a := d.answers[id]
	a.Value = nil
	if len(files) > 0 {
		a.Value = asJSON(files)
	}
	d.set1(id, a)
}

// saveFiles writes what changed of the files. It comes before saveKeys, since it
// may make keys.
func (d *draft) saveFiles(ctx context.Context) error {
	if len(d.filesRemoved) > 0 {
		if err := d.w.q.DeleteDraftFiles(ctx, d.w.tx, sqlcgen.DeleteDraftFilesParams{TenderID: d.row.ID, Draft: d.row.Draft, Ids: d.filesRemoved}); err != nil {
			return db.Fault(err)
		}
	}
	if len(d.filesChanged) == 0 {
		return nil
	}
	slices.SortFunc(d.filesChanged, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	d.filesChanged = slices.Compact(d.filesChanged)
	rows := make([]fileRow, 0, len(d.filesChanged))
	for _, id := range d.filesChanged {
		f := d.files[id]
		p := d.filePlace(f)
		sealed, err := d.key(p).key.EncryptFile(d.scope(p), f.File)
		if err != nil {
			return err
		}
		r := rowOf(f, p)
		r.Sealed = base64.StdEncoding.EncodeToString(sealed)
		rows = append(rows, r)
	}
	return db.Fault(d.w.q.SaveDraftFiles(ctx, d.w.tx, sqlcgen.SaveDraftFilesParams{TenderID: d.row.ID, Draft: d.row.Draft, Rows: asJSON(rows)}))
}

type fileRow struct {
	ID          uuid.UUID  `json:"id"`
	Requirement *uuid.UUID `json:"requirement_id,omitempty"`
	Lot         uuid.UUID  `json:"lot_id"`
	Part        seal.Part  `json:"part"`
	Version     int64      `json:"version,omitempty"`
	Sealed      string     `json:"sealed,omitempty"`
	Object      uuid.UUID  `json:"object_id"`
	Size        int64      `json:"size"`
	SHA256      string     `json:"sha256"`
	Scan        string     `json:"scan"`
	SavedAt     time.Time  `json:"saved_at"`
}

func rowOf(f draftFile, p place) fileRow {
	return fileRow{ID: f.ID, Requirement: idOrNull(f.Requirement), Lot: p.lot, Part: p.part, Version: f.Version, Object: f.Object, Size: f.stored,
		SHA256: base64.StdEncoding.EncodeToString(f.digest), Scan: f.scan, SavedAt: f.savedAt}
}

// filesToSubmit are the files of a submission by place: like the answers, but
// for lots that are not tendered and questions that fell away.
func (d *draft) filesToSubmit(fallen map[uuid.UUID]bool) map[place][]draftFile {
	out := map[place][]draftFile{}
	for _, f := range d.files {
		p := d.filePlace(f)
		if d.handsIn(p, f.Requirement, fallen) {
			out[p] = append(out[p], f)
		}
	}
	return out
}

// submits says of a file whether it goes with a submission.
func (d *draft) submits() func(file uuid.UUID) bool {
	all := map[uuid.UUID]bool{}
	for _, files := range d.filesToSubmit(d.fallen()) {
		for _, f := range files {
			all[f.ID] = true
		}
	}
	return func(file uuid.UUID) bool { return all[file] }
}

// listed are the parcel's files as the receipt lists them.
func (p parcel) listed() []seal.ReceiptFile {
	out := make([]seal.ReceiptFile, len(p.files))
	for i, f := range p.files {
		out[i] = seal.ReceiptFile{ID: f.ID, Lot: p.lot, Part: p.part, SHA256: seal.Digest(f.digest), Size: f.stored}
	}
	return out
}

// deliverFiles writes down what a submission's receipt lists; the draft's rows
// go with its answers.
func (d *draft) deliverFiles(ctx context.Context, submission int32, parcels []parcel) error {
	rows := []fileRow{}
	for _, p := range parcels {
		for _, f := range p.files {
			r := rowOf(f, p.place)
			r.Requirement, r.Version = nil, 0
			rows = append(rows, r)
		}
	}
	if len(rows) > 0 {
		if err := d.w.q.InsertSubmittedFiles(ctx, d.w.tx, sqlcgen.InsertSubmittedFilesParams{TenderID: d.row.ID, Submission: submission, Rows: asJSON(rows)}); err != nil {
			return db.Fault(err)
		}
	}
	return db.Fault(d.w.q.ClearDraftFiles(ctx, d.w.tx, sqlcgen.ClearDraftFilesParams{TenderID: d.row.ID, Draft: d.row.Draft}))
}
