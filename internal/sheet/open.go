package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// grid is one sheet as texts. Raw holds the stored values, cells the shown ones.
type grid struct {
	name string
	rows []gridRow // those with content
}

type gridRow struct {
	number     int // from 1
	cells, raw []string
}

// at gives the trimmed text of a column, "" beyond the row's end.
func (r gridRow) at(column int) string {
	if column < 0 || column >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(strings.ReplaceAll(r.cells[column], "\r\n", "\n"))
}

func (r gridRow) rawAt(column int) string {
	if column < 0 || column >= len(r.raw) {
		return ""
	}
	return strings.TrimSpace(r.raw[column])
}

func (r gridRow) filled() []int {
	var all []int
	for i := range r.cells {
		if r.at(i) != "" {
			all = append(all, i)
		}
	}
	return all
}

// open reads a workbook into grids, or refuses it: too_large for what exceeds a
// limit, invalid for what is no workbook or can run code.
func open(r io.Reader) (grids []grid, err error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "sheet.unreadable", err)
	}
	if len(b) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "sheet.file-too-large", fault.Params{"max": strconv.Itoa(MaxBytes)})
	}
	if err := inspect(b); err != nil {
		return nil, err
	}
	// A workbook that the library cannot digest must not take the process down.
	defer func() {
		if p := recover(); p != nil {
			grids, err = nil, fault.New(fault.Invalid, "sheet.unreadable")
		}
	}()
	// Equal limits keep large parts in memory: above UnzipXMLSizeLimit the
	// library writes them to a temporary file.
	f, err := excelize.OpenReader(bytes.NewReader(b), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "sheet.unreadable", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return load(f)
}

// oldFormat begins both encrypted workbooks and those of before 2007.
var oldFormat = []byte{0xD0, 0xCF, 0x11, 0xE0}

// inspect judges the package before anything is unpacked. The sizes declared in
// it are binding: the reader fails on a part that is longer than it says.
func inspect(b []byte) error {
	if bytes.HasPrefix(b, oldFormat) {
		return fault.New(fault.Invalid, "sheet.encrypted-or-old-format")
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return fault.Wrap(fault.Invalid, "sheet.not-a-workbook", err)
	}
	if len(z.File) > maxParts {
		return fault.New(fault.TooLarge, "sheet.too-many-parts", fault.Params{"max": strconv.Itoa(maxParts)})
	}
	var size uint64
	for _, part := range z.File {
		if size += part.UncompressedSize64; part.UncompressedSize64 > maxUnzipped || size > maxUnzipped {
			return fault.New(fault.TooLarge, "sheet.unpacks-too-large", fault.Params{"max": strconv.Itoa(maxUnzipped)})
		}
		name := strings.ToLower(strings.ReplaceAll(part.Name, "\\", "/"))
		for _, runs := range []string{"vbaproject", "macrosheets/", "activex/", "embeddings/"} {
			if strings.Contains(name, runs) {
				return fault.New(fault.Invalid, "sheet.macros")
			}
		}
	}
	return nil
}

func load(f *excelize.File) ([]grid, error) {
	var grids []grid
	rows, characters := 0, 0
	for _, name := range f.GetSheetList() {
		g := grid{name: name}
		shown, err := f.Rows(name)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "sheet.unreadable", err)
		}
		stored, err := f.Rows(name)
		if err != nil {
			return nil, errors.Join(fault.Wrap(fault.Invalid, "sheet.unreadable", err), shown.Close())
		}
		for n := 1; shown.Next() && stored.Next(); n++ {
			if n > MaxRows {
				return nil, fault.New(fault.TooLarge, "sheet.too-many-rows", fault.Params{"max": strconv.Itoa(MaxRows)})
			}
			cells, err := shown.Columns()
			raw, rawErr := stored.Columns(excelize.Options{RawCellValue: true})
			if err = errors.Join(err, rawErr); err != nil {
				return nil, fault.Wrap(fault.Invalid, "sheet.unreadable", err)
			}
			if len(cells) > MaxColumns {
				return nil, fault.New(fault.TooLarge, "sheet.too-many-columns", fault.Params{"max": strconv.Itoa(MaxColumns)})
			}
			row := gridRow{number: n, cells: cells, raw: raw}
			for i := range cells {
				characters += len(cells[i]) + len(row.rawAt(i))
			}
			if characters > maxCharacters {
				return nil, fault.New(fault.TooLarge, "sheet.too-much-text")
			}
			if len(row.filled()) == 0 {
				continue
			}
			if rows++; rows > MaxRows {
				return nil, fault.New(fault.TooLarge, "sheet.too-many-rows", fault.Params{"max": strconv.Itoa(MaxRows)})
			}
			g.rows = append(g.rows, row)
		}
		if err := errors.Join(shown.Close(), stored.Close(), shown.Error(), stored.Error()); err != nil {
			return nil, fault.Wrap(fault.Invalid, "sheet.unreadable", err)
		}
		grids = append(grids, g)
	}
	return grids, nil
}
