// Package retreats decides who has a place: retreats, their dated cohorts,
// sessions, places and the waitlist.
//
// A cohort's document alone decides its places. The decisions are methods of
// Cohort that take the time as a parameter, do no I/O, and change nothing when
// they return an error; Service loads, decides and saves. Every decision
// begins by settling what time has brought about, so that none of them
// depends on a timer having run.
package retreats
