package main

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/opentdf/platform/sdk"
)

// readAssertions reads a JSON list of assertions; each may carry a signingKey {alg, key}.
func readAssertions(value string) ([]sdk.AssertionConfig, error) {
	content, err := fileOrInline("XT_WITH_ASSERTIONS", value)
	if err != nil {
		return nil, err
	}
	var assertions []sdk.AssertionConfig
	if err := json.Unmarshal(content, &assertions); err != nil {
		return nil, fmt.Errorf("XT_WITH_ASSERTIONS is not a JSON list of assertions: %w", err)
	}
	for i := range assertions {
		if assertions[i].SigningKey.IsEmpty() {
			continue // the SDK then signs with the payload key
		}
		if assertions[i].SigningKey, err = typedKey(assertions[i].SigningKey, parsePrivateKey); err != nil {
			return nil, fmt.Errorf("signing key of assertion %q: %w", assertions[i].ID, err)
		}
	}
	return assertions, nil
}

// readVerificationKeys reads {"keys": {"<assertion id>": {"alg": ..., "key": ...}}}.
func readVerificationKeys(value string) (sdk.AssertionVerificationKeys, error) {
	var keys sdk.AssertionVerificationKeys
	content, err := fileOrInline("XT_WITH_ASSERTION_VERIFICATION_KEYS", value)
	if err != nil {
		return keys, err
	}
	if err := json.Unmarshal(content, &keys); err != nil {
		return keys, fmt.Errorf("XT_WITH_ASSERTION_VERIFICATION_KEYS is not a JSON object of keys: %w", err)
	}
	for id, key := range keys.Keys {
		if keys.Keys[id], err = typedKey(key, parsePublicKey); err != nil {
			return keys, fmt.Errorf("verification key of assertion %q: %w", id, err)
		}
	}
	return keys, nil
}

// typedKey turns the text of a key into the Go type that the SDK's JWS library expects.
func typedKey(key sdk.AssertionKey, parseRSA func(*pem.Block) (any, error)) (sdk.AssertionKey, error) {
	text, isText := key.Key.(string)
	if !isText {
		return key, errors.New(`"key" is not a string`)
	}
	switch key.Alg {
	case sdk.AssertionKeyAlgHS256:
		key.Key = []byte(text)
		return key, nil
	case sdk.AssertionKeyAlgRS256:
		block, _ := pem.Decode([]byte(text))
		if block == nil {
			return key, errors.New(`"key" is not PEM, which RS256 needs`)
		}
		parsed, err := parseRSA(block)
		key.Key = parsed
		return key, err
	default:
		return key, fmt.Errorf("algorithm %q is unknown, expected HS256 or RS256", key.Alg)
	}
}

func parsePrivateKey(block *pem.Block) (any, error) {
	if block.Type == "RSA PRIVATE KEY" {
		return x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	return x509.ParsePKCS8PrivateKey(block.Bytes)
}

// parsePublicKey also takes the public half of a private key: xtest hands over either.
func parsePublicKey(block *pem.Block) (any, error) {
	switch block.Type {
	case "PUBLIC KEY":
		return x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		return x509.ParsePKCS1PublicKey(block.Bytes)
	}
	private, err := parsePrivateKey(block)
	if err != nil {
		return nil, err
	}
	pair, isRSA := private.(*rsa.PrivateKey)
	if !isRSA {
		return nil, fmt.Errorf("a %T is not an RSA key", private)
	}
	return &pair.PublicKey, nil
}
