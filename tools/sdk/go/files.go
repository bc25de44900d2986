package main

import (
	"fmt"
	"io"
	"os"
)

// throughFiles gives work the opened source and a temporary file that becomes the
// destination only when work succeeds: a failed call never leaves half a result behind.
func throughFiles(source, destination string, work func(io.ReadSeeker, io.Writer) error) error {
	in, err := os.Open(source)
	if err != nil {
		return fmt.Errorf("cannot read the source file: %w", err)
	}
	defer in.Close()

	partial := destination + ".partial"
	out, err := os.Create(partial)
	if err != nil {
		return fmt.Errorf("cannot write the destination file: %w", err)
	}
	defer os.Remove(partial)

	if err := work(in, out); err != nil {
		out.Close()
		return err
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("cannot write the destination file: %w", err)
	}
	return os.Rename(partial, destination)
}
