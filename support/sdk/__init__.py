"""SDKs under test: the cli.sh contract, discovery, capabilities, running and classifying."""
