package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"lantern/internal/fault"
)

// The one table from kinds to statuses.
var statuses = map[fault.Kind]int{
	fault.Invalid:      http.StatusUnprocessableEntity,
	fault.NotFound:     http.StatusNotFound,
	fault.Conflict:     http.StatusConflict,
	fault.Forbidden:    http.StatusForbidden,
	fault.Unauthorized: http.StatusUnauthorized,
	fault.Gone:         http.StatusGone,
	fault.Unavailable:  http.StatusServiceUnavailable,
	fault.Internal:     http.StatusInternalServerError,
}

// retryAfter is what we ask those to wait whom we could not serve, in seconds.
const retryAfter = 20

var (
	errCrossOrigin = fault.New(fault.Forbidden, "This form was sent from another site. Please open our page and try again.")
	errTooLarge    = "That is more than we can take. Please send less."
	errInternal    = "Something went wrong on our side. We have noted it. Please try again in a few minutes."
)

// answerOf says how an error is answered: status, kind and a text for people.
func answerOf(err error) (status int, kind fault.Kind, text string) {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Kind != fault.Internal {
		return statuses[f.Kind], f.Kind, f.Text
	}
	h, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return http.StatusInternalServerError, fault.Internal, errInternal
	}
	switch {
	case h.Code == http.StatusNotFound:
		return h.Code, fault.NotFound, "There is no page at this address."
	case h.Code == http.StatusRequestEntityTooLarge:
		return h.Code, fault.Invalid, errTooLarge
	case h.Code == http.StatusMethodNotAllowed:
		return h.Code, fault.Invalid, "This address does not take that kind of request."
	case h.Code >= 400 && h.Code < 500:
		return h.Code, fault.Invalid, "This request could not be read."
	}
	return http.StatusInternalServerError, fault.Internal, errInternal
}

// Status is the HTTP status of an error, for pages that show it themselves.
func Status(err error) int {
	status, _, _ := answerOf(err)
	return status
}

// answerError is where every error of a page or a webhook ends. Errors of API
// operations take the same way through problemOf.
func (s *Server) answerError(err error, c echo.Context) {
	Note(c.Request().Context(), err)
	if c.Response().Committed {
		return
	}
	status, kind, text := answerOf(err)
	askAgain(c, status)
	if isForPrograms(c.Request().URL.Path) {
		c.Response().Header().Set(echo.HeaderContentType, problemType)
		err = c.JSON(status, newProblem(status, kind, text, fault.FieldsOf(err)))
	} else {
		err = s.errorPage(c, status, text)
	}
	Note(c.Request().Context(), err)
}

const problemType = "application/problem+json"

// Problem is an error for programs (RFC 9457).
type Problem struct {
	// Type is stable: urn:lantern:problem: and the kind.
	Type   string         `json:"type" doc:"What kind of problem it is; stable" example:"urn:lantern:problem:conflict"`
	Title  string         `json:"title" doc:"The HTTP status in words"`
	Status int            `json:"status"`
	Detail string         `json:"detail" doc:"What is wrong, in words for the person in front"`
	Errors []FieldProblem `json:"errors,omitempty" doc:"What is wrong with single fields"`
}

// FieldProblem is what is wrong with one field.
type FieldProblem struct {
	Field  string `json:"field" example:"partner2.email"`
	Detail string `json:"detail"`
}

// Error and GetStatus make a Problem an answer of huma's.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is RFC 9457's.
func (p *Problem) ContentType(string) string { return problemType }
