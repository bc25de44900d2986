package main

import (
	"context"
	"io"

	"github.com/opentdf/platform/lib/ocrypto"
	"github.com/opentdf/platform/sdk"
)

func encrypt(ctx context.Context, s *settings, in io.ReadSeeker, out io.Writer) error {
	options, err := encryptOptions(s)
	if err != nil {
		return err
	}
	client, err := connect(s)
	if err != nil {
		return err
	}
	_, err = client.CreateTDFContext(ctx, out, in, options...)
	return err
}

func encryptOptions(s *settings) ([]sdk.TDFOption, error) {
	wrapping := ocrypto.RSA2048Key
	if s.ecWrap {
		wrapping = ocrypto.EC256Key
	}
	options := []sdk.TDFOption{
		sdk.WithDataAttributes(s.attributes...),
		sdk.WithKasInformation(sdk.KASInfo{URL: s.kasURL}),
		sdk.WithWrappingKeyAlg(wrapping), //nolint:staticcheck // deprecated, without a replacement yet
	}
	if s.mimeType != "" {
		options = append(options, sdk.WithMimeType(s.mimeType))
	}
	if s.targetMode != "" {
		options = append(options, sdk.WithTargetMode(s.targetMode))
	}
	if s.assertions != "" {
		assertions, err := readAssertions(s.assertions)
		if err != nil {
			return nil, err
		}
		options = append(options, sdk.WithAssertions(assertions...))
	}
	return options, nil
}
