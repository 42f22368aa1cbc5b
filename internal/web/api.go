package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"lantern/internal/access"
	"lantern/internal/fault"
)

// API is where operations are registered; huma describes them as OpenAPI 3.1.
type API struct {
	huma   huma.API
	server *Server
	routes []Route
	// rights are those of the POSTs, by path as Echo writes it.
	rights map[string]access.Right
}

// OpenAPIPath is where the description stands; ".json" and ".yaml" follow.
const OpenAPIPath = "/api/openapi"

// The library keeps how errors are answered in a variable of its own: it is set
// once, before any server is made.
func init() { huma.NewError = humaError }

func newAPI(s *Server) *API {
	config := huma.DefaultConfig("Lantern", "1")
	config.OpenAPIPath = OpenAPIPath
	// The readable page is our own: huma's loads scripts from elsewhere.
	config.DocsPath = ""
	config.SchemasPath = ""
	// No "$schema" links in answers.
	config.CreateHooks = nil
	config.Info.Description = "Retreats for couples: what is on offer, bookings, and what staff need. " +
		"Times are UTC (RFC 3339), money is whole minor units with an ISO 4217 code, errors are RFC 9457 problems with a stable type. " +
		"Send an Idempotency-Key with a POST: the same key and body get the same answer."
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token": {Type: "http", Scheme: "bearer", Description: "A booking's token, or a staff token made by `lantern token create`."},
	}
	api := &API{huma: humaecho.New(s.echo, config), server: s, rights: map[string]access.Right{}}
	s.echo.Use(s.programs)
	return api
}

// OpenAPI is the description, to render as a page.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// programs prepares API requests: the bearer token and, for POST, idempotency.
func (s *Server) programs(next echo.HandlerFunc) echo.HandlerFunc {
	idempotent := s.options.Answers.middleware(s.mayRepeat, next)
	return func(c echo.Context) error {
		if !strings.HasPrefix(c.Request().URL.Path, "/api/v1/") {
			return next(c)
		}
		if token, ok := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer "); ok {
			ctx := context.WithValue(c.Request().Context(), bearerKey{}, token)
			c.SetRequest(c.Request().WithContext(ctx))
		}
		if c.Request().Method == http.MethodPost {
			return idempotent(c)
		}
		return next(c)
	}
}

// mayRepeat checks the right of a request that is answered from what was saved.
func (s *Server) mayRepeat(c echo.Context) error {
	right, ok := s.api.rights[c.Path()]
	if !ok {
		return echo.ErrNotFound
	}
	_, err := s.check(c.Request().Context(), right, c.Param("id"))
	return err
}

// Operation is one line of a slice's API table.
type Operation struct {
	ID, Method, Path, Summary string
	// Tag groups operations in the description.
	Tag string
	// Status is the answer's when all goes well; 200 if zero.
	Status int
	Right  access.Right
}

// Register adds an operation. Its errors are faults; they are answered as
// problems by the same table as on pages.
func Register[I, O any](a *API, op Operation, handle func(context.Context, *I) (*O, error)) {
	a.routes = append(a.routes, Route{Method: op.Method, Path: op.Path, Right: op.Right})
	if op.Method == http.MethodPost {
		a.rights[strings.NewReplacer("{", ":", "}", "").Replace(op.Path)] = op.Right
	}
	described := huma.Operation{
		OperationID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, DefaultStatus: op.Status,
		// huma must notice a long body before the server's own limit does.
		Tags: []string{op.Tag}, MaxBodyBytes: maxBody / 2,
		Errors: []int{http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusServiceUnavailable},
	}
	if op.Right != access.Public {
		described.Security = []map[string][]string{{"token": {}}}
		described.Errors = append(described.Errors, http.StatusUnauthorized, http.StatusForbidden)
	}
	described.Middlewares = huma.Middlewares{a.guard(op.Right)}
	huma.Register(a.huma, described, func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err == nil {
			return out, nil
		}
		Note(ctx, err)
		problem := problemOf(err)
		if problem.Status == http.StatusServiceUnavailable {
			return nil, huma.ErrorWithHeaders(problem, http.Header{"Retry-After": {strconv.Itoa(retryAfter)}})
		}
		return nil, problem
	})
}

// guard checks an operation's right before anything of the request is read.
func (a *API) guard(right access.Right) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		ctx, err := a.server.check(c.Context(), right, c.Param("id"))
		if err == nil {
			next(huma.WithContext(c, ctx))
			return
		}
		Note(ctx, err)
		problem := problemOf(err)
		c.SetHeader("Content-Type", problemType)
		if problem.Status == http.StatusServiceUnavailable {
			c.SetHeader("Retry-After", strconv.Itoa(retryAfter))
		}
		c.SetStatus(problem.Status)
		Note(ctx, json.NewEncoder(c.BodyWriter()).Encode(problem))
	}
}

// humaError makes problems of what huma itself refuses: bodies that are not
// JSON, fields that are missing, unknown or of the wrong form.
func humaError(status int, text string, errs ...error) huma.StatusError {
	fields := fault.Fields{}
	for _, err := range errs {
		if detailer, ok := err.(huma.ErrorDetailer); ok {
			detail := detailer.ErrorDetail()
			fields[strings.TrimPrefix(detail.Location, "body.")] = detail.Message
		}
	}
	kind := fault.Invalid
	switch {
	case status >= http.StatusInternalServerError:
		kind, text = fault.Internal, errInternal
	case status == http.StatusUnprocessableEntity:
		text = "Please check the fields named below."
	case status == http.StatusRequestEntityTooLarge:
		text = errTooLarge
	case status == http.StatusBadRequest, status == http.StatusUnsupportedMediaType:
		text = "This request could not be read. Send JSON with the content type application/json."
	}
	return newProblem(status, kind, text, fields)
}
