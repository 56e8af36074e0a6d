package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fellesloft/fellesloft/internal/seal"
)

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	dk := seal.NewDataKey()
	exported := string(must(dk.Export()))
	raw := must(base64.StdEncoding.DecodeString(exported))

	wrapping := filepath.Join(t.TempDir(), "wrapping.keys")
	signing := filepath.Join(t.TempDir(), "signing.keys")
	dir, folder := newKeyDir(t)
	values := map[string]any{
		"data key":            dk,
		"pointer to data key": &dk,
		"wrapping key":        wrappingKeyIn(t, wrapping, nil),
		"signing key":         signingKeyIn(t, signing),
		"key dir":             dir,
		"pointer to bundle":   &seal.Bundle{Parts: []seal.BundlePart{{DataKey: seal.ExportedKey(exported)}}},
		"in a struct":         struct{ Key seal.DataKey }{dk},
		"in a map":            map[string]seal.DataKey{"k": dk},
		"in a slice":          []seal.DataKey{dk},
	}
	secrets := []string{exported, hex.EncodeToString(raw), strings.ToUpper(hex.EncodeToString(raw)), fmt.Sprint(raw), string(raw)}
	for _, path := range []string{wrapping, signing, filepath.Join(folder, "master.keys")} {
		var file struct{ Keys []struct{ Secret string } }
		if err := json.Unmarshal(must(os.ReadFile(path)), &file); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, file.Keys[0].Secret)
		if b, err := base64.StdEncoding.DecodeString(file.Keys[0].Secret); err == nil {
			secrets = append(secrets, fmt.Sprint(b), hex.EncodeToString(b))
		}
	}
	for name, v := range values {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		if _, isBundle := v.(*seal.Bundle); !isBundle { // its JSON is the supplier's file
			_ = json.NewEncoder(&out).Encode(v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "v", v)
		if !strings.Contains(out.String(), "[secret]") {
			t.Errorf("%s: nothing was redacted: %s", name, out.String())
		}
		for i, s := range secrets {
			if strings.Contains(out.String(), s) {
				t.Errorf("%s: shows secret %d", name, i)
			}
		}
	}
}

func TestFaultsShowNoContent(t *testing.T) {
	t.Parallel()
	dk, scope := seal.NewDataKey(), newScope(seal.PartPrice)
	secret := string(must(dk.Export()))
	const content = "41900000"
	sealed := must(dk.EncryptAnswer(scope, answerOf(scope.Tender, 1, []byte(content))))
	sealed[40] ^= 1
	_, altered := dk.DecryptAnswer(scope, scope.Tender, 1, sealed)
	_, invalid := seal.SealEnvelope(dk, scope, []seal.Answer{{Requirement: scope.Tender, Version: 1, Value: []byte(content + "x")}})
	_, malformed := seal.ImportDataKey(seal.ExportedKey(secret + "x"))
	_, bundle := seal.ReadBundle(strings.NewReader(`{"format":"fellesloft-bundle/1","parts":[{"data_key":` + secret + `}]}`))
	for _, err := range []error{altered, invalid, malformed, bundle} {
		if err == nil || strings.Contains(err.Error(), content) || strings.Contains(err.Error(), secret[:12]) {
			t.Errorf("fault: %v", err)
		}
	}
}
