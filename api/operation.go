package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

// Operation is one operation of the API.
type Operation struct {
	ID, Method, Path string
	Permission       app.Permission
}

// op registers an operation. Its input and output structs say what is decoded,
// judged, encoded and documented (input, output). It panics, at start, for a
// missing permission and for a POST or a change that lacks what every such
// operation has.
func op[I, O any](s *Server, permission app.Permission, o huma.Operation, handle func(context.Context, *I) (*O, error)) {
	if !slices.Contains(app.Permissions(), permission) {
		panic(fmt.Sprintf("operation %s has no permission", o.OperationID))
	}
	in := inputOf(reflect.TypeFor[I]())
	out := outputOf(reflect.TypeFor[O](), o.DefaultStatus)
	keyed := in.has("header", headerKey)
	_, asks := any(new(I)).(interface{ asksOnly() })
	if o.Method == http.MethodPost && permission != app.Public && !keyed && !asks {
		panic(fmt.Sprintf("operation %s has no Idempotency-Key", o.OperationID))
	}
	describe[I, O](s, permission, &o, in)
	registered := Operation{ID: o.OperationID, Method: o.Method, Path: o.Path, Permission: permission}
	s.operations = append(s.operations, registered)
	if in.stream != nil {
		s.streams = append(s.streams, registered)
	}

	authenticate := func(c *fiber.Ctx) error {
		c.Locals(localOperation, o.OperationID)
		c.Locals(localPermission, string(permission))
		ctx, err := s.signedIn(c, permission)
		if err != nil {
			return err
		}
		c.SetUserContext(ctx)
		return c.Next()
	}
	s.add(o.Method, fiberPath(o.Path), authenticate, s.perIdentity, func(c *fiber.Ctx) error {
		ctx := c.UserContext()
		var request I
		if err := in.decode(c, reflect.ValueOf(&request).Elem()); err != nil {
			return err
		}
		if err := validate(&request); err != nil {
			return err
		}
		answer := func(ctx context.Context) (response, error) {
			result, err := handle(ctx, &request)
			if err != nil {
				return response{}, err
			}
			return out.encode(reflect.ValueOf(result).Elem())
		}
		var r response
		var err error
		if keyed {
			r, err = s.once(ctx, permission, o.OperationID, &request, answer)
		} else {
			r, err = answer(ctx)
		}
		if err != nil {
			return err
		}
		return r.write(c)
	})
}

// signedIn puts the actor on the request's context. What is public is answered
// to the public, whoever asks, so it can never depend on who does.
func (s *Server) signedIn(c *fiber.Ctx, permission app.Permission) (context.Context, error) {
	ctx := c.UserContext()
	if permission == app.Public {
		return actor.With(ctx, actor.Nobody), nil
	}
	token, ok := bearerToken(c)
	if !ok || s.SignIn == nil {
		return nil, fault.New(fault.Unauthenticated, ruleSignIn)
	}
	a, err := s.authenticate(ctx, permission, token, c.Get(headerOrganisation))
	if err != nil {
		return nil, err
	}
	a.Request = requestID(c)
	return actor.With(ctx, a), nil
}

// bearerToken reads the one Authorization header (RFC 6750 section 2.1). Of two,
// a proxy may judge one and the program another, so two are none.
func bearerToken(c *fiber.Ctx) (string, bool) {
	headers := c.Request().Header.PeekAll(fiber.HeaderAuthorization)
	if len(headers) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(string(headers[0]), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

// authenticate gives who a token signs in. What concerns the signed-in alone is
// open to one for whom no organisation can be told.
func (s *Server) authenticate(ctx context.Context, permission app.Permission, token, organisation string) (actor.Actor, error) {
	a, err := s.SignIn.Authenticate(ctx, token, organisation)
	if permission == app.Identified && fault.Is(err, fault.Denied) {
		return s.SignIn.Identify(ctx, token)
	}
	return a, err
}

// fiberPath writes {id} as :id.
func fiberPath(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// describe adds the operation to the document.
func describe[I, O any](s *Server, permission app.Permission, o *huma.Operation, in input) {
	o.Extensions = map[string]any{"x-permission": string(permission)}
	if permission != app.Public {
		o.Security = []map[string][]string{{"bearer": {}}}
	} else {
		o.Security = []map[string][]string{}
	}
	if o.Responses == nil {
		o.Responses = map[string]*huma.Response{}
	}
	refused := func(status int) {
		o.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/Problem"}
	}
	if permission != app.Public {
		refused(http.StatusUnauthorized)
		refused(http.StatusForbidden)
	}
	if strings.Contains(o.Path, "{") {
		refused(http.StatusNotFound)
	}
	if in.has("header", headerIfMatch) {
		refused(http.StatusPreconditionFailed)
		refused(http.StatusPreconditionRequired)
	}
	if in.body != nil || in.raw != nil || in.stream != nil || len(in.params) > 0 {
		refused(http.StatusUnprocessableEntity)
	}
	o.Responses["default"] = &huma.Response{Ref: "#/components/responses/Problem"}
	huma.Register(s.docs, *o, func(context.Context, *I) (*O, error) { return nil, nil }) //nolint:nilnil // documentation only; never called
	limitParams(documented(s.docs.OpenAPI().Paths[o.Path], o.Method), reflect.TypeFor[I](), in)
}

func documented(p *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{http.MethodGet: p.Get, http.MethodPost: p.Post, http.MethodPut: p.Put, http.MethodPatch: p.Patch, http.MethodDelete: p.Delete}[method]
}
