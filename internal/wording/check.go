package wording

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
	"time"
)

// Problem is what is wrong with words, for the person who wrote them.
type Problem struct {
	// Line is where, 0 if that cannot be said.
	Line int
	Text string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("Line %d: %s", p.Line, p.Text)
}

// mostNested bounds ranges within ranges, so that all of them come to an end
// soon whatever the lists are.
const mostNested = 2

// functions are those that words may call, by what they give; nil is what their
// last argument is.
var functions = map[string]reflect.Type{
	"and": nil, "or": nil,
	"not": truth, "eq": truth, "ne": truth, "lt": truth, "le": truth, "gt": truth, "ge": truth,
	"len": reflect.TypeFor[int](),
}

// ofTime are the methods of a moment that words may call.
var ofTime = []string{"Format", "Equal", "Before", "After", "IsZero"}

var (
	truth  = reflect.TypeFor[bool]()
	moment = reflect.TypeFor[time.Time]()
	zone   = reflect.TypeFor[*time.Location]()
	text   = reflect.TypeFor[string]()
	number = reflect.TypeFor[int]()
	// unknown is the type of what can only be asked whether it is there.
	unknown = reflect.TypeFor[any]()
)

// checker goes through words with the types of what they read, also where no
// sample leads.
type checker struct {
	source string
	data   reflect.Type
	// may are the fields of the data that may be read, "Data.time" for what is
	// in a map; nil for all. read are those that are.
	may, read map[string]bool
	parts     map[string]*parse.Tree
	// root is what $ is, at the call of a part if it is in one.
	root   reflect.Type
	at     parse.Node
	nested int
	inPart bool
}

func (c *checker) problem(n parse.Node, format string, args ...any) error {
	if c.at != nil {
		n = c.at
	}
	line := 1 + strings.Count(c.source[:min(int(n.Position()), len(c.source))], "\n")
	return &Problem{Line: line, Text: fmt.Sprintf(format, args...)}
}

func (c *checker) list(list *parse.ListNode, dot reflect.Type) error {
	if list == nil {
		return nil
	}
	for _, n := range list.Nodes {
		if err := c.node(n, dot); err != nil {
			return err
		}
	}
	return nil
}

func (c *checker) node(n parse.Node, dot reflect.Type) error {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode:
		return nil
	case *parse.ActionNode:
		t, err := c.pipe(n.Pipe, dot)
		if err != nil {
			return err
		}
		return c.prints(n, t)
	case *parse.IfNode:
		_, err := c.pipe(n.Pipe, dot)
		return c.branches(err, &n.BranchNode, dot, dot)
	case *parse.WithNode:
		t, err := c.pipe(n.Pipe, dot)
		return c.branches(err, &n.BranchNode, t, dot)
	case *parse.RangeNode:
		return c.ranges(n, dot)
	case *parse.TemplateNode:
		return c.part(n, dot)
	}
	return c.problem(n, "%s cannot be used here.", n)
}

func (c *checker) branches(err error, n *parse.BranchNode, inside, dot reflect.Type) error {
	if err == nil {
		err = c.list(n.List, inside)
	}
	if err == nil {
		err = c.list(n.ElseList, dot)
	}
	return err
}

func (c *checker) ranges(n *parse.RangeNode, dot reflect.Type) error {
	t, err := c.pipe(n.Pipe, dot)
	if err != nil {
		return err
	}
	if t.Kind() != reflect.Slice {
		return c.problem(n, "{{range %s}}: this is not a list. Use {{with}} or {{if}} for what is there once.", n.Pipe)
	}
	if c.nested == mostNested {
		return c.problem(n, "More than %d lists within each other cannot be used.", mostNested)
	}
	c.nested++
	defer func() { c.nested-- }()
	return c.branches(nil, &n.BranchNode, t.Elem(), dot)
}

// part checks a shared part with what it is given, so that it is refused where
// it would say nothing.
func (c *checker) part(n *parse.TemplateNode, dot reflect.Type) error {
	tree, ok := c.parts[n.Name]
	if !ok {
		var names []string
		for name := range c.parts {
			names = append(names, name)
		}
		return c.problem(n, "There is no part “%s”.%s", n.Name, meant(nearest(n.Name, names), `{{template "`, `" .}}`))
	}
	given := unknown
	if n.Pipe != nil {
		var err error
		if given, err = c.pipe(n.Pipe, dot); err != nil {
			return err
		}
	}
	if c.inPart { // parts call parts, and none of them itself
		return c.list(tree.Root, given)
	}
	inside := *c
	inside.at, inside.root, inside.inPart = n, given, true
	if err := inside.list(tree.Root, given); err != nil {
		return c.problem(n, "{{template %q %s}} does not fit here: it says what this message does not know.", n.Name, n.Pipe)
	}
	return nil
}

