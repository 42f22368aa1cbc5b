package web

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// leadingSomewhere takes the links out of a page's list of faults that lead to a
// field which is not on the page, and leaves their words: what was wanted is not
// possible any more, so its form is gone. Pages without faults stay as they are.
func leadingSomewhere(page []byte) []byte {
	if !bytes.Contains(page, []byte(`id="summary"`)) {
		return page
	}
	there := idsOf(page)
	out := bytes.NewBuffer(make([]byte, 0, len(page)))
	dropped := false
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return out.Bytes()
		}
		raw := bytes.Clone(z.Raw()) // reading the token's attributes writes over it
		switch tag, attrs := z.TagName(); {
		case string(tag) != "a":
		case kind == html.StartTagToken:
			id, within := strings.CutPrefix(attributes(z, attrs)["href"], "#")
			dropped = within && !there[id]
			if dropped {
				continue
			}
		case kind == html.EndTagToken && dropped:
			dropped = false
			continue
		}
		out.Write(raw)
	}
}

func idsOf(page []byte) map[string]bool {
	ids := map[string]bool{}
	for z := html.NewTokenizer(bytes.NewReader(page)); ; {
		switch z.Next() {
		case html.ErrorToken:
			return ids
		case html.StartTagToken, html.SelfClosingTagToken:
			_, attrs := z.TagName()
			ids[attributes(z, attrs)["id"]] = true
		}
	}
}

func attributes(z *html.Tokenizer, more bool) map[string]string {
	all := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		all[string(key)] = string(value)
	}
	return all
}
