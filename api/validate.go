package api

import (
	"errors"
	"reflect"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"

	"github.com/fellesloft/fellesloft/internal/fault"
)

// validation is the one place that judges input by its validate tags. The same
// tags give the limits in openapi.yaml (schema.go).
var validation = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		for _, key := range []string{"json", "path", "query", "header"} {
			if name, _, _ := strings.Cut(f.Tag.Get(key), ","); name != "" && name != "-" {
				return name
			}
		}
		return f.Name
	})
	return v
})

// validate judges an input struct and tells of every rule that it breaks.
func validate(in any) error {
	err := validation().Struct(in)
	if err == nil {
		return nil
	}
	var broken validator.ValidationErrors
	if !errors.As(err, &broken) {
		return err
	}
	var faults fault.List
	for i, e := range broken {
		if i == maxViolations {
			break
		}
		f := fault.New(fault.Invalid, ruleOf(e)).At(pathOf(e))
		if e.Param() != "" {
			f.Params = fault.Params{"limit": e.Param()}
		}
		faults.Add(f)
	}
	return faults.Err()
}

// pathOf gives the path inside the body, or a parameter's name.
func pathOf(e validator.FieldError) string {
	path := "." + e.Namespace() // a struct without a name has no part of its own
	if _, inBody, ok := strings.Cut(path, ".Body."); ok {
		return inBody
	}
	return e.Field()
}

func ruleOf(e validator.FieldError) string {
	switch e.Tag() {
	case "required", "required_if", "required_with", "required_without":
		return ruleRequired
	case "min", "gte", "gt":
		return bySize(e, ruleTooShort, ruleTooFew, ruleTooSmall)
	case "max", "lte", "lt":
		return bySize(e, ruleTooLong, ruleTooMany, ruleTooGreat)
	case "len":
		return ruleLength
	case "oneof":
		return ruleOneOf
	case "unique":
		return ruleUnique
	case "email", "url", "http_url", "https_url", "uuid", "numeric", "number", "ascii", "printascii", "mimetype":
		return ruleFormat
	}
	return ruleInvalid
}

func bySize(e validator.FieldError, text, list, number string) string {
	switch e.Kind() {
	case reflect.String:
		return text
	case reflect.Slice, reflect.Map, reflect.Array:
		return list
	}
	return number
}
