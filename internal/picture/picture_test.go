package picture_test

import (
	"strings"
	"testing"
	"time"

	"lantern/internal/picture"
)

func TestHousesSayWhatTheyShow(t *testing.T) {
	t.Parallel()
	for want, places := range map[string]picture.Places{
		"6 places: 2 taken, 1 held, 1 offered, 2 free": {Capacity: 6, Taken: 2, Held: 1, Offered: 1},
		"1 place: 1 held": {Capacity: 1, KeptBack: 1},
		"2 places: 3 taken, 1 held; 2 more than there are places": {Capacity: 2, Taken: 3, Held: 1},
	} {
		drawn := places.Draw()
		if drawn.Text != want {
			t.Errorf("%+v: %q, want %q", places, drawn.Text, want)
		}
		if n := max(places.Capacity, places.Taken+places.Held+places.Offered+places.KeptBack); len(drawn.List) != n || drawn.Width != 30*n {
			t.Errorf("%+v: %d houses on %d", places, len(drawn.List), drawn.Width)
		}
	}
}

func TestALineKeepsItsMarksApartAndInside(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 12, 9, 0, 0, 0, time.UTC)
	var moments []picture.Moment
	for _, days := range []int{-21, -7, 0, 0, 1, 1, 400} {
		moments = append(moments, picture.Moment{At: start.AddDate(0, 0, days), Kind: "medicine", Text: "x"})
	}
	line := picture.Line(moments, time.UTC)
	for i, p := range line.Points {
		if p.X < 0 || p.X > 1000 || (i > 0 && p.X <= line.Points[i-1].X) {
			t.Errorf("mark %d lies at %d", i, p.X)
		}
	}
	for i, l := range line.Labels {
		if i > 0 && l.X-line.Labels[i-1].X < 100 {
			t.Errorf("labels %q and %q touch", line.Labels[i-1].Text, l.Text)
		}
	}
	if !strings.Contains(line.Text, "19 February 2027") || picture.Line(nil, time.UTC).Points != nil {
		t.Errorf("line %q", line.Text)
	}
}
