package main

// features answers `supports`: what this program offers with the SDK version in go.mod.
// The names are xtest's; the last ones are this project's own.
var features = map[string]bool{
	"assertions":                  true,
	"assertion_verification":      true,
	"attribute_traversal":         true,
	"autoconfigure":               true,
	"better-messages-2024":        true,
	"bulk_rewrap":                 false, // the SDK can, cli.sh handles one file at a time
	"connectrpc":                  true,
	"dpop":                        true,
	"dpop_nonce_challenge":        true,
	"ecwrap":                      true,
	"hexaflexible":                true,
	"hexless":                     true,
	"kasallowlist":                true,
	"key_management":              true,
	"mechanism-ec-curves-384-521": true,
	"mechanism-mlkem":             true,
	"mechanism-rsa-4096":          true,
	"mechanism-secpmlkem":         true,
	"mechanism-xwing":             true,
	"ns_grants":                   true,
	"obligations":                 true,

	"access_token":        true,
	"asks_the_next":       true,
	"attributes":          true,
	"decrypt":             true,
	"ec_unwrap":           true,
	"encrypt":             true,
	"fulfils_obligations": true,
	"joins_parts":         true,
	"mime_type":           true,
	"nano":                false, // SDK and platform dropped it in 0.12.0; 0.4.7 writes what no key service opens any more
	"reads_4.2.2":         true,
	"verifies_integrity":  true,
}

func supports(feature string) int {
	offered, known := features[feature]
	switch {
	case !known:
		return exitUsage
	case offered:
		return exitSuccess
	default:
		return exitFailure
	}
}
