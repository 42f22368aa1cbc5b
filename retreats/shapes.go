package retreats

import "lantern/internal/money"

// Shape is a programme that practices really run, to make a retreat from.
type Shape struct {
	ID string
	Programme
	Terms
	Plan []PlannedSession
}

// Shapes are the five that cover what was found in the field: a weekend, three
// days side by side, a weekly group, a clinic's protocol for one couple, and a
// protocol in which one partner at a time receives medicine. Prices and sizes
// are examples.
func Shapes() []Shape {
	return []Shape{weekend(), threeDays(), weeklyGroup(), clinicProtocol(), oneAtATime()}
}

func shapeTerms(capacity int, price, deposit int64) Terms {
	return Terms{
		Capacity: capacity, Price: money.Of(price, "USD"), Deposit: money.Of(deposit, "USD"),
		BalanceDays: DefaultBalanceDays,
	}.withDefaults()
}

// inThree are terms with a share as the deposit, the rest in three instalments,
// and a lower price for who comes early.
func inThree(t Terms) Terms {
	t.DepositPercent = 20
	t.Instalments = []Instalment{{60, 3333}, {40, 3333}, {20, 3334}}
	t.EarlyBird = &EarlyBird{Price: money.Of(590000, "USD"), DaysBefore: 60}
	return t.withDefaults()
}

// online is a video call in the evening, when working couples can come.
func online(kind SessionKind, title string, day int) PlannedSession {
	return PlannedSession{Kind: kind, Title: title, Day: day, Clock: "18:00", Minutes: 90, Online: true}
}

func weekend() Shape {
	return Shape{
		ID: "weekend",
		Programme: Programme{
			Name:     "Weekend retreat for couples",
			Summary:  "Two shared medicine sessions over one weekend, with your therapists beside you and time to rest in between.",
			Location: "Cedar House, Point Reyes Station, California", Guides: []string{"Dr. Ines Moreau", "Tom Whitfield, LMFT"},
		},
		Terms: shapeTerms(6, 480000, 96000),
		Plan: []PlannedSession{
			online(Preparation, "First preparation", -21),
			online(Preparation, "Second preparation", -7),
			{Kind: Gathering, Title: "Arrival and dinner", Day: 0, Clock: "16:00", Minutes: 180},
			{Kind: Medicine, Title: "First medicine session", Day: 1, Clock: "09:30", Minutes: 180, Receives: ReceivesBoth},
			{Kind: Medicine, Title: "Second medicine session", Day: 2, Clock: "09:30", Minutes: 180, Receives: ReceivesBoth},
			{Kind: Gathering, Title: "Closing circle", Day: 2, Clock: "14:30", Minutes: 90},
			online(Integration, "First integration", 4),
			online(Integration, "Second integration", 16),
			online(Integration, "Third integration", 44),
		},
	}
}

func threeDays() Shape {
	return Shape{
		ID: "three-days",
		Programme: Programme{
			Name:     "Three days side by side",
			Summary:  "Three days for five couples. You receive medicine next to each other on two mornings and talk it through in the afternoons.",
			Location: "Alder Lodge, Hood River, Oregon", Guides: []string{"Maren Okafor, PsyD", "Dr. Luis Prado"},
		},
		Terms: inThree(shapeTerms(5, 620000, 124000)),
		Plan: []PlannedSession{
			online(Preparation, "Preparation together", -21),
			online(Preparation, "Questions before we meet", -7),
			{Kind: Gathering, Title: "Arrival and opening circle", Day: 0, Clock: "10:00", Minutes: 300},
			{Kind: Medicine, Title: "Morning session, day two", Day: 1, Clock: "09:00", Minutes: 180, Receives: ReceivesBoth},
			{Kind: Integration, Title: "Afternoon conversation, day two", Day: 1, Clock: "15:00", Minutes: 120},
			{Kind: Medicine, Title: "Morning session, day three", Day: 2, Clock: "09:00", Minutes: 180, Receives: ReceivesBoth},
			{Kind: Integration, Title: "Afternoon conversation and farewell", Day: 2, Clock: "14:00", Minutes: 150},
			online(Integration, "Two weeks on", 16),
			online(Integration, "Six weeks on", 44),
		},
	}
}

