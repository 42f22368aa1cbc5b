package notifications

import "strings"

// FieldWords is something that words may say, and what it stands for.
type FieldWords struct{ Write, Means string }

// fieldWords explain each field of MailData to who writes the words of a
// message. What is not always there is written with what asks for it.
var fieldWords = []struct {
	field string
	FieldWords
}{
	{"Hello", FieldWords{`{{.Hello}}`, "the reader's name; both names where two share a mailbox"}},
	{"Link", FieldWords{`{{.Link}}`, "the reader's own link; every mail has to hold it"}},
	{"Practice", FieldWords{`{{.Practice.Name}}`, "the name of the practice"}},
	{"Practice", FieldWords{`{{with .Practice.Contact}}{{.}}{{end}}`, "how the practice is reached, if that is set"}},
	{"Other", FieldWords{`{{template "foot" .}}`, "the end of most mails: practice, number of the booking, the link of the other where two share a mailbox"}},
	{"Other", FieldWords{`{{with .Other}}{{.Name}}: {{.Link}}{{end}}`, "the other partner and their link, where two share a mailbox"}},
	{"Own", FieldWords{`{{.Own}}`, "the name of the partner whose link it is"}},
	{"Ref", FieldWords{`{{.Ref}}`, "the number of the booking"}},
	{"StartsOn", FieldWords{`{{.StartsOn.Format "Monday 2 January 2006"}}`, "the first day; the day in quotation marks shows the form"}},
	{"EndsOn", FieldWords{`{{.EndsOn.Format "Monday 2 January 2006"}}`, "the last day"}},
	{"ZoneName", FieldWords{`{{.ZoneName}}`, "the reader's time zone, in words"}},
	{"Until", FieldWords{`{{if not .Until.IsZero}}{{.At .Until}}{{end}}`, "until when the place is kept, with weekday, date and time"}},
	{"Until", FieldWords{`{{if not .Until.IsZero}}{{.Short .Until}}{{end}}`, "the same for subjects: weekday and time"}},
	{"HasPlace", FieldWords{`{{if .HasPlace}}…{{end}}`, "words for those only whose place is held or confirmed"}},
	{"LastOffer", FieldWords{`{{if .LastOffer}}…{{end}}`, "words for those only whose turn ends if they let this offer go by"}},
	{"Position", FieldWords{`{{if .Position}}{{.Position}}{{end}}`, "their number on the waitlist, if they wait"}},
	{"Since", FieldWords{`{{if not .Since.IsZero}}{{.At .Since}}{{end}}`, "since when they wait, or have their place"}},
	{"Reason", FieldWords{`{{with .Reason}}{{.}}{{end}}`, "why, in the words of staff, if a reason was given"}},
	{"Due", FieldWords{`{{with .Due}}{{.}}{{end}}`, "the amount that keeps the place, while it is open"}},
	{"Sessions", FieldWords{"{{range .Sessions}}- {{.When}}\n{{end}}", "each meeting that is to come, a line each"}},
	{"Charges", FieldWords{"{{range .Charges}}- {{template \"charge\" .}}\n{{end}}", "what the couple pays and has paid, a line each"}},
	{"Open", FieldWords{"{{range .Open}}- {{template \"charge\" .}}\n{{end}}", "what is still open, a line each"}},
	{"Dues", FieldWords{"{{range .Dues}}{{.Amount}}, {{.What}}, on {{.When}}\n{{end}}", "what the reader owes: amount, for what, and when it is due"}},
	{"Dues", FieldWords{"{{range .Dues}}{{with .Card}}{{.}}{{end}}{{with .ChargeOn}}{{.}}{{end}}{{end}}", "the card, and when it is charged next, if it is"}},
	{"Dues", FieldWords{"{{range .Dues}}{{if .Waits}}…{{end}}{{if .Disputed}}…{{end}}{{end}}", "words for charges that wait for clearance, or for the end of a dispute"}},
	{"Day", FieldWords{`{{with .Day}}{{.}}{{end}}`, "the day on which it is due, for subjects"}},
	{"Amount", FieldWords{`{{with .Amount}}{{.}}{{end}}`, "the amount that came"}},
	{"What", FieldWords{`{{with .What}}{{.}}{{end}}`, "what it is for"}},
	{"Payer", FieldWords{`{{with .Payer}}{{.}}{{end}}`, "who paid, or whose card it is, where that has to be said"}},
	{"Method", FieldWords{`{{if eq .Method "transfer"}}…{{end}}`, "words for money that came by bank transfer; also \"cash\""}},
	{"OldPrice", FieldWords{`{{with .OldPrice}}{{.}}{{end}}`, "the price before"}},
	{"NewPrice", FieldWords{`{{with .NewPrice}}{{.}}{{end}}`, "the price now"}},
	{"Card", FieldWords{`{{with .Card}}{{.}}{{end}}`, "the card, by its last digits"}},
	{"Statement", FieldWords{`{{with .Statement}}{{.}}{{end}}`, "what the owner of the card has agreed to, word by word"}},
	{"AgreedAt", FieldWords{`{{if not .AgreedAt.IsZero}}{{.At .AgreedAt}}{{end}}`, "when they agreed"}},
	{"Returned", FieldWords{`{{with .Returned}}{{.}}{{end}}`, "the amount that goes back, if any does"}},
	{"WayBack", FieldWords{`{{template "way" .}}`, "how it goes back, to a card or by hand"}},
	{"Why", FieldWords{`{{template "why_back" .}}`, "why money goes back, with the amount"}},
	{"Waived", FieldWords{`{{if .Waived}}…{{end}}`, "words for money that is not owed again"}},
	{"Paid", FieldWords{`{{with .Paid}}{{.}}{{end}}`, "what they had paid, if they had"}},
	{"Paid", FieldWords{`{{template "comes_back" .}}`, "what comes back of what they had paid, and how"}},
	{"All", FieldWords{`{{if .All}}…{{end}}`, "words for those who get everything back"}},
	{"ByPolicy", FieldWords{`{{if .ByPolicy}}…{{end}}`, "words for those who get back what the refund policy says"}},
	{"Percent", FieldWords{`{{if .Percent}}{{.Percent}}{{end}}`, "how much of it, in per cent"}},
	{"Refill", FieldWords{`{{if .Refill}}{{template "refill" .}}{{end}}`, "what comes back when another couple takes the place"}},
	{"Fee", FieldWords{`{{with .Fee}}{{.}}{{end}}`, "what is kept even then"}},
	{"Meeting", FieldWords{`{{with .Meeting}}{{.When}}{{end}}`, "the meeting: weekday, date, from when to when, where it is by video"}},
	{"Meeting", FieldWords{`{{with .Meeting}}{{.Day}}{{end}}`, "its day, for subjects"}},
	{"Meeting", FieldWords{`{{with .Meeting}}{{.Begins}}{{end}}`, "its day and the time at which it begins, for text messages"}},
	{"Meeting", FieldWords{`{{with .Meeting}}{{if .ByVideo}}…{{end}}{{end}}`, "words for a meeting by video"}},
	{"Next", FieldWords{`{{with .Next}}{{.When}}{{end}}`, "the meeting that comes next, if one does"}},
	{"Coming", FieldWords{`{{if .Coming}}…{{else}}…{{end}}`, "words for those who have said that they come, and for the others"}},
	{"Consent", FieldWords{`{{if .Consent}}…{{end}}`, "words for those whose consent is missing"}},
	{"Forms", FieldWords{`{{if .Forms}}…{{end}}`, "words for those whose forms are missing"}},
	{"By", FieldWords{`{{with .By}}{{.}}{{end}}`, "the day by which that is asked for"}},
	{"Overdue", FieldWords{`{{if .Overdue}}…{{end}}`, "words for when that day is past"}},
	{"Drives", FieldWords{"{{range .Drives}}- {{.When}}\n{{end}}", "the days on which nobody takes them home yet, a line each"}},
	{"PickUp", FieldWords{`{{with .PickUp}}{{.}}{{end}}`, "when the driver is expected"}},
	{"PickUpShort", FieldWords{`{{.PickUpShort}}`, "when the driver is expected, for texts"}},
	{"PickUpPlace", FieldWords{`{{with .PickUpPlace}}{{.}}{{end}}`, "where, if there is room for it"}},
	{"PickUpDay", FieldWords{`{{with .PickUpDay}}{{.}}{{end}}`, "the day of that, for subjects"}},
	{"Data.time", FieldWords{`{{with .Data.time}}{{.}}{{end}}`, "for how long the link works"}},
	{"Data.when", FieldWords{`{{with .Data.when}}{{.}}{{end}}`, "when the talk is, if that is fixed"}},
	{"Data.who", FieldWords{`{{.Data.who}}`, "who asked for the talk"}},
	{"Data.where", FieldWords{`{{with .Data.where}}{{.}}{{end}}`, "where it is"}},
	{"Data.dates", FieldWords{`{{with .Data.dates}}{{.}}{{end}}`, "the dates that they are invited to"}},
}

// Fields are what the words of the message may say.
func (s Saying) Fields() []FieldWords {
	var fields []FieldWords
	for _, f := range fieldWords {
		if s.May[f.field] && !(s.IsText() && strings.Contains(f.Write, "\n")) {
			fields = append(fields, f.FieldWords)
		}
	}
	return fields
}
