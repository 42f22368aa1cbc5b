package archive

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"

	"lantern/internal/store"
)

// Contents is what a file says of itself.
type Contents struct {
	Header Header
	End    End
	Files  []File
}

// Read calls each for every document of the file and checks it from its first
// line to its last. What it has called each for is proven right only when it
// returns without an error.
func Read(r io.Reader, accept func(Header) error, each func(store.Document) error) (Contents, error) {
	in, err := open(r)
	if err != nil {
		return Contents{}, err
	}
	lines := reader{in: in, sum: sha256.New(), counts: map[string]int{}}
	var c Contents
	first, err := lines.next()
	if err != nil || first.Header == nil {
		return c, ErrNoArchive
	}
	c.Header = *first.Header
	if err := errors.Join(c.Header.check(), accept(c.Header)); err != nil {
		return c, err
	}
	for {
		l, err := lines.next()
		switch {
		case err != nil:
			return c, err
		case l.End != nil:
			c.End = *l.End
			return c, lines.ended(*l.End)
		case l.File != "":
			c.Files = append(c.Files, File{Name: l.File, Content: l.Content})
		case l.Collection != "" && l.Document != nil:
			lines.counts[l.Collection]++
			if err := each(store.Document{Collection: l.Collection, Body: l.Document}); err != nil {
				return c, fmt.Errorf("line %d: %w", lines.number, err)
			}
		default:
			return c, fmt.Errorf("%w (line %d)", ErrDamaged, lines.number)
		}
	}
}

// open reads what is compressed and what is not.
func open(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	start, _ := in.Peek(2) // what is shorter is found out by who reads lines
	if !bytes.Equal(start, []byte{0x1f, 0x8b}) {
		return in, nil
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, ErrNoArchive
	}
	return bufio.NewReaderSize(unpacked, 1<<16), nil
}

type reader struct {
	in     *bufio.Reader
	number int
	counts map[string]int
	// sum is of all lines but the last.
	sum hash.Hash
}

func (r *reader) next() (line, error) {
	r.number++
	text, err := r.in.ReadBytes('\n')
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return line{}, ErrCut
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return line{}, ErrDamaged
	case err != nil:
		return line{}, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return line{}, fmt.Errorf("%w (line %d)", ErrDamaged, r.number)
	}
	if l.End == nil {
		r.sum.Write(text)
	}
	return l, nil
}

// ended checks what the last line says of the others.
func (r *reader) ended(end End) error {
	if _, err := r.in.ReadByte(); !errors.Is(err, io.EOF) {
		return ErrDamaged
	}
	for name, n := range end.Counts {
		if n == 0 {
			r.counts[name] = 0
		}
	}
	seal, err := end.seal(r.sum)
	if err != nil {
		return err
	}
	if seal != end.SHA256 || !maps.Equal(r.counts, end.Counts) {
		return ErrDamaged
	}
	return nil
}
