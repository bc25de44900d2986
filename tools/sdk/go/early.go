//go:build sdk0_4

// What SDK versions 0.4 lack of the interface that the rest of this program uses.
package main

import (
	"context"
	"errors"

	"github.com/opentdf/platform/sdk"
)

func init() {
	for _, name := range []string{
		"attribute_traversal", "dpop", "dpop_nonce_challenge", "fulfils_obligations", "key_management",
		"mechanism-ec-curves-384-521", "mechanism-mlkem", "mechanism-rsa-4096",
		"mechanism-secpmlkem", "mechanism-xwing", "obligations",
	} {
		features[name] = false
	}
}

func quiet() []sdk.Option { return nil }

func dpopOptions(s *settings) ([]sdk.Option, error) {
	if s.dpopKeyFile != "" || s.dpopAlgorithm != "" {
		return nil, errors.New("this version of the SDK cannot do that: DPoP came later")
	}
	return nil, nil
}

func fulfilling(_ []string) (sdk.TDFReaderOption, error) {
	return nil, errors.New("this version of the SDK cannot do that: obligations came later")
}

func withObligations(_ context.Context, _ *sdk.Reader, refusal error) error { return refusal }
