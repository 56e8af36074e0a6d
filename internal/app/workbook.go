package app

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/ooxml"
	"github.com/fellesloft/fellesloft/internal/sheet"
	"github.com/fellesloft/fellesloft/internal/specification"
	"github.com/fellesloft/fellesloft/internal/word"
)

// Preview is what was understood of a specification.
type Preview = specification.Preview

// SpecificationWarning is something read of a specification that a person should
// look at.
type SpecificationWarning = specification.Warning

// SpecificationChoice is what a person says about a specification's tables; the
// zero value leaves all to be found.
type SpecificationChoice struct {
	// Tables and Columns are as [specification.ParseChoice] reads them, Kinds as
	// [specification.ParseKinds].
	Tables, Columns, Kinds string
	HeaderRow              int // counted from 1
}

// PreviewRequirements reads a requirement specification from a workbook or Word
// document and saves nothing: the lead buyer looks at what was understood and
// puts the set (PutRequirements). It returns invalid for a file or choice that
// cannot be read, and too_large for a file beyond the limits.
func (a *App) PreviewRequirements(ctx context.Context, id uuid.UUID, file []byte, chosen SpecificationChoice) (Preview, error) {
	o := specification.Options{NewID: uuid.New}
	var err error
	if o.Choice, err = specification.ParseChoice(chosen.Tables, chosen.HeaderRow, chosen.Columns); err != nil {
		return Preview{}, err
	}
	if o.KindCodes, err = specification.ParseKinds(chosen.Kinds); err != nil {
		return Preview{}, err
	}
	err = a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.load(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		for _, l := range w.p.Plan.Lots {
			o.Lots = append(o.Lots, requirement.Lot{ID: l.ID, Name: l.Title})
		}
		return nil
	})
	if err != nil {
		return Preview{}, err
	}
	// Read outside the transaction: a large file takes a while.
	return readSpecification(file, o)
}

func readSpecification(file []byte, o specification.Options) (Preview, error) {
	p, err := ooxml.Open(bytes.NewReader(file))
	if err != nil {
		return Preview{}, err
	}
	load := sheet.Load
	if p.Format == ooxml.Document {
		load = word.Load
	}
	d, err := load(p)
	if err != nil {
		return Preview{}, err
	}
	return specification.Read(d, o)
}

// SpecificationFile is a requirement set as a file.
type SpecificationFile struct {
	Name, MediaType string
	Content         []byte
}

// Specification gives the newest version of a case's requirement set as a file,
// also while it is a draft. Whoever may read the case may. It returns invalid
// for what the format cannot hold.
func (a *App) Specification(ctx context.Context, id uuid.UUID, format ooxml.Format) (SpecificationFile, error) {
	s, err := a.Requirements(ctx, id)
	if err != nil {
		return SpecificationFile{}, err
	}
	return specificationFile(s.Set, format)
}

// PublicSpecification gives the published requirement set as a file, without
// sign-in (FOA § 22-5 (1)).
func (a *App) PublicSpecification(ctx context.Context, id uuid.UUID, format ooxml.Format) (SpecificationFile, error) {
	c, err := a.PublicProcurement(ctx, id)
	if err != nil {
		return SpecificationFile{}, err
	}
	return specificationFile(c.Requirements, format)
}

func specificationFile(s requirement.Set, format ooxml.Format) (SpecificationFile, error) {
	f := SpecificationFile{Name: "kravspesifikasjon." + string(format), MediaType: ooxml.SpreadsheetType}
	var err error
	if format == ooxml.Document {
		f.MediaType = ooxml.DocumentType
		f.Content, err = word.WriteSpecification(s)
	} else {
		f.Content, err = sheet.WriteSpecification(s)
	}
	return f, err
}
