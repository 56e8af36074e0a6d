package app

import (
	"bytes"
	"context"

	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/domain/requirement"
	"github.com/fellesloft/fellesloft/internal/sheet"
)

// Preview is what was understood of a workbook.
type Preview = sheet.Preview

// PreviewRequirements reads a requirement specification from a workbook and
// saves nothing: the lead buyer looks at what was understood and puts the set
// (PutRequirements). It returns invalid for a workbook that cannot be read.
func (a *App) PreviewRequirements(ctx context.Context, id uuid.UUID, workbook []byte) (Preview, error) {
	var lots []requirement.Lot
	err := a.do(ctx, RequirementsWrite, func(w *work) error {
		if err := w.load(ctx, id, RequirementsWrite); err != nil {
			return err
		}
		for _, l := range w.p.Plan.Lots {
			lots = append(lots, requirement.Lot{ID: l.ID, Name: l.Title})
		}
		return nil
	})
	if err != nil {
		return Preview{}, err
	}
	// Read outside the transaction: a large workbook takes a while.
	return sheet.ReadSpecification(bytes.NewReader(workbook), sheet.Options{NewID: uuid.New, Lots: lots})
}
