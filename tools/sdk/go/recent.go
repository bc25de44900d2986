//go:build !sdk0_4

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/opentdf/platform/sdk"
)

// quiet keeps the SDK from logging on standard error, where callers expect one line.
func quiet() []sdk.Option {
	return []sdk.Option{sdk.WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil)))}
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

// fulfilling lets the reader say which obligations it can fulfil, by their full names.
func fulfilling(names []string) (sdk.TDFReaderOption, error) {
	return sdk.WithTDFFulfillableObligationFQNs(names), nil
}

// withObligations names the obligations that a refused caller did not fulfil, as otdfctl does.
func withObligations(ctx context.Context, reader *sdk.Reader, refusal error) error {
	if !errors.Is(refusal, sdk.ErrRewrapForbidden) {
		return refusal
	}
	obligations, err := reader.Obligations(ctx)
	if err != nil || len(obligations.FQNs) == 0 {
		return refusal
	}
	return fmt.Errorf("%w: required obligations: %s", refusal, strings.Join(obligations.FQNs, ", "))
}
