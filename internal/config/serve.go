package config

import "time"

// Serve is what serve reads. It has the wrapping and the signing key, and never
// the opening keys of the worker.
type Serve struct {
	Common
	// ListenAddr is host:port of the API and the pages.
	ListenAddr string `env:"LISTEN_ADDR, default=:8080"`
	// PublicURL is the address at which people and systems reach the program.
	PublicURL string `env:"PUBLIC_URL, required"`
	// TrustedProxies are addresses or networks in front of the program, whose
	// X-Forwarded-For and X-Forwarded-Proto are believed.
	TrustedProxies []string `env:"TRUSTED_PROXIES"`

	// DatabaseURL is the app role's address, PublicDatabaseURL that of the role
	// anyone, by which all that needs no sign-in is read.
	DatabaseURL       string `env:"DATABASE_URL_APP, required"`
	PublicDatabaseURL string `env:"DATABASE_URL_ANYONE, required"`
	// DatabaseConns bounds the pool; SubmissionConns are connections kept for
	// submitting tenders, PublicConns those of the role anyone.
	DatabaseConns   int32 `env:"DATABASE_CONNS_APP, default=16"`
	SubmissionConns int32 `env:"DATABASE_CONNS_SUBMISSIONS, default=8"`
	PublicConns     int32 `env:"DATABASE_CONNS_ANYONE, default=8"`

	// Issuers whose tokens are believed, each exactly as its tokens write it.
	Issuers []string `env:"ISSUERS, required"`
	// Audience that every token must name; empty for issuers whose tokens name
	// none.
	Audience string `env:"AUDIENCE"`
	// ScopePrefix stands before this deployment's scopes, as Maskinporten gives
	// it: fellesloft in fellesloft:anbud.read.
	ScopePrefix string `env:"SCOPE_PREFIX, default=fellesloft"`
	// SystemIssuer is the one of Issuers whose tokens organisations' own systems
	// and supplier systems have; the first where none is named.
	SystemIssuer string `env:"SYSTEM_ISSUER"`
	// Register is Altinn's, asked what a supplier system may do.
	Register

	// Ansattporten, IDporten and OIDC are the issuers that people sign in with;
	// one of which nothing is set is not used.
	Ansattporten Login `env:", prefix=ANSATTPORTEN_"`
	IDporten     Login `env:", prefix=IDPORTEN_"`
	OIDC         Login `env:", prefix=OIDC_"`
	// SessionIdle and SessionMax bound how long a person stays signed in:
	// without doing anything, and at all.
	SessionIdle time.Duration `env:"SESSION_IDLE, default=30m"`
	SessionMax  time.Duration `env:"SESSION_MAX, default=8h"`

	// LimitPerAddress and LimitPerIdentity bound the requests of a minute: of one
	// address, and of one signed-in caller for one permission; 0 sets no bound.
	LimitPerAddress  int `env:"LIMIT_PER_ADDRESS, default=3000"`
	LimitPerIdentity int `env:"LIMIT_PER_IDENTITY, default=600"`

	// KeyService has encrypted the two key files; none where they are plain.
	KeyService KeyService `env:", prefix=SERVE_KEY_SERVICE_"`
	// WrappingKeyFile and SigningKeyFile are made by admin keys init.
	WrappingKeyFile string `env:"WRAPPING_KEY_FILE, required"`
	SigningKeyFile  string `env:"SIGNING_KEY_FILE, required"`
	// SecretFile holds what keys the hashes of repeated inputs and of names in
	// the audit log; at least 32 bytes, the same for every serve and worker.
	SecretFile string `env:"AUDIT_SECRET_FILE, required"`

	// AttachmentMaxFile and AttachmentMaxTender bound a file and all files of a
	// tender, in bytes; AttachmentMaxCount their number. AttachmentTypes are the
	// file name extensions that are taken.
	AttachmentMaxFile   int64    `env:"ATTACHMENT_MAX_FILE, default=104857600"`
	AttachmentMaxTender int64    `env:"ATTACHMENT_MAX_TENDER, default=1073741824"`
	AttachmentMaxCount  int      `env:"ATTACHMENT_MAX_COUNT, default=200"`
	AttachmentTypes     []string `env:"ATTACHMENT_TYPES, default=pdf,docx,xlsx,pptx,odt,ods,txt,csv,png,jpg,jpeg"`

	// Sandboxes lets organisations make sandboxes here.
	Sandboxes bool `env:"SANDBOXES, default=false"`
	// RequestDeadline bounds one request.
	RequestDeadline time.Duration `env:"REQUEST_DEADLINE, default=30s"`
	// StopWait is how long running requests get to end at shutdown.
	StopWait time.Duration `env:"STOP_WAIT, default=20s"`
}

// Login is an issuer that people sign in with (OpenID Connect). All of what is
// needed is set, or nothing.
type Login struct {
	// Issuer is its address as its metadata write it; the national issuers' own
	// where none is set.
	Issuer   string `env:"ISSUER"`
	ClientID string `env:"CLIENT_ID"`
	// SecretFile or KeyFile authenticates the program: a shared secret, or an RSA
	// key in PEM, with KeyID as the issuer knows it.
	SecretFile string `env:"CLIENT_SECRET_FILE"`
	KeyFile    string `env:"CLIENT_KEY_FILE"`
	KeyID      string `env:"CLIENT_KEY_ID"`
	// Scopes and ACR (levels of assurance that are good enough) have usual
	// values.
	Scopes []string `env:"SCOPES"`
	ACR    []string `env:"ACR"`
	// Services (Altinn 2) and Resources (Altinn 3): a right to one of them for an
	// organisation makes the person its administrator here.
	Services  []string `env:"SERVICES"`
	Resources []string `env:"RESOURCES"`
}

// Register is Altinn's authorisation register, and the client in Maskinporten
// that asks it. All is set, or nothing.
type Register struct {
	Platform        string `env:"ALTINN_PLATFORM"`
	SubscriptionKey string `env:"ALTINN_SUBSCRIPTION_KEY"`
	Resource        string `env:"ALTINN_RESOURCE"`
	Issuer          string `env:"MASKINPORTEN_ISSUER"`
	ClientID        string `env:"MASKINPORTEN_CLIENT_ID"`
	KeyID           string `env:"MASKINPORTEN_KEY_ID"`
	KeyFile         string `env:"MASKINPORTEN_KEY_FILE"`
}
