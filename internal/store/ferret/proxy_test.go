package main

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// message makes a wire message of the kind, with flags for OP_MSG.
func message(kind, flags uint32) []byte {
	m := make([]byte, headerSize+4)
	binary.LittleEndian.PutUint32(m, uint32(len(m)))
	binary.LittleEndian.PutUint32(m[12:], kind)
	binary.LittleEndian.PutUint32(m[headerSize:], flags)
	return m
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// startProxy starts a proxy before a backend that answers each request with
// the answers given, and counts how many it had at once at most.
func startProxy(t *testing.T, answers ...[]byte) (address string, most *atomic.Int64) {
	t.Helper()
	backend, front := listen(t), listen(t)
	var now atomic.Int64
	most = new(atomic.Int64)
	go func() {
		for {
			conn, err := backend.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for {
					request, err := readMessage(conn)
					if err != nil {
						return
					}
					most.Store(max(most.Load(), now.Add(1)))
					runtime.Gosched() // to others, if there are any
					now.Add(-1)
					if !hasMore(request) {
						for _, answer := range answers {
							_, _ = conn.Write(answer)
						}
					}
				}
			}()
		}
	}()
	p := proxy{backend: backend.Addr().String(), logger: slog.New(slog.DiscardHandler)}
	go p.serve(t.Context(), front)
	return front.Addr().String(), most
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestOneRequestAtATime(t *testing.T) {
	t.Parallel()
	address, most := startProxy(t, message(opMsg, 0))
	var all sync.WaitGroup
	for range 8 {
		conn := dial(t, address)
		all.Go(func() {
			for range 50 {
				if _, err := conn.Write(message(opMsg, 0)); err != nil {
					t.Errorf("writing: %v", err)
					return
				}
				if _, err := readMessage(conn); err != nil {
					t.Errorf("reading: %v", err)
					return
				}
			}
		})
	}
	all.Wait()
	if n := most.Load(); n != 1 {
		t.Errorf("the backend had %d requests at once", n)
	}
}

// TestAnswersThatComeInParts: an unanswered request is not waited for, and an
// answer in several messages is handed on whole.
func TestAnswersThatComeInParts(t *testing.T) {
	t.Parallel()
	address, _ := startProxy(t, message(opMsg, moreToCome), message(opMsg, 0))
	conn := dial(t, address)
	for _, request := range [][]byte{message(opMsg, moreToCome), message(opMsg, 0)} {
		if _, err := conn.Write(request); err != nil {
			t.Fatal(err)
		}
	}
	for i, more := range []bool{true, false} {
		answer, err := readMessage(conn)
		if err != nil || hasMore(answer) != more {
			t.Errorf("answer %d: more = %t, %v", i, hasMore(answer), err)
		}
	}
}

// TestNoMessage: what is no message of the protocol ends the connection.
func TestNoMessage(t *testing.T) {
	t.Parallel()
	address, _ := startProxy(t, message(opMsg, 0))
	conn := dial(t, address)
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := readMessage(conn); err == nil {
		t.Error("it was answered")
	}
}
