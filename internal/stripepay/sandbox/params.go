package sandbox

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// params are the fields of a request's form, whose names Stripe nests:
// line_items[0][price_data][currency].
type params url.Values

var (
	index       = regexp.MustCompile(`\[\d+\]`)
	metadataKey = regexp.MustCompile(`(^metadata|\[metadata\])\[.*\]$`)
)

// known refuses the first field whose name, without indexes, is not in the
// list. "metadata[*]" stands for any key.
func (p params) known(names ...string) *apiError {
	for name := range p {
		plain := index.ReplaceAllString(metadataKey.ReplaceAllString(name, "$1[*]"), "[]")
		if plain != "expand[]" && !slices.Contains(names, plain) {
			return badRequest("parameter_unknown", name, "Received unknown parameter: %s", name)
		}
	}
	return nil
}

func (p params) text(name string) string { return url.Values(p).Get(name) }

// integer reads a whole number; given is false when there is none.
func (p params) integer(name string) (n int64, given bool, failure *apiError) {
	text := p.text(name)
	if text == "" {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, false, badRequest("parameter_invalid_integer", name, "Invalid integer: %s", text)
	}
	return n, true, nil
}

// list reads name[0], name[1], … or name[] repeated.
func (p params) list(name string) []string {
	items := slices.Clone(p[name+"[]"])
	for i := 0; ; i++ {
		item, ok := p[name+"["+strconv.Itoa(i)+"]"]
		if !ok {
			return items
		}
		items = append(items, item...)
	}
}

// Stripe's limits for metadata (docs.stripe.com/metadata).
const (
	maxMetadata      = 50
	maxMetadataKey   = 40
	maxMetadataValue = 500
)

// metadata reads name[key]=value.
func (p params) metadata(name string) (map[string]string, *apiError) {
	data := map[string]string{}
	for field, values := range p {
		key, ok := strings.CutPrefix(field, name+"[")
		if !ok {
			continue
		}
		key = strings.TrimSuffix(key, "]")
		if len(key) > maxMetadataKey || len(values[0]) > maxMetadataValue {
			return nil, badRequest("", field, "Metadata keys can have up to %d characters, values up to %d.", maxMetadataKey, maxMetadataValue)
		}
		data[key] = values[0]
	}
	if len(data) > maxMetadata {
		return nil, badRequest("", name, "Metadata can have up to %d keys.", maxMetadata)
	}
	return data, nil
}

// absoluteURL reads an http address.
func (p params) absoluteURL(name string) (string, *apiError) {
	text := p.text(name)
	address, err := url.Parse(text)
	if err != nil || address.Host == "" || (address.Scheme != "http" && address.Scheme != "https") {
		return "", badRequest("url_invalid", name, "Not a valid URL")
	}
	return text, nil
}

// email reads an address, if there is one.
func (p params) email(name string) (nullable, *apiError) {
	text := p.text(name)
	local, domain, ok := strings.Cut(text, "@")
	if text != "" && (!ok || local == "" || !strings.Contains(domain, ".") || strings.ContainsAny(text, " \t\r\n")) {
		return "", badRequest("email_invalid", name, "Invalid email address: %s", text)
	}
	return nullable(text), nil
}

func missingParam(name string) *apiError {
	return badRequest("parameter_missing", name, "Missing required param: %s.", name)
}
