package civil

import (
	"sync"
	"time"

	"lantern/internal/fault"
)

var errNoZone = fault.New(fault.Invalid, "Please choose a time zone, for example America/Los_Angeles.")

// zones keeps the zones that have been loaded: reading one from the zone
// database takes longer than a whole booking.
var zones sync.Map

// Zone gives the IANA time zone of that name. "" and "Local" are none: they
// would mean the machine's own, which is nobody's.
func Zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if name == "" || name == "Local" {
		return nil, errNoZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errNoZone // the cause would repeat what was typed
	}
	zones.Store(name, zone)
	return zone, nil
}

// ZoneOrUTC is Zone for names that were checked when they were stored.
func ZoneOrUTC(name string) *time.Location {
	zone, err := Zone(name)
	if err != nil {
		return time.UTC
	}
	return zone
}
