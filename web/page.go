package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"github.com/fellesloft/fellesloft/internal/actor"
	"github.com/fellesloft/fellesloft/internal/app"
	"github.com/fellesloft/fellesloft/internal/fault"
)

type route struct {
	Page
	handler fiber.Handler
}

func (s *Site) get(path string, permission app.Permission, handle func(*visit) error) {
	s.add(Page{http.MethodGet, path, permission}, handle)
}

func (s *Site) post(path string, permission app.Permission, handle func(*visit) error) {
	s.add(Page{http.MethodPost, path, permission}, handle)
}

// add registers a page. It panics, at start, for one without a permission, and
// for a method that is neither to read (GET) nor to change (POST).
func (s *Site) add(page Page, handle func(*visit) error) {
	if !slices.Contains(app.Permissions(), page.Permission) {
		panic(fmt.Sprintf("page %s %s has no permission", page.Method, page.Path))
	}
	if page.Method != http.MethodGet && page.Method != http.MethodPost {
		panic(fmt.Sprintf("page %s %s: forms know GET and POST", page.Method, page.Path))
	}
	s.routes = append(s.routes, route{page, s.answer(page, handle)})
}

// answer puts around a page what guards every page: headers, host, session,
// permission, and for forms where they come from.
func (s *Site) answer(page Page, handle func(*visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		s.secure(c)
		v := &visit{site: s, Ctx: c, page: page, lang: s.language(c), request: c.GetRespHeader(fiber.HeaderXRequestID)}
		err := v.guarded(func() error {
			if onward, err := v.admit(); err != nil || onward != "" {
				if err != nil {
					return err
				}
				return v.onTo(onward)
			}
			return handle(v)
		})
		if err != nil {
			return v.refuse(err)
		}
		return nil
	}
}

// guarded turns a panic into an error; the stack goes to the log only.
func (v *visit) guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			v.site.Log.Error("panic", "request", v.request, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fault.Wrap(fault.Internal, "internal", errors.New("panic"))
		}
	}()
	return f()
}

// admit judges whether the page is for this request. Instead of a refusal it may
// give an address where what is missing can be had.
func (v *visit) admit() (onward string, err error) {
	if err := v.site.host.check(v.Ctx); err != nil {
		return "", err
	}
	read := v.page.Method == http.MethodGet || v.page.Method == ""
	if read && !v.site.host.is(v.Ctx) {
		return v.site.PublicURL + local(v.OriginalURL()), nil // another name of this host has other cookies
	}
	if !read {
		if err := v.sameSite(); err != nil {
			return "", err
		}
	}
	if v.page.Path == staticPath {
		return "", nil // the same for all, so nobody is asked for
	}
	if v.seat, err = v.site.sessions.read(v.Ctx); err != nil {
		return "", err
	}
	if err := v.sit(); err != nil {
		return "", err
	}
	if v.page.Permission == app.Public {
		return "", nil
	}
	here := url.Values{"to": {v.OriginalURL()}}.Encode()
	switch {
	case v.seat == nil && read:
		return "/sign-in?" + here, nil
	case v.seat == nil:
		return "", fault.New(fault.Unauthenticated, "sign-in.needed")
	case !read && !same(v.field(tokenField), v.seat.Token):
		return "", notFromHere(errors.New("no token, or another session's"))
	case v.page.Permission != app.Identified && v.by.Org == uuid.Nil && read:
		return "/organisation?" + here, nil
	}
	return "", nil
}

// sit finds out who the session's person is now.
func (v *visit) sit() error {
	if v.seat == nil {
		return nil
	}
	by, err := v.site.SignIn.Person(v.UserContext(), v.seat.Issuer, v.seat.Subject, v.seat.Org)
	if fault.RuleOf(err) == "sign-in.not-a-member" {
		// The membership has ended since the organisation was chosen.
		by, err = v.site.SignIn.Person(v.UserContext(), v.seat.Issuer, v.seat.Subject, uuid.Nil)
	}
	if err != nil {
		return err
	}
	if by.Name == "" {
		by.Name = v.seat.Name
	}
	by.Request = v.request
	v.by = by
	if v.page.Permission != app.Public {
		v.SetUserContext(actor.With(v.UserContext(), by))
	}
	return nil
}
