package keyservice

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"
)

// patience bounds one call.
const patience = 10 * time.Second

// largest is more than any answer of the transit engine to what is asked here.
const largest = 1 << 20

// vault is a key of Vault's transit engine, over its HTTP API.
type vault struct {
	server                url.URL
	mount, key, namespace string
	tokenFile             string
	client                *http.Client
}

func newVault(u *url.URL, tokenFile string) (Service, error) {
	v := &vault{tokenFile: tokenFile, namespace: u.Query().Get("namespace")}
	v.server = url.URL{Scheme: strings.TrimPrefix(u.Scheme, "vault+"), Host: u.Host}
	mount, key := path.Split(strings.Trim(u.Path, "/"))
	v.mount, v.key = strings.Trim(mount, "/"), key
	open := v.server.Scheme == "http" && !loopback(u.Hostname())
	if u.Host == "" || u.User != nil || v.mount == "" || v.key == "" || tokenFile == "" || open {
		return nil, malformed()
	}
	// A token must not follow a redirection to another server.
	v.client = &http.Client{Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return v, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Encrypt implements Service.
func (v *vault) Encrypt(ctx context.Context, plaintext []byte) ([]byte, error) {
	var out struct {
		Data struct {
			Ciphertext string `json:"ciphertext"`
		} `json:"data"`
	}
	if err := v.call(ctx, "encrypt", map[string][]byte{"plaintext": plaintext}, &out); err != nil {
		return nil, away(err)
	}
	if !strings.HasPrefix(out.Data.Ciphertext, "vault:") {
		return nil, away(fmt.Errorf("vault gave no ciphertext"))
	}
	return []byte(out.Data.Ciphertext), nil
}

// Decrypt implements Service.
func (v *vault) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	var out struct {
		Data struct {
			Plaintext []byte `json:"plaintext"`
		} `json:"data"`
	}
	err := v.call(ctx, "decrypt", map[string]string{"ciphertext": string(ciphertext)}, &out)
	var status statusError
	switch {
	case err == nil && len(out.Data.Plaintext) > 0:
		return out.Data.Plaintext, nil
	case err == nil:
		return nil, away(fmt.Errorf("vault gave no plaintext"))
	case asStatus(err, &status) && status == http.StatusBadRequest:
		// The transit engine says so of what another key has made.
		return nil, refused(err)
	}
	return nil, away(err)
}

// statusError is an answer other than the wanted one. Its text is the number
// alone: a body could repeat what was sent.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("vault answers %d", int(e)) }

func asStatus(err error, s *statusError) bool {
	e, ok := err.(statusError) //nolint:errorlint // call gives it as it is
	*s = e
	return ok
}

func (v *vault) call(ctx context.Context, operation string, in, out any) error {
	token, err := os.ReadFile(v.tokenFile)
	if err != nil {
		return err
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	address := v.server.JoinPath("v1", v.mount, operation, v.key)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Vault-Request", "true")
	r.Header.Set("X-Vault-Token", strings.TrimSpace(string(token)))
	if v.namespace != "" {
		r.Header.Set("X-Vault-Namespace", v.namespace)
	}
	answer, err := v.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return statusError(answer.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(answer.Body, largest)).Decode(out)
}
