package booking

// IsClinical reports whether clinicians work with a need: consent, clearance and
// forms. Who may not read bookings sees no other [D42].
func (k NeedKind) IsClinical() bool {
	return k == NeedConsent || k == NeedClearance || k == NeedForms
}
