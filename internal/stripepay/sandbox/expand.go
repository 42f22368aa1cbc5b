package sandbox

import (
	"encoding/json"
	"strings"
)

// maxExpand is how deep Stripe expands.
const maxExpand = 4

// parts are the names that are to be expanded, each with what is to be expanded
// within it.
type parts map[string]parts

// render writes an object, with the ids at the given paths replaced by the
// objects they stand for.
func (s *Sandbox) render(object any, expand []string) (json.RawMessage, *apiError) {
	wanted := parts{}
	for _, path := range expand {
		names := strings.Split(path, ".")
		if len(names) > maxExpand {
			return nil, badRequest("", "expand", "You cannot expand more than %d levels: %s", maxExpand, path)
		}
		at := wanted
		for _, name := range names {
			if at[name] == nil {
				at[name] = parts{}
			}
			at = at[name]
		}
	}
	body, unknown := s.expandObject(object, wanted)
	if unknown != "" {
		return nil, badRequest("", "expand", "This property cannot be expanded (%s).", unknown)
	}
	return body, nil
}

// expandObject writes an object. The objects of a list are written one by one,
// so that a long list is not read again as a whole.
func (s *Sandbox) expandObject(object any, wanted parts) (body json.RawMessage, unknown string) {
	page, ok := object.(*listing)
	inner, within := wanted["data"]
	if !ok || !within || len(wanted) > 1 {
		return s.expand(mustMarshal(object), wanted)
	}
	written := *page
	written.Data = make([]any, len(page.Data))
	for i, item := range page.Data {
		if written.Data[i], unknown = s.expand(mustMarshal(item), inner); unknown != "" {
			return nil, "data." + unknown
		}
	}
	return mustMarshal(&written), ""
}

// expand replaces ids in an object, or in each object of an array. It names the
// first path that does not lead to an object; an empty place ends a path well.
func (s *Sandbox) expand(body json.RawMessage, wanted parts) (expanded json.RawMessage, unknown string) {
	if len(wanted) == 0 {
		return body, ""
	}
	switch body[0] {
	case '{':
		return s.expandFields(body, wanted)
	case '[':
		var items []json.RawMessage
		mustUnmarshal(body, &items)
		for i := range items {
			if items[i], unknown = s.expand(items[i], wanted); unknown != "" {
				return nil, unknown
			}
		}
		return mustMarshal(items), ""
	case 'n': // null
		return body, ""
	}
	for name := range wanted {
		return nil, name
	}
	return body, ""
}

func (s *Sandbox) expandFields(body json.RawMessage, wanted parts) (expanded json.RawMessage, unknown string) {
	var fields map[string]json.RawMessage
	mustUnmarshal(body, &fields)
	for name, inner := range wanted {
		value, ok := fields[name]
		if !ok {
			return nil, name
		}
		if value[0] == '"' {
			var id string
			mustUnmarshal(value, &id)
			object, found := s.state.find(id)
			if !found {
				return nil, name
			}
			value = mustMarshal(object)
		}
		if value[0] != '{' && value[0] != '[' && value[0] != 'n' {
			return nil, name
		}
		value, unknown = s.expand(value, inner)
		if unknown != "" {
			return nil, name + "." + unknown
		}
		fields[name] = value
	}
	return mustMarshal(fields), ""
}

// mustUnmarshal reads what mustMarshal wrote.
func mustUnmarshal(body json.RawMessage, into any) {
	if err := json.Unmarshal(body, into); err != nil {
		panic("sandbox: an object that is none: " + err.Error())
	}
}
