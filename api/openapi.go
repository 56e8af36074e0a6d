package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
)

// describer takes registrations for their documentation and serves none.
type describer struct{}

// Handle registers nothing: op serves.
func (describer) Handle(*huma.Operation, func(huma.Context)) {}

// ServeHTTP is never asked.
func (describer) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusNotFound)
}

func newDocument(publicURL string) huma.API {
	registry := newRegistry()
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Fellesløft", Version: "1",
			Description: "Joint procurement and supplier dialogue for Norwegian municipalities. Refusals are problem documents (RFC 9457) with the rule, the field, and the paragraph of law where one decides; their texts follow Accept-Language (nb, nn, en).",
			License:     &huma.License{Name: "MIT", Identifier: "MIT"},
		},
		Servers: []*huma.Server{{URL: publicURL + Base}},
		Components: &huma.Components{
			Schemas: registry,
			SecuritySchemes: map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT",
				Description: "A token of a listed issuer. " + headerOrganisation + " names the organisation to act for, where the identity may act for several and the token does not say."}},
		},
	}
	api := huma.NewAPI(huma.Config{OpenAPI: doc}, describer{})
	problem := registry.Schema(reflect.TypeFor[Problem](), true, "Problem")
	doc.Components.Responses = map[string]*huma.Response{"Problem": {
		Description: "Refused; nothing was changed",
		Content:     map[string]*huma.MediaType{problemType: {Schema: problem}},
	}}
	return api
}

// finishDocument writes what is known when all operations are registered.
func (s *Server) finishDocument() {
	schemas := s.docs.OpenAPI().Components.Schemas
	// huma notes its own error types with every operation; none is answered.
	delete(schemas.Map(), "V2ErrorModel")
	delete(schemas.Map(), "V2ErrorDetail")
	limitSchemas(schemas)
}

// Document gives the OpenAPI document as YAML.
func (s *Server) Document() ([]byte, error) { return s.docs.OpenAPI().YAML() }

// serveDocument answers the document itself.
func (s *Server) serveDocument(c *fiber.Ctx) error {
	b, err := s.Document()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/yaml")
	return c.Send(b)
}