// prints checks that what an action gives can be read by people.
func (c *checker) prints(n *parse.ActionNode, t reflect.Type) error {
	switch {
	case t == moment:
		return c.problem(n, "%s is a moment: write {{.At %s}}, or {{%s.Format \"Monday 2 January 2006\"}}.", n, n.Pipe, n.Pipe)
	case t.Kind() == reflect.Slice:
		return c.problem(n, "%s is a list: write {{range %s}}…{{end}} with what each of them says.", n, n.Pipe)
	case t.Kind() == reflect.String, t.Kind() == reflect.Int, t.Kind() == reflect.Bool:
		return nil
	}
	return c.problem(n, "%s has no words of its own: name one of its parts.%s", n, meant(c.members(t), "", ""))
}

func (c *checker) pipe(p *parse.PipeNode, dot reflect.Type) (reflect.Type, error) {
	if len(p.Decl) > 0 {
		return nil, c.problem(p, "Names that begin with $ cannot be given here.")
	}
	if len(p.Cmds) != 1 {
		return nil, c.problem(p, "The sign | cannot be used here.")
	}
	return c.command(p.Cmds[0], dot)
}

func (c *checker) command(cmd *parse.CommandNode, dot reflect.Type) (reflect.Type, error) {
	args := make([]reflect.Type, len(cmd.Args)-1)
	for i, arg := range cmd.Args[1:] {
		var err error
		if args[i], err = c.value(arg, dot, nil); err != nil {
			return nil, err
		}
	}
	return c.value(cmd.Args[0], dot, args)
}

func (c *checker) value(n parse.Node, dot reflect.Type, args []reflect.Type) (reflect.Type, error) {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		return c.call(n, args)
	case *parse.FieldNode:
		return c.fields(n, dot, n.Ident, args)
	case *parse.VariableNode:
		if n.Ident[0] != "$" {
			return nil, c.problem(n, "There is no %s.", n.Ident[0])
		}
		return c.fields(n, c.root, n.Ident[1:], args)
	case *parse.ChainNode:
		t, err := c.value(n.Node, dot, nil)
		if err != nil {
			return nil, err
		}
		return c.fields(n, t, n.Field, args)
	}
	if len(args) > 0 {
		return nil, c.problem(n, "%s is followed by what cannot stand there.", n)
	}
	switch n := n.(type) {
	case *parse.PipeNode:
		return c.pipe(n, dot)
	case *parse.DotNode:
		return dot, nil
	case *parse.StringNode:
		return text, nil
	case *parse.NumberNode:
		return number, nil
	case *parse.BoolNode:
		return truth, nil
	}
	return nil, c.problem(n, "%s cannot be used here.", n)
}

func (c *checker) call(n *parse.IdentifierNode, args []reflect.Type) (reflect.Type, error) {
	gives, ok := functions[n.Ident]
	if !ok {
		var names []string
		for name := range functions {
			names = append(names, name)
		}
		found := meant(nearest(n.Ident, names), "", "")
		if found == "" {
			slices.Sort(names)
			found = " There are " + strings.Join(names, ", ") + "; what the message knows begins with a dot."
		}
		return nil, c.problem(n, "There is no function “%s”.%s", n.Ident, found)
	}
	least := 1
	if gives == truth && n.Ident != "not" {
		least = 2
	}
	if len(args) < least || (n.Ident == "not" || n.Ident == "len") && len(args) > 1 {
		return nil, c.problem(n, "“%s” has too few or too many values after it.", n.Ident)
	}
	if gives == nil {
		gives = args[len(args)-1]
	}
	return gives, nil
}

// meant asks whether one of the names was meant.
func meant(names []string, before, after string) string {
	if len(names) == 0 {
		return ""
	}
	for i, name := range names {
		names[i] = before + name + after
	}
	return " Did you mean " + strings.Join(names, " or ") + "?"
}
