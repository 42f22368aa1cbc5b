package bookingweb

import (
	"context"
	"net/http"
	"time"

	"lantern/internal/access"
	"lantern/internal/web"
	"lantern/retreats"
)

// Who came to a session, for programs with a staff token.
func (h *Handlers) registerAttendanceAPI(api *web.API) {
	const tag = "Attendance"
	web.Register(api, web.Operation{
		ID: "get-attendance", Method: http.MethodGet, Path: "/api/v1/cohorts/{id}/sessions/{session}/attendance", Tag: tag,
		Summary: "Who of the couples with a place came to a session", Right: access.Attend,
	}, h.getAttendance)
	web.Register(api, web.Operation{
		ID: "put-attendance", Method: http.MethodPut, Path: "/api/v1/bookings/{id}/sessions/{session}/attendance/{partner}", Tag: tag,
		Summary: "Note whether a partner came to a session, or take it back", Right: access.Attend,
	}, h.putAttendance)
}

type attendanceInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" maxLength:"20"`
}

type presenceJSON struct {
	Booking string     `json:"booking"`
	Partner int        `json:"partner"`
	Present *bool      `json:"present,omitempty" doc:"Left out when nothing was noted"`
	At      *time.Time `json:"at,omitempty"`
	By      string     `json:"by,omitempty"`
}

type attendanceOutput struct {
	Body struct {
		Attendance []presenceJSON `json:"attendance"`
	}
}

func (h *Handlers) getAttendance(ctx context.Context, in *attendanceInput) (*attendanceOutput, error) {
	board, err := h.options.Bookings.Board(ctx, in.ID, 0)
	if err != nil {
		return nil, err
	}
	session, ok := board.Cohort.Session(in.Session)
	if !ok {
		return nil, errNoSession
	}
	out := &attendanceOutput{}
	out.Body.Attendance = []presenceJSON{}
	for _, row := range board.Couples {
		if row.Standing.State != retreats.Confirmed {
			continue
		}
		for i := range row.Booking.Partners {
			line := presenceJSON{Booking: row.Booking.ID, Partner: i + 1}
			if a := row.Booking.AttendanceAt(session, i); a != nil {
				line.Present, line.At, line.By = &a.Present, &a.At, a.By
			}
			out.Body.Attendance = append(out.Body.Attendance, line)
		}
	}
	return out, nil
}

type markInput struct {
	ID      string `path:"id" maxLength:"100"`
	Session string `path:"session" maxLength:"20"`
	Partner int    `path:"partner" minimum:"1" maximum:"2"`
	Body    struct {
		Present *bool `json:"present,omitempty" doc:"Left out, it takes back what was noted"`
	}
}

func (h *Handlers) putAttendance(ctx context.Context, in *markInput) (*attendanceOutput, error) {
	actor, _ := web.ActorOf(ctx)
	if err := h.options.Bookings.RecordAttendance(ctx, in.ID, in.Session, in.Partner-1, in.Body.Present, actor.By()); err != nil {
		return nil, err
	}
	cohort, err := h.cohortIDOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return h.getAttendance(ctx, &attendanceInput{ID: cohort, Session: in.Session})
}
