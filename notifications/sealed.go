package notifications

import (
	"encoding/base64"
	"encoding/json"

	"lantern/internal/seal"
)

// sealed makes a text of a value that only the holder of the key can read, and
// only as that of the message with the id.
func sealed(key seal.Key, id string, value any) (string, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(key.Seal(plain, []byte(id))), nil
}

// open reads into value what sealed has made.
func open(key seal.Key, id, text string, value any) error {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return err
	}
	plain, err := key.Open(raw, []byte(id))
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, value)
}
