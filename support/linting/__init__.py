"""The linter: everything a run refuses in a feature, and the habits that keep features readable."""
