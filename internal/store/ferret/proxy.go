package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
)

// The message header of MongoDB's wire protocol: four little-endian 32-bit
// integers, the first the length of the whole message, the last its kind.
// (mongodb.com/docs/manual/reference/mongodb-wire-protocol)
const (
	headerSize = 16
	// maxMessage is the protocol's limit for one message, in bytes.
	maxMessage = 48_000_000

	opMsg = 2013
	// moreToCome is the flag of an OP_MSG that will not be answered or, in an
	// answer, is followed by another one.
	moreToCome = 1 << 1
)

// proxy hands requests to the backend one at a time, over all connections.
type proxy struct {
	backend string
	logger  *slog.Logger

	turn sync.Mutex // held from a request to the end of its answer
}

// serve accepts connections until the listener is closed and waits for them to
// end.
func (p *proxy) serve(ctx context.Context, listener net.Listener) {
	var connections sync.WaitGroup
	defer connections.Wait()
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		connections.Go(func() {
			if err := p.forward(ctx, client); err != nil {
				p.logger.Info("connection ended", "error", err)
			}
		})
	}
}

func (p *proxy) forward(ctx context.Context, client net.Conn) error {
	defer client.Close()
	backend, err := net.Dial("tcp", p.backend)
	if err != nil {
		return fmt.Errorf("reaching the backend: %w", err)
	}
	defer backend.Close()
	defer context.AfterFunc(ctx, func() {
		_ = client.Close() // ends the reads below
		_ = backend.Close()
	})()
	for {
		request, err := readMessage(client)
		if err != nil {
			return fmt.Errorf("reading a request: %w", err)
		}
		if err := p.exchange(request, client, backend); err != nil {
			return err
		}
	}
}

// exchange does one request. A client that goes away in the middle of it does
// not end it early: the next request waits for the backend's answer.
func (p *proxy) exchange(request []byte, client io.Writer, backend io.ReadWriter) error {
	p.turn.Lock()
	defer p.turn.Unlock()
	if _, err := backend.Write(request); err != nil {
		return fmt.Errorf("handing a request over: %w", err)
	}
	for more := !hasMore(request); more; {
		answer, err := readMessage(backend)
		if err != nil {
			return fmt.Errorf("reading an answer: %w", err)
		}
		more = hasMore(answer)
		if _, err := client.Write(answer); err != nil {
			return fmt.Errorf("handing an answer back: %w", err)
		}
	}
	return nil
}

func readMessage(from io.Reader) ([]byte, error) {
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	size := binary.LittleEndian.Uint32(header)
	if size < headerSize || size > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	message := make([]byte, size)
	copy(message, header)
	_, err := io.ReadFull(from, message[headerSize:])
	return message, err
}

func hasMore(message []byte) bool {
	return len(message) >= headerSize+4 &&
		binary.LittleEndian.Uint32(message[12:]) == opMsg &&
		binary.LittleEndian.Uint32(message[headerSize:])&moreToCome != 0
}
