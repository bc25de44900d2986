package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// lookupFunc has the shape of os.LookupEnv, so that tests need no process environment.
type lookupFunc func(name string) (string, bool)

// settings is the environment of one call, read once.
type settings struct {
	platformURL   string
	kasURL        string
	tokenEndpoint string
	clientID      string
	clientSecret  string
	accessToken   string

	attributes []string
	assertions string
	mimeType   string
	targetMode string
	ecWrap     bool

	assertionKeys    string
	verifyAssertions bool
	kasAllowList     []string
	ignoreAllowList  bool
	fulfillable      []string

	dpopAlgorithm string
	dpopKeyFile   string
}

func readSettings(lookup lookupFunc) (*settings, error) {
	text := func(names ...string) string {
		for _, name := range names {
			if value, _ := lookup(name); value != "" {
				return value
			}
		}
		return ""
	}
	found := &settings{
		platformURL:   strings.TrimRight(text("PLATFORMURL"), "/"),
		kasURL:        text("KASURL"),
		tokenEndpoint: text("TOKENENDPOINT"),
		clientID:      text("CLIENTID"),
		clientSecret:  text("CLIENTSECRET"),
		accessToken:   text("XT_WITH_ACCESS_TOKEN"),

		attributes: list(text("XT_WITH_ATTRIBUTES")),
		assertions: text("XT_WITH_ASSERTIONS"),
		mimeType:   text("XT_WITH_MIME_TYPE"),
		targetMode: text("XT_WITH_TARGET_MODE"),
		ecWrap:     isTrue(text("XT_WITH_ECWRAP")),

		assertionKeys:    text("XT_WITH_ASSERTION_VERIFICATION_KEYS"),
		verifyAssertions: !strings.EqualFold(text("XT_WITH_VERIFY_ASSERTIONS"), "false"),
		// xtest sets one spelling and its scripts read the other: both count.
		kasAllowList:    list(text("XT_WITH_KAS_ALLOW_LIST", "XT_WITH_KAS_ALLOWLIST")),
		ignoreAllowList: isTrue(text("XT_WITH_IGNORE_KAS_ALLOWLIST")),
		fulfillable:     list(text("XT_WITH_FULFILLABLE_OBLIGATIONS")),

		dpopAlgorithm: text("XT_WITH_DPOP"),
		dpopKeyFile:   text("XT_WITH_DPOP_KEY"),
	}
	if found.platformURL == "" {
		return nil, errors.New("PLATFORMURL is not set; expected the platform's address, such as http://localhost:8080")
	}
	if found.kasURL == "" {
		found.kasURL = found.platformURL + "/kas"
	}
	if (found.clientID == "") != (found.clientSecret == "") {
		return nil, errors.New("CLIENTID and CLIENTSECRET belong together; only one of them is set")
	}
	return found, nil
}

func (s *settings) plaintext() bool {
	return strings.HasPrefix(strings.ToLower(s.platformURL), "http://")
}

func isTrue(value string) bool {
	return strings.EqualFold(value, "true") || value == "1"
}

// list splits a comma-separated value and drops empty parts.
func list(value string) []string {
	var parts []string
	for _, part := range strings.Split(value, ",") {
		if trimmed := strings.TrimSpace(part); trimmed != "" {
			parts = append(parts, trimmed)
		}
	}
	return parts
}

// fileOrInline returns JSON given in place, or the content of the file that value names.
func fileOrInline(variable, value string) ([]byte, error) {
	if trimmed := strings.TrimSpace(value); strings.HasPrefix(trimmed, "[") || strings.HasPrefix(trimmed, "{") {
		return []byte(trimmed), nil
	}
	content, err := os.ReadFile(value)
	if err != nil {
		return nil, fmt.Errorf("%s holds neither JSON nor a readable file: %w", variable, err)
	}
	return content, nil
}
