package civil

import (
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"lantern/internal/fault"
)

var errNoZone = fault.New(fault.Invalid, "Please choose a time zone, for example America/Los_Angeles.")

// zones keeps the zones that have been loaded: reading one from the zone
// database takes longer than a whole booking.
var zones sync.Map

// longestZone is more than the longest name in the zone database.
const longestZone = 60

// notZones are files of a machine's zone database that are no zone of a place.
var notZones = []string{"Local", "localtime", "posixrules", "Factory"}

// isZoneName refuses other spellings of a file's path: each would be kept.
func isZoneName(name string) bool {
	return name != "" && len(name) <= longestZone && path.Clean(name) == name &&
		!strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "/") && !slices.Contains(notZones, name) &&
		!strings.HasPrefix(name, "posix/") && !strings.HasPrefix(name, "right/")
}

// Zone gives the IANA time zone of that name. "" and "Local" are none: they
// would mean the machine's own, which is nobody's.
func Zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	if !isZoneName(name) {
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

// zoneNames are what people call the zones in which retreats are held.
var zoneNames = map[string]string{
	"America/Los_Angeles": "Pacific time", "America/Denver": "Mountain time", "America/Chicago": "Central time",
	"America/New_York": "Eastern time", "Europe/London": "UK time", "UTC": "UTC",
}

// ZoneName says a zone in words: "Pacific time", "Berlin time".
func ZoneName(zone string) string {
	if name, ok := zoneNames[zone]; ok {
		return name
	}
	city := zone[strings.LastIndex(zone, "/")+1:]
	return strings.ReplaceAll(city, "_", " ") + " time"
}
