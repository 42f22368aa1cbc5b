// Package booking is the couple: two partners, what they agreed to, and their
// money.
//
// A booking's document alone decides its money. It never says who has a place;
// the cohort's document does, and the booking looks there. What a booking
// still has to do (tell the cohort that money came, send money back, end a
// payment page) is found by its AttendAt, so that a step which was cut off is
// taken up again by a pass.
package booking
