package memory

import (
	"bytes"
	"encoding/json"
	"reflect"
	"sync"
)

const (
	// mostDecoded bounds the memory of decoded documents: those of which nobody has
	// asked for longest go first.
	mostDecoded = 20000
	// mostFresh is how many encodings are remembered that may be stored next.
	mostFresh = 8
)

// memo keeps documents decoded, since each revision is read several times and
// decoding costs most of that. Whoever asks gets a copy of their own.
type memo struct {
	mu sync.Mutex
	// decoded and older are by where the body lies, which is never changed.
	decoded, older map[*byte]reflect.Value
	fresh          [mostFresh]encoded
	next           int
}

// encoded is a document that has just been encoded, as it will be decoded.
type encoded struct {
	body *byte
	as   reflect.Value
}

// marshal encodes a document, and remembers what it is decoded to.
func (m *memo) marshal(document any) ([]byte, error) {
	body, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	v := reflect.ValueOf(document).Elem()
	// What is no text is written as another one.
	if c := copierOf(v.Type()); c.exact && !bytes.Contains(body, []byte(`\ufffd`)) {
		as := c.clone(v)
		m.mu.Lock()
		m.fresh[m.next] = encoded{&body[0], as}
		m.next = (m.next + 1) % mostFresh
		m.mu.Unlock()
	}
	return body, nil
}

// unmarshal decodes a body, or copies what was decoded of it before.
func (m *memo) unmarshal(body []byte, document any) error {
	into := reflect.ValueOf(document).Elem()
	if len(body) == 0 {
		return json.Unmarshal(body, document)
	}
	known := m.known(body)
	if !known.IsValid() || known.Type() != into.Type() {
		fresh := reflect.New(into.Type())
		if err := json.Unmarshal(body, fresh.Interface()); err != nil {
			return err
		}
		known = fresh.Elem()
		m.keep(body, known)
	}
	copierOf(into.Type()).into(into, known)
	return nil
}

// known is what a stored body is decoded to, not valid if that is not known.
func (m *memo) known(body []byte) reflect.Value {
	m.mu.Lock()
	defer m.mu.Unlock()
	at := &body[0]
	if v, ok := m.decoded[at]; ok {
		return v
	}
	v, ok := m.older[at]
	if ok {
		delete(m.older, at)
		m.put(at, v)
	}
	return v
}

func (m *memo) keep(body []byte, decoded reflect.Value) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(&body[0], decoded)
}

func (m *memo) put(at *byte, decoded reflect.Value) {
	if m.decoded == nil || len(m.decoded) >= mostDecoded/2 {
		m.decoded, m.older = map[*byte]reflect.Value{}, m.decoded
	}
	m.decoded[at] = decoded
}

// stored is told of a body that is stored now, and gives what it is decoded to,
// if that is known from encoding it.
func (m *memo) stored(body []byte) (decoded reflect.Value) {
	if len(body) == 0 {
		return decoded
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.fresh {
		if e.body == &body[0] {
			m.put(e.body, e.as)
			return e.as
		}
	}
	return decoded
}

// forget is told of a body that is stored no more.
func (m *memo) forget(body []byte) {
	if len(body) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.decoded, &body[0])
	delete(m.older, &body[0])
}
