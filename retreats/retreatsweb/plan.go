package retreatsweb

import (
	"cmp"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"time"

	"lantern/internal/civil"
	"lantern/internal/fault"
	"lantern/retreats"
)

// planRow is a session of the plan as it is typed.
type planRow struct {
	// Number counts from 1 on the page.
	Number                                            int
	Day, Clock, Minutes, Kind, Receives, Where, Title string
	Faults                                            fault.Fields
}

// Fault gives what is wrong with a field, for the template.
func (r planRow) Fault(field string) string { return r.Faults[field] }

// Kinds lists the kinds of sessions, for the template.
func (r planRow) Kinds() []choice { return chosen(kindChoices, r.Kind) }

// WhoReceives lists who can receive medicine.
func (r planRow) WhoReceives() []choice { return chosen(receivesChoices, r.Receives) }

// Wheres lists where sessions take place.
func (r planRow) Wheres() []choice { return whereChoices }

// byVideo is the answer to where a session takes place; the other is empty.
const byVideo = "online"

func rowOf(p retreats.PlannedSession) planRow {
	row := planRow{
		Day: strconv.Itoa(p.Day), Clock: string(p.Clock), Minutes: strconv.Itoa(p.Minutes),
		Kind: string(p.Kind), Receives: string(p.Receives), Title: p.Title,
	}
	if p.Online {
		row.Where = byVideo
	}
	return row
}

// session reads the row. The faults are by field, or nil.
func (r planRow) session() (retreats.PlannedSession, fault.Fields) {
	typed := fault.Fields{}
	p := retreats.PlannedSession{
		Kind: retreats.SessionKind(r.Kind), Title: r.Title, Clock: civil.Clock(r.Clock),
		Day: readNumber(r.Day, "day", math.MinInt, 0, typed), Minutes: readNumber(r.Minutes, "minutes", math.MinInt, 0, typed),
		Online: r.Where == byVideo, Receives: retreats.Receives(r.Receives),
	}
	if r.Day == "" {
		typed["day"] = "Please write the day: 0 is the first, -7 a week before it."
	}
	faults := faultsOf(p)
	maps.Copy(faults, typed)
	if len(faults) == 0 {
		return p, nil
	}
	return p, faults
}

// faultsOf asks the domain what is wrong with a session, field by field: it
// says so when a session is added to a cohort, here to one that nobody has.
func faultsOf(p retreats.PlannedSession) fault.Fields {
	scratch := retreats.Cohort{Zone: "UTC", StartsOn: "2000-01-01", State: retreats.Draft}
	faults := fault.Fields{}
	maps.Copy(faults, fault.FieldsOf(scratch.ChangeSession("", p, time.Time{})))
	return faults
}

var planFields = []string{"plan_day", "plan_clock", "plan_minutes", "plan_kind", "plan_receives", "plan_where", "plan_title"}

// addPlan puts a plan into the values of a form.
func addPlan(v url.Values, plan []retreats.PlannedSession) {
	plan = slices.Clone(plan)
	slices.SortStableFunc(plan, func(a, b retreats.PlannedSession) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Clock, b.Clock))
	})
	for _, p := range plan {
		r := rowOf(p)
		for i, value := range []string{r.Day, r.Clock, r.Minutes, r.Kind, r.Receives, r.Where, r.Title} {
			v.Add(planFields[i], value)
		}
	}
}

// longestPlan is how many rows are read. It is more than a plan may have, so
// that the domain says that there are too many.
const longestPlan = 100

// typedPlan are the rows with something in them. What is chosen from a list
// does not count: a row that was not touched has that too.
func typedPlan(v url.Values) []planRow {
	var rows []planRow
	for i := range min(len(v["plan_title"]), longestPlan) {
		field := func(n int) string { return at(v[planFields[n]], i) }
		row := planRow{
			Day: field(0), Clock: field(1), Minutes: field(2), Kind: field(3), Receives: field(4), Where: field(5), Title: field(6),
		}
		if row.Day != "" || row.Clock != "" || row.Minutes != "" || row.Title != "" {
			row.Number = len(rows) + 1
			rows = append(rows, row)
		}
	}
	return rows
}

// readPlan reads the plan and notes at each row what is wrong with it.
func readPlan(rows []planRow, faults fault.Fields) []retreats.PlannedSession {
	var plan []retreats.PlannedSession
	for i := range rows {
		var session retreats.PlannedSession
		session, rows[i].Faults = rows[i].session()
		if rows[i].Faults != nil {
			faults["plan"] = "Please check the sessions that are marked."
		}
		plan = append(plan, session)
	}
	return plan
}

// spareSessions are the empty rows to add more in.
const spareSessions = 3

// spareRows adds empty rows. They begin as what is added most.
func spareRows(rows []planRow) []planRow {
	for range spareSessions {
		rows = append(rows, planRow{Number: len(rows) + 1, Kind: string(retreats.Preparation)})
	}
	return rows
}

// choice is one line of a list to choose from.
type choice struct{ Value, Text string }

var (
	kindChoices = []choice{
		{string(retreats.Preparation), "Preparation"}, {string(retreats.Medicine), "Medicine"}, {string(retreats.Integration), "Integration"},
		{string(retreats.Gathering), "Gathering"}, {string(retreats.Consultation), "Consultation"},
	}
	receivesChoices = []choice{
		{"", "nobody"}, {string(retreats.ReceivesBoth), "both"},
		{string(retreats.ReceivesFirst), "first partner"}, {string(retreats.ReceivesSecond), "second partner"},
	}
	whereChoices = []choice{{"", "in person"}, {byVideo, "by video"}}
)

// chosen adds what was sent and is not on the list, so that it is shown with
// its fault and not replaced in silence.
func chosen(list []choice, value string) []choice {
	if len(value) > 40 || slices.ContainsFunc(list, func(c choice) bool { return c.Value == value }) {
		return list
	}
	return append(slices.Clone(list), choice{value, value})
}
