package seal

import (
	"errors"
	"io"
	"io/fs"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// Contents finds a plain file by its size and hash, as the holder of the bundle
// has it: fs.ErrNotExist for one that is not at hand.
type Contents func(size int64, sha256 Digest) (io.ReadCloser, error)

// verifyFiles checks that the envelope's files are the receipt's, and each
// content that is given: encrypted anew with its key it must have the receipt's
// hash.
func verifyFiles(report *Report, receipt Receipt, line Check, files []File, contents Contents) {
	if len(files) == 0 && len(receipt.Files) == 0 {
		return
	}
	line.Name = CheckFiles
	report.add(line, receipt.CoversFiles(line.Lot, line.Part, files))
	line.Name = CheckFile
	for _, f := range files {
		line.File = f.ID
		err := verifyFile(receipt, f, contents)
		if errors.Is(err, fs.ErrNotExist) {
			report.skip(line, "seal.file-not-given")
			continue
		}
		report.add(line, err)
	}
}

func verifyFile(receipt Receipt, f File, contents Contents) error {
	listed, ok := receipt.File(f.ID)
	if !ok {
		return fault.New(fault.Invalid, "seal.files-not-in-receipt")
	}
	if contents == nil {
		return fs.ErrNotExist
	}
	content, err := contents(f.Size, f.SHA256)
	if err != nil {
		return err
	}
	defer content.Close()
	key, err := ImportDataKey(f.Key)
	if err != nil {
		return err
	}
	defer key.Zero()
	digest, size, err := FileDigest(key, f.Place(receipt.Procurement, receipt.Tender), content)
	if err != nil {
		return err
	}
	if digest != listed.SHA256 || size != listed.Size {
		return fault.New(fault.Invalid, "seal.hash-differs")
	}
	return nil
}
