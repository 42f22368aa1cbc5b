// Package webtest reads pages as a browser does, for the tests of those who
// write them.
package webtest

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Parse reads a page and complains about what no page may have: a style or a
// script of its own, anything from another site, a field without a label, a
// reference to nothing, or other than one main heading.
func Parse(t testing.TB, name string, page []byte) *html.Node {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if bytes.Contains(page, []byte("<no value>")) || bytes.Contains(page, []byte("ZgotmplZ")) {
		t.Errorf("%s shows a gap in its template:\n%s", name, page)
	}
	c := checker{t: t, name: name, ids: map[string]bool{}, labels: map[string]bool{}}
	for n := range root.Descendants() {
		c.note(n)
	}
	for n := range root.Descendants() {
		c.check(n)
	}
	if c.headings != 1 {
		t.Errorf("%s has %d main headings", name, c.headings)
	}
	return root
}

type checker struct {
	t           testing.TB
	name        string
	ids, labels map[string]bool
	headings    int
}

func (c *checker) note(n *html.Node) {
	if id := Attr(n, "id"); id != "" {
		if c.ids[id] {
			c.t.Errorf("%s has two elements %q", c.name, id)
		}
		c.ids[id] = true
	}
	if n.Data == "label" {
		c.labels[Attr(n, "for")] = true
	}
	if n.Data == "h1" {
		c.headings++
	}
}

func (c *checker) check(n *html.Node) {
	c.t.Helper()
	if n.Type != html.ElementNode {
		return
	}
	switch n.Data {
	case "style":
		c.t.Errorf("%s has a style of its own", c.name)
	case "script":
		if Attr(n, "src") == "" || n.FirstChild != nil {
			c.t.Errorf("%s has a script in it", c.name)
		}
	case "input", "select", "textarea":
		if Attr(n, "type") != "hidden" && !c.labels[Attr(n, "id")] {
			c.t.Errorf("%s: field %s has no label", c.name, Attr(n, "name"))
		}
	case "title":
		if Words(n) == "" {
			c.t.Errorf("%s has an empty title", c.name)
		}
	case "iframe":
		if Attr(n, "title") == "" {
			c.t.Errorf("%s has a frame without a title", c.name)
		}
	}
	for _, a := range n.Attr {
		c.checkAttr(n, a)
	}
}

func (c *checker) checkAttr(n *html.Node, a html.Attribute) {
	c.t.Helper()
	switch a.Key {
	case "src", "href", "action", "formaction":
		// A link that tells nobody where its reader comes from may lead elsewhere.
		leaves := n.Data == "a" && strings.Contains(Attr(n, "rel"), "noreferrer") && strings.HasPrefix(a.Val, "https://")
		if !leaves && (strings.Contains(a.Val, "//") || strings.HasPrefix(a.Val, "javascript:")) {
			c.t.Errorf("%s: <%s> leads to %s", c.name, n.Data, a.Val)
		}
		if id, ok := strings.CutPrefix(a.Val, "#"); ok && !c.ids[id] {
			c.t.Errorf("%s leads to %q, which is not there", c.name, id)
		}
	case "for", "aria-describedby", "aria-labelledby":
		for id := range strings.FieldsSeq(a.Val) {
			if !c.ids[id] {
				c.t.Errorf("%s: %s of <%s> is %q, which is not there", c.name, a.Key, n.Data, id)
			}
		}
	}
	if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
		c.t.Errorf("%s: <%s> has %s", c.name, n.Data, a.Key)
	}
}

// Attr is the value of an attribute, or empty.
func Attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// ByID finds the element with the id.
func ByID(t testing.TB, root *html.Node, id string) *html.Node {
	t.Helper()
	for n := range root.Descendants() {
		if Attr(n, "id") == id {
			return n
		}
	}
	t.Fatalf("there is no element %q", id)
	return nil
}

// Words is the text of a node, with single spaces.
func Words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Count is how many elements have the tag.
func Count(root *html.Node, tag string) int {
	count := 0
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data == tag {
			count++
		}
	}
	return count
}

// Awkward are texts that people do write into fields: long names, names from
// right to left, and what should be shown and not obeyed.
var Awkward = []string{
	"Anneliese-Magdalena von Oberndorf-Castillo",
	"ليلى حداد",
	"\u202eevil\u202c",
	`"><script>alert(1)</script>`,
	`' onfocus='alert(1)`,
	"javascript:alert(1)",
	"{{.Title}}",
}
