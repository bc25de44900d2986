module opentdf.io/acceptance/goshim

go 1.26.10

require (
	github.com/opentdf/platform/lib/ocrypto v0.0.0
	github.com/opentdf/platform/sdk v0.36.0
	golang.org/x/oauth2 v0.0.0
)
