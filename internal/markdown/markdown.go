// Package markdown turns what organizers write about a retreat into HTML that
// is safe to show to everybody.
//
// The text comes from people who may sign in, but their sessions and tokens can
// be stolen, so it is trusted no more than a stranger's: no HTML of its own, no
// script, no style, and nothing that makes a reader's browser ask another site
// for something, hence no pictures.
package markdown

import (
	"bytes"
	"html/template"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A text's own headings come beneath those of the page, which go down to the
// second level. Some begin with "#" and some with "##"; both mean the largest.
const (
	largestHeading  = 3
	smallestHeading = 6
)

var (
	converter = goldmark.New(goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(fitting{}, 0))))
	policy    = safe()
)

// safe names what may come out. Whatever the converter made of a text, nothing
// else passes.
func safe() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(bluemonday.SpaceSeparatedTokens).OnElements("a")
	p.AllowURLSchemes("https", "http", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	return p
}

// Render gives the HTML of a text.
func Render(source string) template.HTML {
	var out bytes.Buffer
	if err := converter.Convert([]byte(source), &out); err != nil {
		// Only writing can fail, and a buffer takes everything. The text as it
		// was typed would be the better answer all the same.
		return template.HTML("<p>" + template.HTMLEscapeString(source) + "</p>")
	}
	return template.HTML(policy.SanitizeReader(&out).String())
}

// fitting makes a text fit into a page: headings beneath those of the page,
// links that tell nobody where the reader came from, and of a picture the words
// that stand for it.
type fitting struct{}

// Transform is called by the converter with each parsed text.
func (fitting) Transform(document *ast.Document, reader text.Reader, _ parser.Context) {
	var pictures []*ast.Image
	// Walking fails only if the visitor does.
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			n.Level = min(max(n.Level+1, largestHeading), smallestHeading)
		case *ast.Link:
			n.SetAttributeString("rel", []byte("nofollow noopener"))
		case *ast.AutoLink:
			n.SetAttributeString("rel", []byte("nofollow noopener"))
		case *ast.Image:
			pictures = append(pictures, n)
		}
		return ast.WalkContinue, nil
	})
	for _, picture := range pictures {
		parent := picture.Parent()
		for child := picture.FirstChild(); child != nil; child = picture.FirstChild() {
			parent.InsertBefore(parent, picture, child)
		}
		parent.RemoveChild(parent, picture)
	}
}
