package web

import (
	"net/http"

	"github.com/google/uuid"
)

// front is the first page: who you are and for whom, or where to sign in.
func (s *Site) front(v *visit) error {
	var page struct {
		// Organisations is how many the person may represent.
		Organisations int
		Chosen        bool
	}
	if v.seat != nil {
		me, err := v.me()
		if err != nil {
			return err
		}
		page.Organisations, page.Chosen = len(me.Organisations), v.by.Org != uuid.Nil
	}
	return v.show(http.StatusOK, "front", page)
}
