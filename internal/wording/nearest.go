package wording

import (
	"cmp"
	"slices"
	"strings"
)

// mostNearest is how many names are offered in place of one that there is not.
const mostNearest = 3

// nearest gives the names that somebody may have meant, the likeliest first.
func nearest(name string, names []string) []string {
	type candidate struct {
		name string
		away int
	}
	var near []candidate
	for _, other := range names {
		away := distance(strings.ToLower(name), strings.ToLower(other))
		if away <= max(2, len(name)/2) {
			near = append(near, candidate{other, away})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int { return cmp.Or(a.away-b.away, strings.Compare(a.name, b.name)) })
	var found []string
	for _, c := range near[:min(mostNearest, len(near))] {
		found = append(found, c.name)
	}
	return found
}

// distance is how many signs have to be put in, taken out or changed to make one
// text of the other (Levenshtein).
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			changed := diagonal
			if r != s {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
