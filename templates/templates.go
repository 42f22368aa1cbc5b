// Package templates holds everything that a person reads: pages, mails, the
// style sheet and the script. It depends on the standard library alone.
package templates

import "embed"

// FS holds layout.html and parts.html, pages/*.html, mail/*.txt with
// mail/*.html, sms/*.txt, and static files.
//
//go:embed layout.html parts.html pages mail sms static
var FS embed.FS
