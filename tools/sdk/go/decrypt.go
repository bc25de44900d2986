package main

import (
	"context"
	"io"

	"github.com/opentdf/platform/lib/ocrypto"
	"github.com/opentdf/platform/sdk"
)

func decrypt(ctx context.Context, s *settings, in io.ReadSeeker, out io.Writer) error {
	options, err := decryptOptions(s)
	if err != nil {
		return err
	}
	client, err := connect(s)
	if err != nil {
		return err
	}
	reader, err := client.LoadTDF(in, options...)
	if err != nil {
		return err
	}
	if err := reader.Init(ctx); err != nil {
		return withObligations(ctx, reader, err)
	}
	_, err = reader.WriteTo(out)
	return err
}

func decryptOptions(s *settings) ([]sdk.TDFReaderOption, error) {
	options := []sdk.TDFReaderOption{
		sdk.WithDisableAssertionVerification(!s.verifyAssertions),
		sdk.WithIgnoreAllowlist(s.ignoreAllowList),
	}
	if len(s.fulfillable) > 0 {
		declared, err := fulfilling(s.fulfillable)
		if err != nil {
			return nil, err
		}
		options = append(options, declared)
	}
	if s.ecWrap {
		options = append(options, sdk.WithSessionKeyType(ocrypto.EC256Key))
	}
	if len(s.kasAllowList) > 0 {
		options = append(options, sdk.WithKasAllowlist(s.kasAllowList))
	}
	if s.assertionKeys != "" {
		keys, err := readVerificationKeys(s.assertionKeys)
		if err != nil {
			return nil, err
		}
		options = append(options, sdk.WithAssertionVerificationKeys(keys))
	}
	return options, nil
}
