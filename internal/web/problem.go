package web

import (
	"maps"
	"net/http"
	"slices"

	"lantern/internal/fault"
)

func newProblem(status int, kind fault.Kind, text string, fields fault.Fields) *Problem {
	p := &Problem{
		Type: "urn:lantern:problem:" + string(kind), Title: http.StatusText(status), Status: status, Detail: text,
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p.Errors = append(p.Errors, FieldProblem{Field: name, Detail: fields[name]})
	}
	return p
}

// problemOf is answerError for API operations.
func problemOf(err error) *Problem {
	status, kind, text := answerOf(err)
	return newProblem(status, kind, text, fault.FieldsOf(err))
}
