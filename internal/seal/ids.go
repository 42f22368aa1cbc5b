package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// alphabet has no vowels (no words come about) and nothing that looks alike;
// its 25 letters and digits carry 4.6 bits each.
const alphabet = "23456789bcdfghjkmnpqrstvw"

const idLength = 20 // about 92 bits

// NewID makes a random id: the prefix, an underscore, twenty characters.
func NewID(prefix string) string {
	var raw [2 * idLength]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // crypto/rand never fails on supported systems
	}
	return prefix + "_" + spell(raw[:], idLength)
}

// ID makes an id of the same form that follows from the prefix and the parts,
// so that doing something twice makes one thing. It has a key of its own: ids
// are seen by people who must not learn anything of a token.
func (k Key) ID(prefix string, parts ...string) string {
	ids := k.Derive("ids " + prefix)
	first := ids.mac(parts...)
	second := ids.mac(string(first))
	return prefix + "_" + spell(append(first, second...), idLength)
}

// ShortRef gives a short name of an id for people to read out: K7F3-92QM.
// Two ids may share one; it is a name, not a key.
func ShortRef(id string) string {
	sum := sha256.Sum256([]byte(id))
	letters := strings.ToUpper(spell(sum[:], 8))
	return letters[:4] + "-" + letters[4:]
}

// spell turns pairs of random bytes into characters; the remainder of 65,536
// by 25 makes some of them likelier by less than one in two thousand.
func spell(raw []byte, length int) string {
	out := make([]byte, length)
	for i := range out {
		n := int(raw[2*i])<<8 | int(raw[2*i+1])
		out[i] = alphabet[n%len(alphabet)]
	}
	return string(out)
}
