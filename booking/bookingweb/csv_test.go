package bookingweb

import "testing"

// TestNoCellBeginsAFormula, whatever separates cells where the file is opened.
func TestNoCellBeginsAFormula(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"":                       "",
		"Bo":                     "Bo",
		"Anna-Lena O'Neill; Jr.": "Anna-Lena O'Neill; Jr.",
		"2027-03-14 09:00":       "2027-03-14 09:00",
		"=1+1":                   "'=1+1",
		" =1+1":                  "' =1+1",
		"\u00a0＝1+1":             "'\u00a0＝1+1",
		"@SUM(A1)":               "'@SUM(A1)",
		"Bo;=1+1":                "Bo;'=1+1",
		"Bo; -2+3":               "Bo;' -2+3",
		`Bo;"=1+1"`:              `Bo;'"=1+1"`,
		`"=1+1`:                  `'"=1+1`,
		"Bo\t+1;@x":              "Bo\t'+1;'@x",
		"Bo\r\n=1\n;;=2":         "Bo\r\n'=1\n;;'=2",
		"ليلى;حداد":              "ليلى;حداد",
		";":                      ";",
		"-960.00":                "-960.00", // a number is what it looks like
		"-5":                     "-5",
		"-5.":                    "'-5.",
		"-5+3":                   "'-5+3",
		"+14155550177":           "'+14155550177",
		"\xff;=1":                "\xff;'=1",
		"'=1":                    "''=1",
		"late: no driver yet":    "late: no driver yet",
		"Bo,=1+1":                "Bo,=1+1", // a comma puts the field into quotes
	} {
		if got := harmless(field); got != want {
			t.Errorf("%q becomes %q, not %q", field, got, want)
		}
	}
}
