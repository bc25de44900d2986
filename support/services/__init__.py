"""Where the services of a stack are, and who may call them: endpoints and credentials by name."""
