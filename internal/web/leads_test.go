package web

import (
	"testing"
)

func TestFaultsLeadToFieldsThatAreThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ page, want string }{
		"to a field": {
			`<div id="summary"><a href="#code">Please give a code.</a></div><input id="code">`,
			`<div id="summary"><a href="#code">Please give a code.</a></div><input id="code">`,
		},
		"to a form that is gone": {
			`<div id="summary"><p><a href="#code">A &amp; B</a> <a href="/b/x">Back</a></p></div><p>a < b</p>`,
			`<div id="summary"><p>A &amp; B <a href="/b/x">Back</a></p></div><p>a < b</p>`,
		},
		"one of two": {
			`<ul id="summary"><li><a href="#gone">A</a></li><li><a href="#here">B</a></li></ul><textarea id="here"><a href="#gone">A</a></textarea>`,
			`<ul id="summary"><li>A</li><li><a href="#here">B</a></li></ul><textarea id="here"><a href="#gone">A</a></textarea>`,
		},
		"a page without faults": {`<a href="#gone">A</a>`, `<a href="#gone">A</a>`},
	} {
		if got := string(leadingSomewhere([]byte(c.page))); got != c.want {
			t.Errorf("%s becomes\n%s\nnot\n%s", name, got, c.want)
		}
	}
}
