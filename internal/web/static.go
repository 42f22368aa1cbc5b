package web

import (
	"mime"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"

	"lantern/templates"
)

// static serves the style sheet and the script. Their addresses carry a hash
// of their content, so browsers may keep them for good.
func (s *Server) static(c echo.Context) error {
	name := c.Param("name")
	content, err := templates.Static(name)
	if err != nil {
		return echo.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	return c.Blob(http.StatusOK, mime.TypeByExtension(path.Ext(name)), content)
}
