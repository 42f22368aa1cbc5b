package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

// apiPageData is the API for people to read, made of its description.
type apiPageData struct {
	Page
	About  string
	Groups []apiGroup
}

type apiGroup struct {
	Name       string
	Operations []apiOperation
}

type apiOperation struct {
	Method, Path, Summary, Access string
	Fields                        []apiField
}

type apiField struct {
	Name, In, Kind, Meaning string
	Required                bool
}

func (s *Server) apiPage(c echo.Context) error {
	description := s.api.OpenAPI()
	data := &apiPageData{Page: Page{Title: "API"}, About: description.Info.Description}
	for path, item := range description.Paths {
		for method, op := range map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete} {
			if op != nil {
				data.add(op.Tags[0], describe(description, method, path, op))
			}
		}
	}
	slices.SortFunc(data.Groups, func(a, b apiGroup) int { return strings.Compare(a.Name, b.Name) })
	for _, g := range data.Groups {
		slices.SortFunc(g.Operations, func(a, b apiOperation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	}
	return s.Render(c, http.StatusOK, "api", data)
}

func (p *apiPageData) add(group string, op apiOperation) {
	i := slices.IndexFunc(p.Groups, func(g apiGroup) bool { return g.Name == group })
	if i < 0 {
		i = len(p.Groups)
		p.Groups = append(p.Groups, apiGroup{Name: group})
	}
	p.Groups[i].Operations = append(p.Groups[i].Operations, op)
}

func describe(d *huma.OpenAPI, method, path string, op *huma.Operation) apiOperation {
	out := apiOperation{Method: method, Path: path, Summary: op.Summary, Access: "For everybody."}
	if len(op.Security) > 0 {
		out.Access = "Needs a token."
	}
	for _, p := range op.Parameters {
		out.Fields = append(out.Fields, apiField{p.Name, p.In, kindOf(p.Schema), meaningOf(p.Description, p.Schema), p.Required})
	}
	if op.RequestBody != nil {
		for _, media := range op.RequestBody.Content {
			out.Fields = append(out.Fields, bodyFields(d, media.Schema)...)
		}
	}
	return out
}

func bodyFields(d *huma.OpenAPI, schema *huma.Schema) []apiField {
	if schema.Ref != "" {
		schema = d.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	var fields []apiField
	for name, property := range schema.Properties {
		fields = append(fields, apiField{name, "body", kindOf(property), meaningOf(property.Description, property), slices.Contains(schema.Required, name)})
	}
	slices.SortFunc(fields, func(a, b apiField) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

func kindOf(schema *huma.Schema) string {
	switch {
	case schema.Ref != "":
		return schema.Ref[strings.LastIndex(schema.Ref, "/")+1:]
	case schema.Type == "array" && schema.Items != nil:
		return "list of " + kindOf(schema.Items)
	}
	return schema.Type
}

func meaningOf(description string, schema *huma.Schema) string {
	if len(schema.Enum) == 0 {
		return description
	}
	var values []string
	for _, value := range schema.Enum {
		values = append(values, fmt.Sprint(value))
	}
	return strings.TrimSpace(description + " One of: " + strings.Join(values, ", ") + ".")
}
