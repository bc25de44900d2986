package main

import (
	"github.com/opentdf/platform/sdk"
	"golang.org/x/oauth2"
)

// connect builds the SDK client. Without credentials it builds an anonymous one: what the
// platform then refuses, and how the SDK says so, is for the caller to see.
func connect(s *settings) (*sdk.SDK, error) {
	options := quiet()
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
