// Package picture computes the pictures that pages draw as SVG: where each mark
// lies, and the same facts in words. The templates "houses" and "line" draw
// them.
package picture

import (
	"fmt"
	"strings"
	"time"

	"lantern/internal/civil"
)

// Houses is the picture of places: one little house for each couple.
type Houses struct {
	Text  string
	Width int
	List  []House
}

// House is one place. Its state is taken, held, offered or free.
type House struct {
	X     int
	State string
}

// Places are how many places are in which state. KeptBack are given up and may
// still be taken back; they look like held ones.
type Places struct{ Capacity, Taken, Held, Offered, KeptBack int }

// houseStep is the distance from one house to the next.
const houseStep = 30

// Draw makes the picture. When more places are taken than there are, all are
// drawn and the text says how many are too many.
func (p Places) Draw() Houses {
	held := p.Held + p.KeptBack
	free := max(0, p.Capacity-p.Taken-held-p.Offered)
	var out Houses
	var parts []string
	for _, group := range []struct {
		count int
		state string
	}{{p.Taken, "taken"}, {held, "held"}, {p.Offered, "offered"}, {free, "free"}} {
		for range group.count {
			out.List = append(out.List, House{X: houseStep * len(out.List), State: group.state})
		}
		if group.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", group.count, group.state))
		}
	}
	out.Width = houseStep * len(out.List)
	places := "places"
	if p.Capacity == 1 {
		places = "place"
	}
	out.Text = fmt.Sprintf("%d %s: %s", p.Capacity, places, strings.Join(parts, ", "))
	if over := len(out.List) - p.Capacity; over > 0 {
		out.Text += fmt.Sprintf("; %d more than there are places", over)
	}
	return out
}

// TimeLine is the picture of what happens when.
type TimeLine struct {
	Text   string
	Points []Point
	Labels []Point
}

// Point is a mark or a word on the line.
type Point struct {
	X    int // of 1000
	Kind string
	Text string
}

// Percent is how far along the line the point lies.
func (p Point) Percent() string { return fmt.Sprintf("%d.%d%%", p.X/10, p.X%10) }

// Moment is something on the line. Its kind chooses the mark.
type Moment struct {
	At   time.Time
	Kind string
	Text string
}

// Now is the kind of the moment that is today.
const Now = "now"

// labelWidth keeps the dates under the line apart, also in the larger letters
// of a phone.
const labelWidth = 170

// Line places moments, which are in order, on a line of 1000: half by time,
// half by their order, so that two on one day can be told apart.
func Line(moments []Moment, zone *time.Location) TimeLine {
	if len(moments) == 0 {
		return TimeLine{}
	}
	const margin, width = 70, 860
	first, last := moments[0].At, moments[len(moments)-1].At
	line := TimeLine{Text: fmt.Sprintf("From %s to %s", civil.DateOf(first, zone).Words(), civil.DateOf(last, zone).Words())}
	for i, m := range moments {
		// By seconds: a product of nanoseconds does not fit.
		byTime := width * int64(m.At.Sub(first)/time.Second) / max(1, int64(last.Sub(first)/time.Second))
		byOrder := width * i / max(1, len(moments)-1)
		x := margin + (int(byTime)+byOrder)/2
		line.Points = append(line.Points, Point{X: x, Kind: m.Kind, Text: m.Text})
		label := Point{X: x, Text: m.At.In(zone).Format("2 Jan")}
		if m.Kind == Now {
			label.Text = m.Text
		}
		n := len(line.Labels)
		if n == 0 || (label.Text != line.Labels[n-1].Text && label.X-line.Labels[n-1].X >= labelWidth) {
			line.Labels = append(line.Labels, label)
		}
	}
	return line
}
