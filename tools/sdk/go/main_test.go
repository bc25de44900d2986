package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentdf/platform/sdk"
)

// environment gives a lookup function over fixed values.
func environment(values map[string]string) lookupFunc {
	return func(name string) (string, bool) {
		value, set := values[name]
		return value, set
	}
}

func TestWrongUseExitsTwoAndSaysWhatWasExpected(t *testing.T) {
	for _, args := range [][]string{
		{}, {"encrypt", "a"}, {"sign", "a", "b", "ztdf"}, {"encrypt", "a", "b", "nano"},
	} {
		var out, problems bytes.Buffer
		code := run(context.Background(), args, environment(nil), &out, &problems)
		if code != exitUsage || problems.Len() == 0 || out.Len() > 0 {
			t.Errorf("%q: exit code %d, output %q, error %q", args, code, out.String(), problems.String())
		}
	}
}

func TestSupportsAnswersByExitCode(t *testing.T) {
	for feature, expected := range map[string]int{"ecwrap": 0, "bulk_rewrap": 1, "no-such-feature": 2} {
		if code := run(context.Background(), []string{"supports", feature}, environment(nil), io.Discard, io.Discard); code != expected {
			t.Errorf("%s: exit code %d, expected %d", feature, code, expected)
		}
	}
}

func TestTheVersionIsTheSDKs(t *testing.T) {
	var out bytes.Buffer
	run(context.Background(), []string{"version"}, environment(nil), &out, io.Discard)
	if strings.TrimSpace(out.String()) != sdk.Version {
		t.Errorf("got %q", out.String())
	}
}

func TestSettings(t *testing.T) {
	found, err := readSettings(environment(map[string]string{
		"PLATFORMURL":                     "http://localhost:8080/",
		"XT_WITH_ATTRIBUTES":              "a, b,,",
		"XT_WITH_KAS_ALLOWLIST":           "http://one",
		"XT_WITH_VERIFY_ASSERTIONS":       "FALSE",
		"XT_WITH_FULFILLABLE_OBLIGATIONS": "https://a.test/obl/b/value/c, https://a.test/obl/b/value/d",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if found.kasURL != "http://localhost:8080/kas" || !found.plaintext() || found.verifyAssertions {
		t.Errorf("got %+v", found)
	}
	if len(found.attributes) != 2 || len(found.kasAllowList) != 1 || len(found.fulfillable) != 2 {
		t.Errorf("lists: %q, %q, %q", found.attributes, found.kasAllowList, found.fulfillable)
	}
}

func TestSettingsThatAreMissingAreNamed(t *testing.T) {
	for variable, values := range map[string]map[string]string{
		"PLATFORMURL":  {},
		"CLIENTSECRET": {"PLATFORMURL": "http://localhost", "CLIENTID": "opentdf"},
	} {
		if _, err := readSettings(environment(values)); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s: got %v", variable, err)
		}
	}
}

func TestAssertionKeysTakeTheTypesThatTheSDKNeeds(t *testing.T) {
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(pair)}))
	assertions, err := json.Marshal([]map[string]any{
		{"id": "unsigned"},
		{"id": "shared", "signingKey": map[string]string{"alg": "HS256", "key": "k"}},
		{"id": "signed", "signingKey": map[string]string{"alg": "RS256", "key": private}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "assertions.json")
	if err := os.WriteFile(file, assertions, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, value := range []string{string(assertions), file} {
		read, err := readAssertions(value)
		if err != nil {
			t.Fatal(err)
		}
		_, isBytes := read[1].SigningKey.Key.([]byte)
		_, isPrivate := read[2].SigningKey.Key.(*rsa.PrivateKey)
		if !read[0].SigningKey.IsEmpty() || !isBytes || !isPrivate {
			t.Errorf("got %+v", read)
		}
	}
	keys, err := json.Marshal(map[string]any{"keys": map[string]any{"signed": map[string]string{"alg": "RS256", "key": private}}})
	if err != nil {
		t.Fatal(err)
	}
	read, err := readVerificationKeys(string(keys))
	if _, isPublic := read.Keys["signed"].Key.(*rsa.PublicKey); err != nil || !isPublic {
		t.Errorf("got %+v, %v", read, err)
	}
}

func TestBadAssertionInputIsNamed(t *testing.T) {
	for value, expected := range map[string]string{
		"/no/such/file": "neither JSON nor a readable file",
		"[1]":           "not a JSON list of assertions",
		`[{"id":"a","signingKey":{"alg":"RS256","key":"x"}}]`: "not PEM",
		`[{"id":"a","signingKey":{"alg":"none","key":"x"}}]`:  `algorithm "none" is unknown`,
		`[{"id":"a","signingKey":{"alg":"HS256","key":1}}]`:   "not a string",
	} {
		if _, err := readAssertions(value); err == nil || !strings.Contains(err.Error(), expected) {
			t.Errorf("%s: got %v", value, err)
		}
	}
}

func TestAFailedCallLeavesNoFile(t *testing.T) {
	folder := t.TempDir()
	source, destination := filepath.Join(folder, "in"), filepath.Join(folder, "out")
	if err := os.WriteFile(source, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	refusal := errors.New("refused")
	err := throughFiles(source, destination, func(_ io.ReadSeeker, out io.Writer) error {
		if _, err := out.Write([]byte("half a result")); err != nil {
			return err
		}
		return refusal
	})
	left, _ := filepath.Glob(filepath.Join(folder, "out*"))
	if !errors.Is(err, refusal) || len(left) > 0 {
		t.Errorf("got %v, left %q", err, left)
	}
}

func TestJoinedErrorsAreOneLine(t *testing.T) {
	joined := errors.Join(errors.New("one"), errors.New("two"))
	if line := oneLine(joined); line != "one; two" {
		t.Errorf("got %q", line)
	}
}
