// Package archive is a whole store in one file: for backups, for moving to
// another engine, and for reading it elsewhere.
//
// The file is JSON Lines, compressed with gzip or not. The first line says what
// it is, each further line is a document or a file that belongs to the store,
// and the last line tells the counts and a SHA-256 of all that, so
// that a file which was cut or changed is recognised. It is the same for both
// engines, and any program that reads JSON reads it.
//
//	{"header":{"lantern":"documents","format":1,…}}
//	{"collection":"bookings","document":{"_id":"bk_…","rev":7,…}}
//	{"file":"sandbox.json","content":{…}}
//	{"end":{"counts":{"bookings":1},"one_moment":true,"sha256":"…"}}
package archive

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"
)

const (
	kind = "documents"
	// format counts the changes after which earlier programs cannot read a file.
	format = 1
)

// Header is the first line.
type Header struct {
	Lantern string    `json:"lantern"`
	Format  int       `json:"format"`
	MadeAt  time.Time `json:"made_at"`
	// Program is the version that has made the file.
	Program string `json:"program"`
	// KeyCheck tells whether a secret is the one that the documents are sealed
	// with, and nothing else of it.
	KeyCheck string `json:"key_check"`
}

// End is the last line.
type End struct {
	// Counts is how many documents of each collection there are.
	Counts map[string]int `json:"counts"`
	// OneMoment says that all documents are of one moment. Otherwise each was
	// read at its own, those that refer to others before these.
	OneMoment bool   `json:"one_moment"`
	SHA256    string `json:"sha256"`
}

// seal is the hash of the lines before, and of what this one says of them.
func (e End) seal(lines hash.Hash) (string, error) {
	e.SHA256 = ""
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	lines.Write(text)
	return hex.EncodeToString(lines.Sum(nil)), nil
}

// Documents is how many there are in all.
func (e End) Documents() int {
	all := 0
	for _, n := range e.Counts {
		all += n
	}
	return all
}

// File is a file beside the store that belongs to it. It is JSON.
type File struct {
	Name    string          `json:"file"`
	Content json.RawMessage `json:"content"`
}

// line is any line.
type line struct {
	Header     *Header         `json:"header,omitempty"`
	Collection string          `json:"collection,omitempty"`
	Document   json.RawMessage `json:"document,omitempty"`
	File       string          `json:"file,omitempty"`
	Content    json.RawMessage `json:"content,omitempty"`
	End        *End            `json:"end,omitempty"`
}

// What is wrong with a file, in words for who wants to restore it.
var (
	// ErrCut: the file ends before its last line.
	ErrCut = errors.New("the file is not whole: it has been cut off")
	// ErrDamaged: the file is not what was written.
	ErrDamaged = errors.New("the file is damaged: its contents are not what was written")
	// ErrNoArchive: it is something else.
	ErrNoArchive = errors.New("this is no file that lantern backup or lantern export has made")
)

// check says whether this program reads files with that header.
func (h Header) check() error {
	if h.Lantern != kind || h.Format < 1 {
		return ErrNoArchive
	}
	if h.Format > format {
		return fmt.Errorf("the file was made by a newer lantern (%s): use that version or a later one", h.Program)
	}
	return nil
}
