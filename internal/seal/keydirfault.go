package seal

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fellesloft/fellesloft/internal/fault"
	"github.com/google/uuid"
)

func usable(ctx context.Context, id uuid.UUID) error {
	if id == uuid.Nil {
		return fault.New(fault.Invalid, "seal.opening-key-id-missing")
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(fault.Unavailable, "seal.interrupted", err)
	}
	return nil
}

// checkFolder refuses a folder in which anyone could remove the mark of a
// destroyed key.
func checkFolder(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return keyFolderFault(path, "missing", nil)
	case err != nil:
		return keyFolderFault(path, "unreadable", err)
	case !info.IsDir():
		return keyFolderFault(path, "missing", nil)
	case info.Mode().Perm()&0o002 != 0:
		return keyFolderFault(path, "open-to-others", nil)
	}
	return nil
}

func keyFolderFault(path, problem string, cause error) *fault.Error {
	kind := fault.Unavailable
	if problem == "open-to-others" {
		kind = fault.Internal
	}
	e := fault.Wrap(kind, "seal.key-folder-"+problem, cause)
	e.Params = fault.Params{"folder": filepath.Clean(path)}
	return e
}

func openingFault(kind fault.Kind, problem string, id uuid.UUID) *fault.Error {
	return fault.New(kind, "seal.opening-key-"+problem, fault.Params{"key": id.String()})
}

func storeFailed(id uuid.UUID, cause error) *fault.Error {
	e := fault.Wrap(fault.Unavailable, "seal.key-store-failed", cause)
	e.Params = fault.Params{"key": id.String()}
	return e
}
