package seal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"

	"github.com/fellesloft/fellesloft/internal/fault"
	"golang.org/x/crypto/chacha20poly1305"
)

const (
	// EnvelopeStep is the step, in bytes, in which the size of an envelope
	// grows: coarser than for values, since an envelope's size is in the
	// receipt and in what a supplier hands to others.
	EnvelopeStep = 4096
	// MaxEnvelope is the largest envelope, in bytes.
	MaxEnvelope = 32 << 20

	envelopeLabel  = "fellesloft/envelope/1"
	envelopeMagic  = "FLE1"
	commitmentSize = 32
	envelopeHead   = len(envelopeMagic) + chacha20poly1305.NonceSizeX + commitmentSize
)

// Envelope is all answers of a lot and part as they are stored and handed out.
type Envelope struct {
	Ciphertext []byte
	// SHA256 is the hash of the ciphertext. A hash of the answers would let a
	// price be guessed and tried.
	SHA256 [sha256.Size]byte
}

// SealEnvelope is SealContent for answers alone.
func SealEnvelope(dk DataKey, scope Scope, answers []Answer) (Envelope, error) {
	return SealContent(dk, scope, Content{Answers: answers})
}

// SealContent encrypts the answers of a lot and part and the list of its files.
// Their order does not matter. The envelope commits to its data key and scope: no second key opens
// it, not even one made for the purpose. Faults: Invalid "seal.scope-invalid",
// "seal.answers-invalid", "seal.files-invalid"; TooLarge "seal.too-large",
// "seal.too-many-answers", "seal.too-many-files"; Internal "seal.key-gone".
func SealContent(dk DataKey, scope Scope, content Content) (Envelope, error) {
	if err := scope.openable(); err != nil {
		return Envelope{}, err
	}
	plain, err := encodeContent(content)
	if err != nil {
		return Envelope{}, err
	}
	defer clear(plain)
	padded := pad(plain, EnvelopeStep)
	defer clear(padded)
	size := envelopeHead + len(padded) + chacha20poly1305.Overhead
	if size > MaxEnvelope {
		return Envelope{}, tooLarge(MaxEnvelope)
	}

	out := make([]byte, envelopeHead, size)
	copy(out, envelopeMagic)
	nonce := out[len(envelopeMagic) : len(envelopeMagic)+chacha20poly1305.NonceSizeX]
	_, _ = rand.Read(nonce)
	key, commitment, err := envelopeKey(dk, scope, nonce)
	if err != nil {
		return Envelope{}, err
	}
	defer clear(key)
	copy(out[envelopeHead-commitmentSize:], commitment)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return Envelope{}, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	out = aead.Seal(out, nonce, padded, out[:envelopeHead])
	return Envelope{Ciphertext: out, SHA256: sha256.Sum256(out)}, nil
}

// OpenEnvelope gives the answers of an envelope, ordered by requirement. Faults
// as OpenContent.
func OpenEnvelope(dk DataKey, scope Scope, ciphertext []byte) ([]Answer, error) {
	content, err := OpenContent(dk, scope, ciphertext)
	return content.Answers, err
}

// OpenContent gives what an envelope holds, in its order. It refuses what
// SealContent would not have made. Faults: Invalid "seal.scope-invalid";
// Internal "seal.broken" for the wrong key or scope, or anything altered;
// Internal "seal.key-gone".
func OpenContent(dk DataKey, scope Scope, ciphertext []byte) (Content, error) {
	if err := scope.openable(); err != nil {
		return Content{}, err
	}
	if len(ciphertext) > MaxEnvelope || len(ciphertext) < envelopeHead+chacha20poly1305.Overhead ||
		string(ciphertext[:len(envelopeMagic)]) != envelopeMagic {
		return Content{}, broken("envelope")
	}
	head := ciphertext[:envelopeHead]
	nonce := head[len(envelopeMagic) : envelopeHead-commitmentSize]
	key, commitment, err := envelopeKey(dk, scope, nonce)
	if err != nil {
		return Content{}, err
	}
	defer clear(key)
	if subtle.ConstantTimeCompare(commitment, head[envelopeHead-commitmentSize:]) != 1 {
		return Content{}, broken("envelope")
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return Content{}, fault.Wrap(fault.Internal, "seal.cipher", err)
	}
	padded, err := aead.Open(nil, nonce, ciphertext[envelopeHead:], head)
	if err != nil {
		return Content{}, broken("envelope")
	}
	plain, err := unpad(padded, EnvelopeStep)
	if err != nil {
		return Content{}, err
	}
	return decodeContent(plain)
}

// envelopeKey derives the key of one envelope and a commitment to it. The
// cipher alone does not commit to its key, so a receipt would not prove which
// of two readings was sent; the commitment does.
func envelopeKey(dk DataKey, scope Scope, nonce []byte) (key, commitment []byte, err error) {
	out, err := dk.derive(nonce, string(fields([]byte(envelopeLabel), scope.bytes())), keySize+commitmentSize)
	if err != nil {
		return nil, nil, err
	}
	return out[:keySize], out[keySize:], nil
}
