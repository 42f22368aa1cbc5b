package bookingweb

import (
	"bytes"
	"encoding/csv"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"lantern/booking"
)

// boardCSV is the board as a file for a spreadsheet (RFC 4180).
func (h *Handlers) boardCSV(c echo.Context) error {
	board, err := h.options.Bookings.Board(c.Request().Context(), c.Param("id"), 10_000)
	if err != nil {
		return err
	}
	body, err := writeCSV(board)
	if err != nil {
		return err
	}
	return sendCSV(c, "cohort-"+string(board.Cohort.StartsOn), body)
}

func writeCSV(b *booking.Board) ([]byte, error) {
	zone := b.Cohort.Location()
	head := []string{"Booking", "First partner", "Second partner", "Standing", "Until", "Position"}
	for _, n := range b.Needs {
		column := columnOf(n, zone)
		head = append(head, strings.TrimSpace(column.Title+" "+column.When))
	}
	lines := [][]string{head}
	line := func(c booking.Case, until *time.Time, cells []booking.Cell) {
		position := ""
		if c.Standing.Position > 0 {
			position = number(c.Standing.Position)
		}
		when := ""
		if until != nil {
			when = until.In(zone).Format("2006-01-02 15:04")
		}
		out := []string{c.Booking.Ref, c.Booking.Partners[0].Name, c.Booking.Partners[1].Name, string(c.Standing.State), when, position}
		for i := range b.Needs {
			text := ""
			if i < len(cells) {
				text = cellWords(cells[i])
			}
			out = append(out, text)
		}
		lines = append(lines, out)
	}
	for _, row := range b.Couples {
		line(row.Case, row.Standing.Until, row.Cells)
	}
	for _, turn := range append(b.Offered, b.Waitlist...) {
		line(turn.Case, turn.Until, nil)
	}
	return writeTable(lines)
}

// writeTable writes lines that a spreadsheet takes as they are.
func writeTable(lines [][]string) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // without it Excel does not take the file for UTF-8
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, fields := range lines {
		for i := range fields {
			fields[i] = harmless(fields[i])
		}
		if err := w.Write(fields); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func cellWords(c booking.Cell) string {
	if c.State == booking.CellLate {
		return "late: " + c.Text
	}
	return c.Text
}

// harmless keeps a spreadsheet from taking somebody's name for a formula
// (OWASP, CSV injection): a quote before it makes it text. Where the list
// separator is another than the comma, a cell can begin within a field.
func harmless(field string) string {
	var out strings.Builder
	for part := range separated(field) {
		trimmed := strings.TrimLeft(part, " \u00a0\"'")
		if isFigure(part) {
			out.WriteString(part)
			continue
		}
		if first, _ := utf8.DecodeRuneInString(trimmed); trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
			out.WriteByte('\'')
		}
		out.WriteString(part)
	}
	return out.String()
}

// isFigure reports whether the text is a number and nothing else: "-960.00".
func isFigure(text string) bool {
	whole, fraction, hasPoint := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	isDigits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return isDigits(whole) && (!hasPoint || isDigits(fraction))
}

// separated gives the field in parts, each with the separator that ends it.
func separated(field string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for field != "" {
			end := strings.IndexAny(field, ";\t\r\n") + 1
			if end == 0 {
				end = len(field)
			}
			if !yield(field[:end]) {
				return
			}
			field = field[end:]
		}
	}
}