func weeklyGroup() Shape {
	plan := []PlannedSession{
		online(Preparation, "Meeting the group", -14),
		online(Preparation, "Preparation for the first evening", -3),
	}
	for week, title := range []string{"First evening", "Second evening", "Third evening", "Fourth evening"} {
		plan = append(plan, PlannedSession{
			Kind: Medicine, Title: title, Day: 7 * week, Clock: "17:30", Minutes: 180, Receives: ReceivesBoth,
		})
	}
	return Shape{
		ID: "weekly-group",
		Programme: Programme{
			Name:     "Four-week group for couples",
			Summary:  "Four weekly evenings in a group of up to eighteen couples: a check-in, a guided session, and time to share.",
			Location: "Harbor Clinic, Oakland, California", Guides: []string{"Prof. Anna Lindqvist", "Joel Abrams, LCSW", "Sade Williams, RN"},
		},
		Terms: shapeTerms(18, 240000, 48000),
		Plan:  append(plan, online(Integration, "Integration in the group", 28), online(Integration, "Six weeks on", 63)),
	}
}

func clinicProtocol() Shape {
	return Shape{
		ID: "clinic-protocol",
		Programme: Programme{
			Name:     "Clinic protocol for one couple",
			Summary:  "Eight appointments over six months, for the two of you alone, at the pace of your own therapy.",
			Location: "Cedar House Clinic, Berkeley, California", Guides: []string{"Dr. Ines Moreau"},
		},
		Terms: shapeTerms(1, 540000, 108000),
		Plan: []PlannedSession{
			{Kind: Preparation, Title: "Preparation", Day: -10, Clock: "11:00", Minutes: 90},
			{Kind: Medicine, Title: "First medicine session", Day: 0, Clock: "10:00", Minutes: 150, Receives: ReceivesBoth},
			{Kind: Integration, Title: "First integration", Day: 2, Clock: "11:00", Minutes: 60},
			{Kind: Medicine, Title: "Second medicine session", Day: 42, Clock: "10:00", Minutes: 150, Receives: ReceivesBoth},
			{Kind: Integration, Title: "Second integration", Day: 44, Clock: "11:00", Minutes: 60},
			{Kind: Medicine, Title: "Third medicine session", Day: 98, Clock: "10:00", Minutes: 150, Receives: ReceivesBoth},
			{Kind: Integration, Title: "Third integration", Day: 100, Clock: "11:00", Minutes: 60},
			{Kind: Integration, Title: "Looking back", Day: 168, Clock: "11:00", Minutes: 60},
		},
	}
}

func oneAtATime() Shape {
	return Shape{
		ID: "one-at-a-time",
		Programme: Programme{
			Name:     "One at a time",
			Summary:  "Each of you receives medicine on a day of your own while the other is your witness, before a shared session.",
			Location: "Willow Practice, Portland, Oregon", Guides: []string{"Maren Okafor, PsyD"},
		},
		Terms: shapeTerms(3, 360000, 72000),
		Plan: []PlannedSession{
			online(Preparation, "Preparation together", -14),
			{Kind: Medicine, Title: "First partner's session", Day: 0, Clock: "10:00", Minutes: 150, Receives: ReceivesFirst},
			online(Integration, "After the first session", 2),
			{Kind: Medicine, Title: "Second partner's session", Day: 14, Clock: "10:00", Minutes: 150, Receives: ReceivesSecond},
			online(Integration, "After the second session", 16),
			{Kind: Medicine, Title: "Shared session", Day: 35, Clock: "10:00", Minutes: 180, Receives: ReceivesBoth},
			online(Integration, "After the shared session", 37),
		},
	}
}
