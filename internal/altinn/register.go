package altinn

import (
	"bytes"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/fellesloft/fellesloft/internal/signin"
)

const (
	// patience bounds one question with all that it takes: a request waits for it.
	patience   = 5 * time.Second
	maxFetched = 1 << 20
)

// Register is Altinn's, as signin.Authoriser asks it. It is safe for use by many
// goroutines.
type Register struct {
	Settings
	signing *rsa.PrivateKey
	now     func() time.Time
	client  *http.Client

	mu    sync.Mutex
	token held
}

var _ signin.Authoriser = (*Register)(nil)

// New makes a Register. Nothing is fetched before it is asked. It returns invalid
// (config.half-set, config.address, config.key-file), also where nothing is set.
func New(s Settings, now func() time.Time) (*Register, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	// Answers come from the address that was asked, or not at all: a redirect
	// would carry the token and the subscription key elsewhere.
	client := &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return &Register{Settings: s, signing: key, now: now, client: client}, nil
}

// Permits asks the register. An error means that it gave no decision.
func (r *Register) Permits(ctx context.Context, u signin.SystemUser) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	body, err := json.Marshal(question(u, r.Resource))
	if err != nil {
		return false, err
	}
	token, err := r.altinnToken(ctx)
	if err != nil {
		return false, err
	}
	status, answer, err := r.ask(ctx, body, token)
	if status == http.StatusUnauthorized {
		// Altinn has let the token go before its time, or changed its keys.
		r.drop(token)
		if token, err = r.altinnToken(ctx); err != nil {
			return false, err
		}
		status, answer, err = r.ask(ctx, body, token)
	}
	if err != nil {
		return false, err
	}
	if status != http.StatusOK {
		return false, fmt.Errorf("the authorisation register answered %d", status)
	}
	return permitted(answer)
}

func (r *Register) ask(ctx context.Context, body []byte, token string) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.at("/authorization/api/v1/authorize"), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Ocp-Apim-Subscription-Key", r.SubscriptionKey)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	return r.send(request)
}

func (r *Register) send(request *http.Request) (int, []byte, error) {
	answer, err := r.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxFetched))
	return answer.StatusCode, body, err
}

// get fetches what an address answers with 200.
func (r *Register) get(request *http.Request) ([]byte, error) {
	status, body, err := r.send(request)
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s answered %d", request.URL.Path, status)
	}
	if len(body) == 0 {
		return nil, errors.New(request.URL.Path + " answered nothing")
	}
	return body, nil
}
