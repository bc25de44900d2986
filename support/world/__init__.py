"""What scenarios speak to: one World per unit, and the people and things in it."""
