package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"
)

// Form reads the form that a page sent. What cannot be read as one is the
// sender's fault: 400, or 413 when there is too much of it.
func Form(c echo.Context) (url.Values, error) {
	form, err := c.FormParams()
	if err == nil {
		return form, nil
	}
	if h, ok := errors.AsType[*echo.HTTPError](err); ok {
		return nil, h
	}
	return nil, echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
}
