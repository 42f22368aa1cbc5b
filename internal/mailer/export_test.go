package mailer

import "crypto/tls"

// Trust sets whom a client in a test believes.
func (s *SMTP) Trust(config *tls.Config) error { return s.client.SetTLSConfig(config) }
