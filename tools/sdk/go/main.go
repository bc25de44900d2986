// Command opentdf-go-shim honours xtest's cli.sh contract on top of the OpenTDF Go SDK.
//
// It is started by the cli.sh beside it:
//
//	cli.sh encrypt|decrypt <source> <destination> ztdf
//	cli.sh supports <feature>     exit code 0 yes, 1 no, 2 unknown name
//	cli.sh version
//
// Everything else (endpoints, credentials, options) comes from the environment, so that no
// secret is ever visible in a process list.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/opentdf/platform/sdk"
)

const (
	exitSuccess = 0
	exitFailure = 1
	// exitUsage answers a command, format or feature name that this program does not know.
	exitUsage = 2

	containerFormat = "ztdf"
	transferArgs    = 4
)

// errUsage marks a call that does not follow the contract.
var errUsage = errors.New("usage")

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

// run answers one call and returns its exit code.
func run(ctx context.Context, args []string, lookup lookupFunc, stdout, stderr io.Writer) int {
	if len(args) == 2 && args[0] == "supports" {
		return supports(args[1])
	}
	if len(args) == 1 && args[0] == "version" {
		fmt.Fprintln(stdout, sdk.Version)
		return exitSuccess
	}
	err := transfer(ctx, args, lookup)
	if err == nil {
		return exitSuccess
	}
	fmt.Fprintln(stderr, oneLine(err))
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitFailure
}

// transfer runs `encrypt` or `decrypt`.
func transfer(ctx context.Context, args []string, lookup lookupFunc) error {
	if len(args) != transferArgs {
		return fmt.Errorf("%w: cli.sh encrypt|decrypt <source> <destination> ztdf, "+
			"cli.sh supports <feature>, cli.sh version; got %d arguments", errUsage, len(args))
	}
	command, source, destination, format := args[0], args[1], args[2], args[3]
	if format != containerFormat {
		return fmt.Errorf("%w: container format %q is unknown, expected %q", errUsage, format, containerFormat)
	}
	operations := map[string]func(context.Context, *settings, io.ReadSeeker, io.Writer) error{
		"encrypt": encrypt,
		"decrypt": decrypt,
	}
	operation, known := operations[command]
	if !known {
		return fmt.Errorf("%w: command %q is unknown, expected encrypt, decrypt, supports or version", errUsage, command)
	}
	chosen, err := readSettings(lookup)
	if err != nil {
		return err
	}
	return throughFiles(source, destination, func(in io.ReadSeeker, out io.Writer) error {
		return operation(ctx, chosen, in, out)
	})
}

// oneLine renders an error, joined ones included, as one line.
func oneLine(err error) string {
	return strings.Join(strings.FieldsFunc(err.Error(), func(r rune) bool {
		return r == '\n' || r == '\r'
	}), "; ")
}
