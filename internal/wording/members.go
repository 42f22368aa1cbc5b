package wording

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// fields goes from a value to a part of it, and to a part of that.
func (c *checker) fields(n parse.Node, t reflect.Type, names []string, args []reflect.Type) (reflect.Type, error) {
	if len(names) == 0 && len(args) > 0 {
		return nil, c.problem(n, "%s is followed by what cannot stand there.", n)
	}
	for i, name := range names {
		var given []reflect.Type
		if i == len(names)-1 {
			given = args
		}
		next, err := c.member(n, t, name, given)
		if err != nil {
			return nil, err
		}
		t = next
	}
	return t, nil
}

func (c *checker) member(n parse.Node, t reflect.Type, name string, args []reflect.Type) (reflect.Type, error) {
	t = pointed(t)
	if t.Kind() == reflect.Slice {
		return nil, c.problem(n, "%s: this is a list. Write {{range}} before what each of them says.", n)
	}
	if !slices.Contains(c.members(t), name) && !(t.Kind() == reflect.Map && c.mayRead("Data."+name)) {
		return nil, c.problem(n, "There is no %s here.%s", n, meant(nearest(name, c.members(t)), ".", ""))
	}
	if t == c.data {
		c.read[name] = true
	}
	if t.Kind() == reflect.Map {
		c.read["Data."+name] = true
		return c.without(n, t.Elem(), args)
	}
	if field, ok := t.FieldByName(name); t.Kind() == reflect.Struct && ok {
		return c.without(n, field.Type, args)
	}
	method, _ := t.MethodByName(name)
	if len(args) != method.Type.NumIn()-1 {
		return nil, c.problem(n, "%s has too few or too many values after it.", n)
	}
	for i, arg := range args {
		if want := method.Type.In(i + 1); arg != want {
			return nil, c.problem(n, "%s is not followed by what it is made of.", n)
		}
	}
	return method.Type.Out(0), nil
}

// without refuses values after what is no method.
func (c *checker) without(n parse.Node, t reflect.Type, args []reflect.Type) (reflect.Type, error) {
	if len(args) > 0 {
		return nil, c.problem(n, "Nothing can follow %s.", n)
	}
	return t, nil
}

func (c *checker) mayRead(name string) bool { return c.may == nil || c.may[name] }

// members names what words may read of a type, in order.
func (c *checker) members(t reflect.Type) []string {
	t = pointed(t)
	var names []string
	switch {
	case t == moment:
		return slices.Clone(ofTime)
	case t == pointed(zone):
		return nil
	case t.Kind() == reflect.Map:
		for name := range c.may {
			if inside, ok := strings.CutPrefix(name, "Data."); ok {
				names = append(names, inside)
			}
		}
	case t.Kind() == reflect.Struct:
		for _, field := range reflect.VisibleFields(t) {
			if field.IsExported() && !field.Anonymous && field.Type != zone {
				names = append(names, field.Name)
			}
		}
		for method := range t.Methods() {
			names = append(names, method.Name)
		}
	}
	if t == c.data {
		names = slices.DeleteFunc(names, func(name string) bool { return !c.mayRead(name) })
	}
	slices.Sort(names)
	return names
}

func pointed(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}
