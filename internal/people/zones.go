package people

import (
	"slices"
	"strings"
)

// regions gives the phone region of the zones that people choose from, which
// are those of the countries where such retreats are held and their guests
// come from. Every other IANA zone is accepted too, when typed. UTC has none.
var regions = map[string]string{
	"America/New_York": "US", "America/Chicago": "US", "America/Denver": "US", "America/Phoenix": "US",
	"America/Los_Angeles": "US", "America/Anchorage": "US", "America/Detroit": "US", "America/Boise": "US",
	"America/Indiana/Indianapolis": "US", "Pacific/Honolulu": "US", "America/Puerto_Rico": "PR",
	"America/Toronto": "CA", "America/Vancouver": "CA", "America/Edmonton": "CA", "America/Winnipeg": "CA",
	"America/Halifax": "CA", "America/St_Johns": "CA", "America/Regina": "CA",
	"America/Mexico_City": "MX", "America/Tijuana": "MX", "America/Cancun": "MX", "America/Costa_Rica": "CR",
	"America/Panama": "PA", "America/Jamaica": "JM", "America/Bogota": "CO", "America/Lima": "PE",
	"America/Santiago": "CL", "America/Argentina/Buenos_Aires": "AR", "America/Sao_Paulo": "BR", "America/Montevideo": "UY",
	"Europe/London": "GB", "Europe/Dublin": "IE", "Europe/Lisbon": "PT", "Europe/Madrid": "ES", "Europe/Paris": "FR",
	"Europe/Brussels": "BE", "Europe/Amsterdam": "NL", "Europe/Berlin": "DE", "Europe/Zurich": "CH", "Europe/Vienna": "AT",
	"Europe/Rome": "IT", "Europe/Prague": "CZ", "Europe/Warsaw": "PL", "Europe/Budapest": "HU", "Europe/Copenhagen": "DK",
	"Europe/Oslo": "NO", "Europe/Stockholm": "SE", "Europe/Helsinki": "FI", "Europe/Tallinn": "EE", "Europe/Athens": "GR",
	"Europe/Bucharest": "RO", "Europe/Istanbul": "TR", "Europe/Kyiv": "UA", "Atlantic/Reykjavik": "IS",
	"Asia/Jerusalem": "IL", "Asia/Dubai": "AE", "Asia/Kolkata": "IN", "Asia/Kathmandu": "NP", "Asia/Bangkok": "TH",
	"Asia/Singapore": "SG", "Asia/Hong_Kong": "HK", "Asia/Taipei": "TW", "Asia/Seoul": "KR", "Asia/Tokyo": "JP",
	"Africa/Johannesburg": "ZA", "Africa/Cairo": "EG", "Africa/Nairobi": "KE",
	"Australia/Perth": "AU", "Australia/Adelaide": "AU", "Australia/Brisbane": "AU", "Australia/Sydney": "AU",
	"Australia/Melbourne": "AU", "Pacific/Auckland": "NZ", "UTC": "",
}

// unlisted gives the region of zones that are not offered but come all the
// same: the smaller ones of the United States, and names that browsers still
// use for zones that have a newer one.
var unlisted = map[string]string{
	"America/Juneau": "US", "America/Sitka": "US", "America/Metlakatla": "US", "America/Yakutat": "US",
	"America/Nome": "US", "America/Adak": "US", "America/Menominee": "US",
	"America/Indianapolis": "US", "America/Louisville": "US",
	"America/Buenos_Aires": "AR", "Asia/Calcutta": "IN", "Asia/Katmandu": "NP", "Europe/Kiev": "UA",
}

// families are the beginnings of names that are all in the United States.
var families = []string{"US/", "America/Indiana/", "America/Kentucky/", "America/North_Dakota/"}

// Zones lists the time zones to choose from, in alphabetical order.
func Zones() []string {
	zones := make([]string, 0, len(regions))
	for zone := range regions {
		zones = append(zones, zone)
	}
	slices.SortFunc(zones, strings.Compare)
	return zones
}

// RegionOf gives the region whose phone numbers people of a zone write
// without a country code. It is empty when none is known: Phone then asks for
// the code, because a guess would write to a stranger in another country.
func RegionOf(zone string) string {
	if region, ok := regions[zone]; ok {
		return region
	}
	if slices.ContainsFunc(families, func(family string) bool { return strings.HasPrefix(zone, family) }) {
		return "US"
	}
	return unlisted[zone]
}
