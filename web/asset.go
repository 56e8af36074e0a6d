package web

import (
	"path"

	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// staticPath is where what pages load lies.
const staticPath = "/static/:file"

// assetTypes are the kinds of file that are served.
var assetTypes = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// static serves the stylesheet and the icon. Addresses carry a version, so
// browsers keep them.
func (s *Site) static(v *visit) error {
	name := v.Params("file")
	kind, ok := assetTypes[path.Ext(name)]
	content, err := files.ReadFile("static/" + name)
	if !ok || err != nil {
		return fault.New(fault.NotFound, "not-found")
	}
	v.Set(fiber.HeaderContentType, kind)
	v.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	return v.Send(content)
}
