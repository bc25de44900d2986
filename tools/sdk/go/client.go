package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/opentdf/platform/sdk"
	"golang.org/x/oauth2"
)

// connect builds the SDK client. Without credentials it builds an anonymous one: what the
// platform then refuses, and how the SDK says so, is for the caller to see.
func connect(s *settings) (*sdk.SDK, error) {
	options := []sdk.Option{
		// The SDK logs on standard error by default, where callers expect one line.
		sdk.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))),
	}
	if s.plaintext() {
		options = append(options, sdk.WithInsecurePlaintextConn())
	}
	if s.tokenEndpoint != "" {
		options = append(options, sdk.WithTokenEndpoint(s.tokenEndpoint)) //nolint:staticcheck // the only way to name it
	}
	switch {
	case s.accessToken != "":
		source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: s.accessToken, TokenType: "Bearer"})
		options = append(options, sdk.WithOAuthAccessTokenSource(source))
	case s.clientID != "":
		options = append(options, sdk.WithClientCredentials(s.clientID, s.clientSecret, nil))
	}
	dpop, err := dpopOptions(s)
	if err != nil {
		return nil, err
	}
	return sdk.New(s.platformURL, append(options, dpop...)...)
}

// dpopOptions reads XT_WITH_DPOP ("true" or a signature algorithm) and XT_WITH_DPOP_KEY.
func dpopOptions(s *settings) ([]sdk.Option, error) {
	var options []sdk.Option
	if s.dpopKeyFile != "" {
		key, err := os.ReadFile(s.dpopKeyFile)
		if err != nil {
			return nil, fmt.Errorf("XT_WITH_DPOP_KEY names no readable file: %w", err)
		}
		options = append(options, sdk.WithDPoPKeyPEM(key))
	}
	if s.dpopAlgorithm != "" && !isTrue(s.dpopAlgorithm) && !strings.EqualFold(s.dpopAlgorithm, "false") {
		options = append(options, sdk.WithDPoPAlgorithm(sdk.SigningAlgorithm(s.dpopAlgorithm)))
	}
	return options, nil
}
