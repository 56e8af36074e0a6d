package config

import "time"

// Worker is what the worker reads. It has the opening keys, and neither the
// wrapping nor the signing key of serve.
type Worker struct {
	Common
	// DatabaseURL is the engine role's address.
	DatabaseURL string `env:"DATABASE_URL_ENGINE, required"`
	// DatabaseConns bounds the pool.
	DatabaseConns int32 `env:"DATABASE_CONNS_ENGINE, default=16"`
	// KeyService holds the master key; none where it is a file.
	KeyService KeyService `env:", prefix=WORKER_KEY_SERVICE_"`
	// KeyDir holds the opening keys, encrypted by the key service or with the key
	// in KeyMasterFile, which need not be there where there is a service. The
	// folder belongs to the worker alone.
	KeyDir        string `env:"KEY_DIR, required"`
	KeyMasterFile string `env:"KEY_MASTER_FILE, required"`
	// ReceiptKeysFile holds the published keys by which a receipt is verified
	// before its envelopes are opened.
	ReceiptKeysFile string `env:"RECEIPT_KEYS_FILE, required"`
	// SecretFile keys the hashes of names in the audit log; the same as
	// serve's.
	SecretFile string `env:"AUDIT_SECRET_FILE, required"`
	SMTP       SMTP   `env:", prefix=SMTP_"`
	// ReconcileEvery is how often every open case is compared with Temporal.
	ReconcileEvery time.Duration `env:"RECONCILE_EVERY, default=5m"`
	// OutboxAlarm is the age of the oldest waiting message from which the relay
	// raises its alarm.
	OutboxAlarm time.Duration `env:"OUTBOX_ALARM, default=5m"`
	// KeyCheckEvery is how often the opening keys are tried.
	KeyCheckEvery time.Duration `env:"KEY_CHECK_EVERY, default=24h"`
	// StopWait is how long running activities get to end at shutdown.
	StopWait time.Duration `env:"STOP_WAIT, default=20s"`
}

// KeyService is a key management service: the URL of a key (package keyservice),
// and for Vault the file of its token.
type KeyService struct {
	URL       string `env:"URL"`
	TokenFile string `env:"TOKEN_FILE"`
}

// SMTP is the mail server.
type SMTP struct {
	Host string `env:"HOST, required"`
	Port int    `env:"PORT, default=587"`
	// Username and Password are both set or both empty.
	Username string `env:"USERNAME"`
	Password string `env:"PASSWORD"`
	// From is the sender, with or without a name.
	From string `env:"FROM, required"`
	// TLS is mandatory (STARTTLS), implicit (TLS from the first byte),
	// opportunistic, or none for a server on the same host.
	TLS string `env:"TLS, default=mandatory"`
}
