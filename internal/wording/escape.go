package wording

import (
	"fmt"
	"reflect"
	"strings"
	"text/template/parse"
	"unicode"
)

// The functions that write what data say into Markdown. People cannot call
// them: the checker does not know them.
const (
	plainFunc = "_plain"
	linkFunc  = "_link"
)

// escape lets every action of a template write Markdown that reads as what it
// gives: a name is no heading, whatever it is made of, and leads nowhere.
func escape(list *parse.ListNode) {
	if list == nil {
		return
	}
	for _, n := range list.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			how := plainFunc
			if isLink(n.Pipe) {
				how = linkFunc
			}
			n.Pipe.Cmds = append(n.Pipe.Cmds, &parse.CommandNode{
				NodeType: parse.NodeCommand, Pos: n.Pos, Args: []parse.Node{parse.NewIdentifier(how).SetPos(n.Pos)},
			})
		case *parse.IfNode:
			escape(n.List)
			escape(n.ElseList)
		case *parse.WithNode:
			escape(n.List)
			escape(n.ElseList)
		case *parse.RangeNode:
			escape(n.List)
			escape(n.ElseList)
		}
	}
}

// isLink reports whether an action gives somebody's own link, which the program
// has made.
func isLink(p *parse.PipeNode) bool {
	if len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 1 {
		return false
	}
	var names []string
	switch n := p.Cmds[0].Args[0].(type) {
	case *parse.FieldNode:
		names = n.Ident
	case *parse.VariableNode:
		names = n.Ident
	}
	return len(names) > 0 && strings.EqualFold(names[len(names)-1], "link")
}

// link writes an address as one. Nothing else may become one.
func link(value any) string {
	address := fmt.Sprint(value)
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") || strings.ContainsAny(address, " \t\r\n<>") {
		return plain(address)
	}
	return "<" + address + ">"
}

// marks are the signs that mean something in Markdown.
const marks = "\\`*_{}[]()<>#+-.!|~&\"':@=/"

// isRightToLeft reports whether a sign is of a script that is written from the
// right.
func isRightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana)
}

// Isolates keep a name that is written from the right from turning the words
// around it, as <bdi> does.
const isolated, endIsolated = "\u2068", "\u2069"

// plain writes a value so that Markdown shows it as it is, with its lines.
func plain(value any) string {
	var out strings.Builder
	text := fmt.Sprint(value)
	if v := reflect.ValueOf(value); !v.IsValid() {
		return ""
	}
	for line := range strings.Lines(text) {
		ends, turns := strings.HasSuffix(line, "\n"), strings.ContainsFunc(line, isRightToLeft)
		if turns {
			out.WriteString(isolated)
		}
		for _, r := range strings.TrimSpace(line) {
			if strings.ContainsRune(marks, r) {
				out.WriteByte('\\')
			}
			out.WriteRune(r)
		}
		if turns {
			out.WriteString(endIsolated)
		}
		if ends {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
