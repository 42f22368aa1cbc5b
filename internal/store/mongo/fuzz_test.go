package mongo

import (
	"testing"
	"time"

	"lantern/internal/mutated"
	"lantern/internal/store"
)

// parcel has a field of each kind that documents have.
type parcel struct {
	store.Meta
	State string             `json:"state"`
	Price float64            `json:"price"`
	Open  bool               `json:"open"`
	Next  *time.Time         `json:"next,omitempty"`
	Stops []struct{ At int } `json:"stops"`
	Notes map[string]string  `json:"notes"`
}

// FuzzUnmarshal: a document that is damaged is refused or read as far as it goes,
// and what was read can be saved.
func FuzzUnmarshal(f *testing.F) {
	seeds := mutated.Of(f, 5000)
	var e Engine
	next := time.Date(2027, 3, 14, 10, 0, 0, 0, time.UTC)
	for _, p := range []parcel{{}, {
		Meta: store.Meta{ID: "p1", Rev: 7}, State: "sent", Price: 1.5, Open: true, Next: &next, Stops: []struct{ At int }{{1}, {2}}, Notes: map[string]string{"a": "b"},
	}} {
		body, err := e.Marshal(&p)
		if err != nil {
			f.Fatal(err)
		}
		seeds.Add(string(body))
	}
	seeds.Add("\x05\x00\x00\x00\x00")
	seeds.Add("\xff\xff\xff\x7f")
	seeds.Fuzz(func(t *testing.T, body string) {
		var read, again parcel
		if err := e.Unmarshal([]byte(body), &read); err != nil {
			return
		}
		saved, err := e.Marshal(&read)
		if err != nil {
			return // such as a name in a map that no document may have
		}
		if err := e.Unmarshal(saved, &again); err != nil {
			t.Errorf("%q was read and saved, and is not read again: %v", body, err)
		}
	})
}
